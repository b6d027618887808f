"""Methods about chats: members, pins, topics."""

from bot.sandbox import render
from bot.sandbox.core import Core
from bot.sandbox.errors import bad_request
from bot.sandbox.methods import method
from bot.sandbox.posting import chat_of, reachable
from bot.sandbox.world import Group, Json, Message, Person, Topic

# The thread of a message that opens a topic is its own id.
_ITSELF = -1


@method("getChat")
async def get_chat(core: Core, given: Json) -> Json:
    """A chat in full."""
    chat = chat_of(core, given["chat_id"])
    result = {
        **render.chat(core, chat.id),
        "accent_color_id": 3,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if isinstance(chat, Group):
        reachable(core, chat.id)
        result["permissions"] = {"can_send_messages": True}
        if chat.pinned and (pinned := core.world.find(chat.id, chat.pinned[-1])) is not None:
            result["pinned_message"] = render.message(core, pinned, nested=True)
    return result


@method("getChatMember")
async def get_chat_member(core: Core, given: Json) -> Json:
    """What a person is in a group."""
    group = _group(core, given)
    if given["user_id"] != core.bot_id and given["user_id"] not in core.world.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return render.member(core, group, given["user_id"])


@method("getChatAdministrators")
async def get_chat_administrators(core: Core, given: Json) -> list[Json]:
    """The administrators of a group; other bots are left out, this one is not."""
    group = _group(core, given)
    shown = [
        render.member(core, group, member.person.id)
        for member in group.members.values()
        if member.status in ("administrator", "creator")
    ]
    return shown + ([render.bot_member(core, group)] if group.bot_status == "administrator" else [])


@method("getChatMemberCount")
async def get_chat_member_count(core: Core, given: Json) -> int:
    """How many are in a group, the bot among them."""
    group = _group(core, given)
    return 1 + sum(member.status not in ("left", "kicked") for member in group.members.values())


@method("leaveChat")
async def leave_chat(core: Core, given: Json) -> bool:
    """The bot leaves a group."""
    group = _group(core, given)
    group.bot_status = "left"
    return True


@method("pinChatMessage")
async def pin_chat_message(core: Core, given: Json) -> bool:
    """Pin a message; in a group this posts a service message."""
    chat = reachable(core, given["chat_id"])
    message = core.world.find(chat.id, given["message_id"])
    if message is None:
        raise bad_request("message to pin not found")
    if isinstance(chat, Group):
        _require_right(chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
        core.limits.take(chat.id)
        chat.pinned.append(message.id)
        _service(core, chat, {"pinned_message": render.message(core, message, nested=True)}, message.thread_id)
    return True


@method("unpinChatMessage")
async def unpin_chat_message(core: Core, given: Json) -> bool:
    """Unpin a message, the newest without an id."""
    chat = reachable(core, given["chat_id"])
    if isinstance(chat, Group):
        _require_right(chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
        message_id = given.get("message_id", chat.pinned[-1] if chat.pinned else None)
        if message_id not in chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.remove(message_id)
    return True


@method("createForumTopic")
async def create_forum_topic(core: Core, given: Json) -> Json:
    """Open a topic: this posts a message, whose id is the topic's."""
    group = _forum(core, given)
    name = _topic_name(given["name"])
    core.limits.take(group.id)
    color = given.get("icon_color") or 0x6FB9F0
    opened = _service(core, group, {"forum_topic_created": {"name": name, "icon_color": color}}, _ITSELF)
    group.topics[opened.id] = Topic(opened.id, name, color, given.get("icon_custom_emoji_id"))
    return {"message_thread_id": opened.id, "name": name, "icon_color": color}


@method("editForumTopic")
async def edit_forum_topic(core: Core, given: Json) -> bool:
    """Give a topic another name."""
    group = _forum(core, given)
    topic = _topic(group, given)
    name = _topic_name(given.get("name") or topic.name)
    if name == topic.name and given.get("icon_custom_emoji_id") in (None, topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    core.limits.take(group.id)
    topic.name, topic.icon_custom_emoji_id = name, given.get("icon_custom_emoji_id", topic.icon_custom_emoji_id)
    _service(core, group, {"forum_topic_edited": {"name": name}}, topic.id)
    return True


@method("closeForumTopic")
async def close_forum_topic(core: Core, given: Json) -> bool:
    """Close a topic; whoever has opened it needs no right for that."""
    return _set_closed(core, given, closed=True)


@method("reopenForumTopic")
async def reopen_forum_topic(core: Core, given: Json) -> bool:
    """Open a closed topic again."""
    return _set_closed(core, given, closed=False)


def _set_closed(core: Core, given: Json, closed: bool) -> bool:
    group = _forum(core, given, right=False)
    topic = _topic(group, given)
    if topic.closed is closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    core.limits.take(group.id)
    topic.closed = closed
    _service(core, group, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic.id)
    return True


def _group(core: Core, given: Json) -> Group:
    chat = chat_of(core, given["chat_id"])
    if isinstance(chat, Person):
        raise bad_request("there are no members in the private chat")
    reachable(core, chat.id)
    return chat


def _forum(core: Core, given: Json, *, right: bool = True) -> Group:
    group = _group(core, given)
    if not group.forum:
        raise bad_request("the chat is not a forum")
    if right:
        _require_right(group, "can_manage_topics", "not enough rights to create a topic")
    return group


def _topic(group: Group, given: Json) -> Topic:
    if given["message_thread_id"] not in group.topics:
        raise bad_request("TOPIC_ID_INVALID")
    return group.topics[given["message_thread_id"]]


def _topic_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name.strip() else "topic name must have 1-128 characters")
    return name.strip()


def _require_right(group: Group, right: str, refusal: str) -> None:
    if group.bot_status != "administrator" or right not in group.bot_rights:
        raise bad_request(refusal)


def _service(core: Core, group: Group, content: Json, thread_id: int | None) -> Message:
    message_id = core.world.next_message_id(group.id)
    message = core.world.add(
        Message(
            id=message_id,
            chat_id=group.id,
            date=core.now(),
            from_bot=True,
            content=content,
            thread_id=message_id if thread_id == _ITSELF else thread_id,
            service=True,
        )
    )
    # A bot is told of the service messages that it causes, though not of what it sends.
    core.tell_message(message)
    return message
