"""What is done on the page, as acts of people."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.files import require_picture
from bot.sandbox.people_acts import ActingPeople
from bot.sandbox.world import Group, Json, Message, Person

Acts = dict[str, Callable[[ActingPeople, Json], Any]]
_NAMES = {
    "kk": ("Айгүл", "Ерлан", "Дана", "Бауыржан", "Сәуле"),
    "ru": ("Ольга", "Андрей", "Ирина", "Сергей", "Вера"),
    "en": ("Alice", "Brian", "Carol", "David", "Emma"),
}
_OFFICERS = ("Асқар", "Марат", "Гүлнар", "Дмитрий", "Жанна")


def act(people: ActingPeople, order: Json) -> Json:
    """Do one act that the page orders; raises LookupError, KeyError, TypeError or ValueError for a wrong one."""
    result = _ACTS[order["what"]](people, order)
    if isinstance(result, Person):
        return {"person": result.id}
    if isinstance(result, Group):
        return {"group": result.id}
    return {"message": result.id} if isinstance(result, Message) else {}


def upload(people: ActingPeople, order: Json, files: list[tuple[str, str, bytes]]) -> None:
    """Send files (name, type, data) as photos or as they are, several as an album."""
    person, chat = _who(people, order), _chat(people, order)
    caption, reply_to, thread = order.get("caption") or None, _number(order, "reply_to"), _number(order, "thread")
    if not 1 <= len(files) <= 10:
        raise ValueError("1-10 files can be sent at once")
    if order.get("as") == "photo":
        for _, _, data in files:
            require_picture(data)
        photos = [data for _, _, data in files]
        people.send_photos(person, photos, caption, chat, reply_to=reply_to, thread_id=thread)
    else:
        documents = [(name, data, mime) for name, mime, data in files]
        people.send_documents(person, documents, caption, chat, reply_to, thread)


def _who(people: ActingPeople, order: Json) -> Person:
    return people.world.people[int(order["who"])]


def _chat(people: ActingPeople, order: Json) -> Group | None:
    chat_id = order.get("chat")
    return people.world.groups.get(int(chat_id)) if chat_id is not None else None


def _number(order: Json, name: str) -> int | None:
    """A form's fields are words."""
    return int(order[name]) if order.get(name) else None


def _message(people: ActingPeople, order: Json) -> Message:
    message = people.world.find(int(order["chat"]), int(order["message"]))
    if message is None:
        raise LookupError("there is no such message")
    return message


def _add_citizen(people: ActingPeople, order: Json) -> Person:
    language = str(order.get("language") or "en")
    name = str(order.get("name") or "").strip() or _unused(people, _NAMES.get(language, _NAMES["en"]))
    return people.add_person(name[:64], language_code=language)


def _add_officer(people: ActingPeople, order: Json) -> Person:
    group = people.world.groups[int(order["chat"])]
    name = str(order.get("name") or "").strip() or _unused(people, _OFFICERS)
    person = people.add_person(name[:64], language_code="ru")
    people.join(person, group, anonymous=bool(order.get("anonymous")))
    return person


def _add_group(people: ActingPeople, order: Json) -> Group:
    """A chat that an officer of its own has made, with the bot as an administrator."""
    officer = people.add_person(_unused(people, _OFFICERS), language_code="ru")
    title = str(order.get("name") or "").strip() or "Чат"
    return people.add_group(title[:128], added_by=officer)


def _unused(people: ActingPeople, names: tuple[str, ...]) -> str:
    taken = {person.first_name for person in people.world.people.values()}
    number = 1
    while True:
        for name in names:
            numbered = name if number == 1 else f"{name} {number}"
            if numbered not in taken:
                return numbered
        number += 1


def _forum(people: ActingPeople, order: Json) -> None:
    group = people.world.groups[int(order["chat"])]
    people.set_forum(group, not group.forum)


def _text(people: ActingPeople, order: Json) -> Message:
    text = str(order["text"]).strip()
    if not text or len(text) > 4096:
        raise ValueError("a text has 1-4096 characters")
    reply_to, thread = order.get("reply_to"), order.get("thread")
    return people.send_text(_who(people, order), text, _chat(people, order), reply_to=reply_to, thread_id=thread)


def _key(people: ActingPeople, order: Json) -> Message:
    return people.press_reply(_who(people, order), str(order["label"]), _chat(people, order))


def _press(people: ActingPeople, order: Json) -> None:
    button = _message(people, order).inline[int(order["row"])][int(order["column"])]
    people.press(_who(people, order), int(order["message"]), button["callback_data"], _chat(people, order))


def _location(people: ActingPeople, order: Json) -> Message:
    lat, lon = float(order["lat"]), float(order["lon"])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("this is not on the earth")
    return people.send_location(_who(people, order), lat, lon, _chat(people, order))


def _forward(people: ActingPeople, order: Json) -> Message:
    title = str(order.get("title") or "").strip() or "Channel"
    username = str(order.get("username") or "").strip().removeprefix("@") or None
    text = str(order.get("text") or "").strip() or title
    post_id = len(people.world.messages(_who(people, order).id)) + 10
    return people.forward_channel_post(_who(people, order), title, username, post_id, text, chat=_chat(people, order))


def _edit(people: ActingPeople, order: Json) -> None:
    people.edit_text(_who(people, order), _message(people, order), str(order["text"]).strip())


_ACTS: Acts = {
    "add_citizen": _add_citizen,
    "add_officer": _add_officer,
    "add_group": _add_group,
    "forum": _forum,
    "leave": lambda people, order: people.leave(_who(people, order), people.world.groups[int(order["chat"])]),
    "text": _text,
    "key": _key,
    "press": _press,
    "location": _location,
    "forward": _forward,
    "open": lambda people, order: people.open_bot(_who(people, order), str(order.get("payload") or "")),
    "block": lambda people, order: people.block(_who(people, order)),
    "unblock": lambda people, order: people.unblock(_who(people, order)),
    "edit": _edit,
    "delete": lambda people, order: people.delete(_message(people, order)),
}
