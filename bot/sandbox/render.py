"""People, chats and messages as the Bot API shows them."""

from typing import TYPE_CHECKING

from bot.sandbox.world import ANONYMOUS_ADMINISTRATOR, Group, Json, Message, Person

if TYPE_CHECKING:
    from bot.sandbox.core import Core


def user(person: Person) -> Json:
    """A User object."""
    shown: Json = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    for key in ("last_name", "username", "language_code"):
        if value := getattr(person, key):
            shown[key] = value
    return shown


def chat(core: "Core", chat_id: int) -> Json:
    """A Chat object."""
    group = core.world.groups.get(chat_id)
    if group is not None:
        return group_chat(group)
    person = core.world.people[chat_id]
    shown: Json = {"id": person.id, "type": "private", "first_name": person.first_name}
    for key in ("last_name", "username"):
        if value := getattr(person, key):
            shown[key] = value
    return shown


def group_chat(group: Group) -> Json:
    """A Chat object of a group."""
    shown: Json = {"id": group.id, "type": "supergroup" if group.supergroup else "group", "title": group.title}
    if group.username:
        shown["username"] = group.username
    if group.forum:
        shown["is_forum"] = True
    if not group.supergroup:
        shown["all_members_are_administrators"] = False
    return shown


def message(core: "Core", shown: Message, nested: bool = False) -> Json:
    """A Message object; a replied message is shown inside, one level deep."""
    result: Json = {"message_id": shown.id, **_sender(core, shown), "chat": chat(core, shown.chat_id)}
    result["date"] = shown.date
    if shown.edit_date is not None:
        result["edit_date"] = shown.edit_date
    if shown.forward_origin is not None:
        result["forward_origin"] = shown.forward_origin
    if shown.thread_id is not None:
        result["message_thread_id"] = shown.thread_id
        result["is_topic_message"] = True
    if not nested and (replied := _replied(core, shown)) is not None:
        result["reply_to_message"] = message(core, replied, nested=True)
    if shown.media_group_id is not None:
        result["media_group_id"] = shown.media_group_id
    result |= _words(shown) | shown.content
    if shown.protect:
        result["has_protected_content"] = True
    if shown.spoiler:
        result["has_media_spoiler"] = True
    if shown.link_preview is not None:
        result["link_preview_options"] = shown.link_preview
    if shown.inline:
        result["reply_markup"] = shown.markup
    return result


def _sender(core: "Core", shown: Message) -> Json:
    if shown.from_bot:
        return {"from": core.me()}
    if shown.anonymous:
        return {"from": ANONYMOUS_ADMINISTRATOR, "sender_chat": chat(core, shown.chat_id)}
    return {"from": user(shown.sender)} if shown.sender is not None else {}


def _replied(core: "Core", shown: Message) -> Message | None:
    # A message of a topic that replies to nothing replies to the message that opened the topic.
    replied = shown.reply_to if shown.reply_to is not None else shown.thread_id
    return None if replied is None or replied == shown.id else core.world.find(shown.chat_id, replied)


def _words(shown: Message) -> Json:
    if shown.text is not None:
        return {"text": shown.text, **({"entities": shown.entities} if shown.entities else {})}
    if shown.caption:
        return {"caption": shown.caption, **({"caption_entities": shown.entities} if shown.entities else {})}
    return {}


def member(core: "Core", group: Group, person_id: int) -> Json:
    """A ChatMember object."""
    if person_id == core.bot_id:
        return bot_member(core, group)
    known = group.members.get(person_id)
    person = core.world.people[person_id]
    status = "left" if known is None else known.status
    shown: Json = {"user": user(person), "status": status}
    if status == "creator":
        shown["is_anonymous"] = known is not None and known.anonymous
    elif status == "administrator":
        shown |= _rights(group, set(_RIGHTS)) | {"can_be_edited": False}
        shown["is_anonymous"] = known is not None and known.anonymous
    elif status == "kicked":
        shown["until_date"] = 0
    return shown


def bot_member(core: "Core", group: Group) -> Json:
    """The bot as a member of a group."""
    shown: Json = {"user": core.me(), "status": group.bot_status}
    if group.bot_status == "administrator":
        shown |= _rights(group, group.bot_rights) | {"can_be_edited": False, "is_anonymous": False}
    elif group.bot_status == "kicked":
        shown["until_date"] = 0
    return shown


_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_send_welcome_messages",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)


def _rights(group: Group, held: set[str]) -> Json:
    shown = {right: right in held or right == "can_manage_chat" for right in _RIGHTS}
    if not group.forum:
        del shown["can_manage_topics"]
    return shown
