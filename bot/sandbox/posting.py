"""Where the bot may write, and how a message of its comes into a chat."""

from typing import Any

from bot.sandbox import render
from bot.sandbox.checks import Formatted, markup_of
from bot.sandbox.core import Core
from bot.sandbox.errors import ApiError, bad_request, forbidden
from bot.sandbox.world import Group, Json, Message, Person


def chat_of(core: Core, chat_id: int | str) -> Person | Group:
    """The person or group with this id or @name; refuses what does not exist or has become a supergroup."""
    world = core.world
    if isinstance(chat_id, str) and chat_id.lstrip("-").isdigit():
        chat_id = int(chat_id)
    if isinstance(chat_id, str):
        name = chat_id.removeprefix("@").lower()
        named = [group for group in world.groups.values() if (group.username or "").lower() == name]
        if not named or not chat_id.startswith("@"):
            raise bad_request("chat not found")
        return named[0]
    if chat_id in world.people:
        return world.people[chat_id]
    group = world.groups.get(chat_id)
    if group is None:
        raise bad_request("chat not found")
    if group.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": group.migrated_to},
        )
    return group


def reachable(core: Core, chat_id: int | str) -> Person | Group:
    """The chat, if the bot may act in it; 403 otherwise."""
    chat = chat_of(core, chat_id)
    if isinstance(chat, Person):
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat
    kind = "supergroup" if chat.supergroup else "group"
    if chat.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {kind} chat")
    if chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {kind} chat")
    return chat


def post(
    core: Core, given: Json, *, content: Json | None = None, words: Formatted | None = None, **more: Any
) -> Message:
    """Put one message of the bot into a chat, with all that its parameters say."""
    return post_all(core, given, [(content or {}, words, more)])[0]


def post_all(core: Core, given: Json, parts: list[tuple[Json, Formatted | None, Json]]) -> list[Message]:
    """Put messages (an album has several) into a chat; the limits count each of them."""
    chat = reachable(core, given["chat_id"])
    thread_id = _thread(chat, given.get("message_thread_id"))
    replied = _reply(core, chat.id, given)
    if isinstance(chat, Group) and thread_id is None and replied:
        _require_open(chat, replied.thread_id)
    markup = markup_of(given, private=isinstance(chat, Person))
    core.limits.take(chat.id, len(parts))
    posted = [
        core.world.add(
            Message(
                id=core.world.next_message_id(chat.id),
                chat_id=chat.id,
                date=core.now(),
                from_bot=True,
                content=content,
                entities=words.entities if words else [],
                html=words.source if words else None,
                markup=markup,
                protect=bool(given.get("protect_content")),
                silent=bool(given.get("disable_notification")),
                reply_to=replied.id if replied else None,
                thread_id=thread_id if thread_id is not None else (replied.thread_id if replied else None),
                **more,
            )
        )
        for content, words, more in parts
    ]
    _show_keyboard(core, posted[-1])
    core.typing.pop(chat.id, None)
    core.changed()
    return posted


def shown(core: Core, message: Message) -> Json:
    """The message as the answer of a method."""
    return render.message(core, message)


def _thread(chat: Person | Group, thread_id: int | None) -> int | None:
    if not thread_id or (thread_id == 1 and isinstance(chat, Group) and chat.forum):
        return None
    # A group that was a forum keeps its topics, though nothing goes into them any more.
    if isinstance(chat, Person) or not chat.forum or thread_id not in chat.topics:
        raise bad_request("message thread not found")
    _require_open(chat, thread_id)
    return thread_id


def _require_open(group: Group, thread_id: int | None) -> None:
    """Into a closed topic those write who manage topics."""
    topic = group.topics.get(thread_id or 0)
    if group.forum and topic and topic.closed and "can_manage_topics" not in group.bot_rights:
        raise bad_request("TOPIC_CLOSED")


def _reply(core: Core, chat_id: int, given: Json) -> Message | None:
    reply: Json = dict(given.get("reply_parameters") or {})
    if "reply_to_message_id" in given:
        reply.setdefault("message_id", given["reply_to_message_id"])
        reply.setdefault("allow_sending_without_reply", given.get("allow_sending_without_reply", False))
    if not reply:
        return None
    if reply.get("chat_id") not in (None, chat_id):
        raise bad_request("the sandbox does not do replies to another chat")
    if "message_id" not in reply:
        raise bad_request('can\'t find field "message_id"')
    message = core.world.find(chat_id, reply["message_id"])
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def _show_keyboard(core: Core, message: Message) -> None:
    markup = message.markup or {}
    if "keyboard" in markup:
        core.world.keyboards[message.chat_id] = message.id
    elif "remove_keyboard" in markup:
        core.world.keyboards.pop(message.chat_id, None)
