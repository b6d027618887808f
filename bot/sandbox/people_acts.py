"""What people forward and press, and updates made by hand."""

import secrets
from collections.abc import Sequence

from bot.sandbox import render
from bot.sandbox.core import Press
from bot.sandbox.entities import find
from bot.sandbox.people_media import MediaPeople
from bot.sandbox.world import Group, Json, Message, Person


class ActingPeople(MediaPeople):
    """People who forward posts and press buttons."""

    def forward_channel_post(
        self,
        person: Person,
        channel_title: str,
        channel_username: str | None,
        post_id: int,
        text: str | None = None,
        buttons: Sequence[Sequence[tuple[str, str]]] = (),
        entities: list[Json] | None = None,
        photo: bytes | None = None,
        chat: Group | None = None,
    ) -> Message:
        """A post of a channel, with its buttons (text, address); with a photo the text is its caption."""
        channel: Json = {"id": -1_000_000_000_000 - _number(channel_title), "type": "channel", "title": channel_title}
        if channel_username is not None:
            channel["username"] = channel_username.removeprefix("@")
        origin = {"type": "channel", "date": self.now() - 3600, "chat": channel, "message_id": post_id}
        message = self._write(person, chat, forward_origin=origin)
        message.entities = find(text or "") if entities is None else entities
        if photo is None:
            message.text = text or channel_title
        else:
            message.content, message.caption = {"photo": self.files.add_photo(photo)}, text
        if buttons:
            message.markup = {"inline_keyboard": [[{"text": t, "url": url} for t, url in row] for row in buttons]}
        self.tell_message(message)
        return message

    def forward_from_person(self, person: Person, other: Person | str, text: str, chat: Group | None = None) -> Message:
        """Somebody's message; a plain name for one who hides the account."""
        origin: Json = {"type": "hidden_user", "date": self.now() - 60, "sender_user_name": other}
        if isinstance(other, Person):
            origin = {"type": "user", "date": self.now() - 60, "sender_user": render.user(other)}
        message = self._write(person, chat, text=text, entities=find(text), forward_origin=origin)
        self.tell_message(message)
        return message

    def press(
        self, person: Person, message_id: int, button: str, chat: Group | None = None, outdated: bool = False
    ) -> str:
        """Press an inline button, named by its data or a part of its text; returns the query's id.

        With `outdated`, the button's data is taken as it is: a phone that still shows what is no longer there.
        """
        chat_id = person.id if chat is None else chat.id
        message = self.world.chats.get(chat_id, {}).get(message_id)
        if message is None or (message.deleted and not outdated):
            raise LookupError(f"there is no message {message_id}")
        data = button if outdated else _button_data(message, button)
        press = Press(str(secrets.randbelow(9 * 10**18) + 10**18), person.id, message, data, self.clock())
        self.presses[press.id] = press
        # What is gone is shown to the bot as an InaccessibleMessage, whose date is 0.
        gone: Json = {"chat": render.chat(self, chat_id), "message_id": message_id, "date": 0}
        query = {
            "id": press.id,
            "from": render.user(person),
            "message": gone if message.deleted else render.message(self, message),
            "chat_instance": str(_number(str(chat_id))),
            "data": data,
        }
        self.tell("callback_query", query, ("press", person.id))
        return press.id

    def press_reply(self, person: Person, label: str, chat: Group | None = None) -> Message:
        """Press the button of the reply keyboard whose text contains the label: it is sent as a text."""
        chat_id = person.id if chat is None else chat.id
        keyboard = self.world.keyboard(chat_id)
        texts = [text for row in self.keyboard(chat_id) for text in row]
        exact = [text for text in texts if text == label] or [text for text in texts if label in text]
        if not exact or keyboard is None:
            raise LookupError(f"no button with {label!r}; the keyboard shows {texts}")
        if keyboard.get("one_time_keyboard"):
            self.world.keyboards.pop(chat_id)
        return self.send_text(person, exact[0], chat)

    def keyboard(self, chat_id: int) -> list[list[str]]:
        """The texts of the reply keyboard that the chat shows now, row by row."""
        keyboard = self.world.keyboard(chat_id)
        return [[button["text"] for button in row] for row in keyboard["keyboard"]] if keyboard else []

    def raw_update(self, body: Json) -> int:
        """Queue any update as it is; it gets an update_id unless it has one."""
        kind = next((key for key in body if key != "update_id"), "unknown")
        payload = body.get(kind)
        chat = payload.get("chat") if isinstance(payload, dict) else None
        chat_id = chat.get("id", 0) if isinstance(chat, dict) else 0
        update_id = self.updates.add_raw(dict(body), kind, ("chat" if chat_id else kind, chat_id))
        self.changed()
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver a known update again."""
        self.updates.redeliver(update_id)
        self.changed()


def _button_data(message: Message, button: str) -> str:
    buttons = [one for row in message.inline for one in row]
    exact = [one for one in buttons if one.get("callback_data") == button]
    named = exact or [one for one in buttons if button in one["text"]]
    if not named:
        raise LookupError(f"no button {button!r} under message {message.id}; it has {message.buttons}")
    if "callback_data" not in named[0]:
        raise LookupError(f"the button {named[0]['text']!r} is not one that the bot hears of")
    data: str = named[0]["callback_data"]
    return data


def _number(text: str) -> int:
    """A number that is always the same for a text."""
    return int.from_bytes(text.encode()[-6:].rjust(6, b"\1"), "big") % 2_000_000_000 + 1_000_000_000
