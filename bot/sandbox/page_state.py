"""What the page shows: people, groups, and their chats, as plain JSON."""

from datetime import datetime

from bot.sandbox.core import Core
from bot.sandbox.world import Group, Json, Message, Person

SHOWN_MESSAGES = 150
SHOWN_ANSWERS = 20
_PLAIN = frozenset({"photo", "document", "location", "venue"})


def state(core: Core) -> Json:
    """Everything that the page needs to draw itself."""
    world = core.world
    return {
        "version": core.version,
        "bot": {"name": core.bot_name, "username": core.bot_username, "descriptions": core.profile.descriptions},
        "people": [_person(core, person) for person in world.people.values()],
        "groups": [_group(group) for group in world.groups.values() if group.migrated_to is None],
        "chats": {str(chat_id): _chat(core, chat_id) for chat_id in [*world.people, *world.groups]},
        "answers": [
            {"id": press.id, "person": press.person_id, "text": press.text, "alert": press.alert}
            for press in list(core.presses.values())[-SHOWN_ANSWERS:]
            if press.answered and press.text
        ],
    }


def _person(core: Core, person: Person) -> Json:
    member = any(
        person.id in group.members and group.members[person.id].status not in ("left", "kicked")
        for group in core.world.groups.values()
    )
    # Who left the desk is no citizen: an officer has never opened the bot.
    was_member = any(person.id in group.members for group in core.world.groups.values())
    return {
        "id": person.id,
        "name": person.first_name,
        "language": person.language_code,
        "blocked": person.blocked,
        "started": person.started,
        "citizen": person.started or not was_member,
        "officer": member,
        "commands": _commands(core, person),
    }


def _commands(core: Core, person: Person) -> list[Json]:
    """The commands that this person's client offers: the narrowest scope first, the own language before the default."""
    for scope in (f"chat:{person.id}", "all_private_chats", "default"):
        for language in (person.language_code or "", ""):
            if commands := core.profile.commands.get((scope, language)):
                return commands
    return []


def _group(group: Group) -> Json:
    return {
        "id": group.id,
        "title": group.title,
        "forum": group.forum,
        "topics": [{"id": topic.id, "name": topic.name, "closed": topic.closed} for topic in group.topics.values()],
        "members": [
            {"id": member.person.id, "name": member.person.first_name, "anonymous": member.anonymous}
            for member in group.members.values()
            if member.status not in ("left", "kicked")
        ],
        "pinned": group.pinned[-1] if group.pinned else None,
    }


def _chat(core: Core, chat_id: int) -> Json:
    keyboard = core.world.keyboard(chat_id)
    standing = [message for message in core.world.messages(chat_id) if not message.deleted]
    return {
        "messages": [_message(core, message) for message in standing[-SHOWN_MESSAGES:]],
        "keyboard": [[button["text"] for button in row] for row in keyboard["keyboard"]] if keyboard else None,
        "placeholder": keyboard.get("input_field_placeholder") if keyboard else None,
        "typing": core.typing.get(chat_id, 0.0) > core.clock(),
    }


def _message(core: Core, message: Message) -> Json:
    shown: Json = {
        "id": message.id,
        "chat": message.chat_id,
        "bot": message.from_bot,
        "sender": None if message.from_bot or message.sender is None else message.sender.id,
        "name": core.bot_name if message.from_bot else _name(core, message),
        "date": message.date,
        "time": f"{datetime.fromtimestamp(message.date, core.zone):%H:%M}",
        "text": message.words,
        "entities": message.entities,
        "album": message.media_group_id,
        "thread": message.thread_id,
        "buttons": [[_button(button) for button in row] for row in message.inline],
    }
    for flag in ("edited", "protect", "spoiler", "silent", "service"):
        shown[flag] = getattr(message, flag)
    shown["reactions"] = [reaction.get("emoji", "★") for reaction in message.reactions]
    if message.forward_origin is not None:
        shown["forward"] = _origin(message.forward_origin)
    replied = core.world.find(message.chat_id, message.reply_to) if message.reply_to is not None else None
    if replied is not None:
        name = core.bot_name if replied.from_bot else _name(core, replied)
        shown["reply"] = {"id": replied.id, "name": name, "text": replied.words[:120]}
    return shown | _content(message)


def _name(core: Core, message: Message) -> str:
    if message.anonymous:
        return core.world.groups[message.chat_id].title
    return message.sender.first_name if message.sender is not None else ""


def _content(message: Message) -> Json:
    shown: Json = {}
    if message.photo:
        small = next((size for size in message.photo if size["width"] >= 320), message.photo[-1])
        shown["photo"] = {"file": message.photo[-1]["file_id"], "small": small["file_id"]}
        shown["photo"] |= {"width": message.photo[-1]["width"], "height": message.photo[-1]["height"]}
    if message.document:
        document = message.document
        shown["document"] = {"file": document["file_id"], "name": document.get("file_name", "file")}
        shown["document"]["size"] = document["file_size"]
    if message.location:
        shown["location"] = {"lat": message.location["latitude"], "lon": message.location["longitude"]}
        shown["location"]["live"] = "live_period" in message.location
        if venue := message.content.get("venue"):
            shown["location"] |= {"title": venue["title"], "address": venue["address"]}
    other = next((kind for kind in message.content if kind not in _PLAIN), None)
    if other is not None:
        shown["other"] = {"kind": other, **_said(message.content[other])}
    return shown


def _said(content: object) -> Json:
    if isinstance(content, dict):
        return {
            key: content[key] for key in ("name", "emoji", "value", "phone_number", "question") if key in content
        } | ({"name": content["first_name"]} if "first_name" in content else {})
    if isinstance(content, list):
        return {"name": ", ".join(one.get("first_name", "") for one in content)}
    return {}


def _button(button: Json) -> Json:
    for kind in ("url", "callback_data"):
        if kind in button:
            return {"text": button["text"], "kind": kind, "value": button[kind]}
    if "copy_text" in button:
        return {"text": button["text"], "kind": "copy_text", "value": button["copy_text"]["text"]}
    return {"text": button["text"], "kind": "other", "value": ""}


def _origin(origin: Json) -> str:
    name: str = origin.get("sender_user_name", "")
    if "chat" in origin:
        name = origin["chat"]["title"]
    if "sender_user" in origin:
        name = origin["sender_user"]["first_name"]
    return name
