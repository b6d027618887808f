"""What people send besides text: photos, files, places, and what the bot will refuse."""

import secrets
from collections.abc import Sequence

from bot.sandbox.entities import find
from bot.sandbox.files import described
from bot.sandbox.people import People
from bot.sandbox.world import Group, Json, Message, Person


class MediaPeople(People):
    """People who send photos, files, places and all else."""

    def send_photos(
        self,
        person: Person,
        photos: Sequence[bytes],
        caption: str | None = None,
        chat: Group | None = None,
        spoiler: bool = False,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> list[Message]:
        """One photo, or several as an album: one update each. The caption stands under the first."""
        contents: list[Json] = [{"photo": self.files.add_photo(photo)} for photo in photos]
        return self._send_album(person, contents, caption, chat, spoiler, reply_to, thread_id)

    def send_document(
        self,
        person: Person,
        name: str,
        data: bytes,
        mime_type: str | None = "text/plain",
        caption: str | None = None,
        chat: Group | None = None,
        size: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """A file; `size` may declare more bytes than there are."""
        content: Json = {"document": self.files.add_document(name, data, mime_type, size)[1]}
        return self._send_album(person, [content], caption, chat, reply_to=reply_to)[0]

    def send_documents(
        self,
        person: Person,
        files: Sequence[tuple[str, bytes, str | None]],
        caption: str | None = None,
        chat: Group | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> list[Message]:
        """Several files (name, data, type) as an album."""
        contents: list[Json] = [{"document": self.files.add_document(*file)[1]} for file in files]
        return self._send_album(person, contents, caption, chat, reply_to=reply_to, thread_id=thread_id)

    def send_location(
        self,
        person: Person,
        lat: float,
        lon: float,
        chat: Group | None = None,
        live_period: int | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """A point on the map; with live_period (seconds) it may move."""
        location: Json = {"latitude": lat, "longitude": lon}
        if live_period is not None:
            location |= {"live_period": live_period, "horizontal_accuracy": 15.0}
        return self._send(person, {"location": location}, chat, reply_to)

    def move_live_location(self, person: Person, message: Message, lat: float, lon: float) -> None:
        """A live location moves: the bot gets an edited message."""
        if message.sender is not person or "live_period" not in (message.location or {}):
            raise ValueError("only one's own live location moves")
        message.content = {"location": {**message.content["location"], "latitude": lat, "longitude": lon}}
        message.edit_date = self.now()
        self.tell_message(message, "edited_message")

    def send_venue(
        self, person: Person, lat: float, lon: float, title: str, address: str, chat: Group | None = None
    ) -> Message:
        """A place with a name and an address."""
        location = {"latitude": lat, "longitude": lon}
        venue = {"location": location, "title": title, "address": address}
        return self._send(person, {"venue": venue, "location": location}, chat)

    def send_voice(self, person: Person, data: bytes = b"OggS", chat: Group | None = None) -> Message:
        """A voice message."""
        return self._send_file(person, chat, "voice", data, "audio/ogg", duration=4)

    def send_audio(self, person: Person, data: bytes = b"ID3", chat: Group | None = None) -> Message:
        """A piece of music."""
        return self._send_file(person, chat, "audio", data, "audio/mpeg", duration=120, title="Song")

    def send_video(self, person: Person, data: bytes = b"mp4", chat: Group | None = None) -> Message:
        """A video."""
        return self._send_file(person, chat, "video", data, "video/mp4", duration=5, width=640, height=360)

    def send_video_note(self, person: Person, data: bytes = b"mp4", chat: Group | None = None) -> Message:
        """A round video."""
        return self._send_file(person, chat, "video_note", data, None, duration=5, length=240)

    def send_animation(self, person: Person, data: bytes = b"mp4", chat: Group | None = None) -> Message:
        """A silent video; as in Telegram it also stands under `document`."""
        message = self._send_file(
            person, chat, "animation", data, "video/mp4", tell=False, duration=2, width=320, height=320
        )
        shown = message.content["animation"]
        plain = {key: value for key, value in shown.items() if key not in ("duration", "width", "height")}
        message.content = {"animation": shown, "document": plain}
        self.tell_message(message)
        return message

    def send_sticker(self, person: Person, chat: Group | None = None) -> Message:
        """A sticker."""
        return self._send_file(
            person,
            chat,
            "sticker",
            b"RIFF",
            None,
            width=512,
            height=512,
            emoji="👍",
            set_name="Animals",
            is_animated=False,
            is_video=False,
            type="regular",
        )

    def send_contact(self, person: Person, phone_number: str = "+77010000000", chat: Group | None = None) -> Message:
        """Somebody's number."""
        contact = {"phone_number": phone_number, "first_name": person.first_name, "user_id": person.id}
        return self._send(person, {"contact": contact}, chat)

    def send_poll(self, person: Person, chat: Group | None = None) -> Message:
        """A poll."""
        options = [{"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(("Yes", "No"))]
        poll: Json = {
            "id": str(secrets.randbelow(10**18)),
            "question": "Is it so?",
            "options": options,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
        return self._send(person, {"poll": poll}, chat)

    def send_dice(self, person: Person, chat: Group | None = None) -> Message:
        """A die."""
        return self._send(person, {"dice": {"emoji": "🎲", "value": secrets.randbelow(6) + 1}}, chat)

    def send_story(self, person: Person, chat: Group | None = None) -> Message:
        """A forwarded story."""
        story = {"chat": {"id": -1_001_234_567_890, "type": "channel", "title": "Channel"}, "id": 7}
        return self._send(person, {"story": story}, chat)

    def _send(self, person: Person, content: Json, chat: Group | None, reply_to: int | None = None) -> Message:
        message = self._write(person, chat, content=content, reply_to=reply_to)
        self.tell_message(message)
        return message

    def _send_file(
        self,
        person: Person,
        chat: Group | None,
        kind: str,
        data: bytes,
        mime_type: str | None,
        tell: bool = True,
        **more: object,
    ) -> Message:
        shown: Json = {**described(self.files.add(kind, data, mime_type=mime_type)), **more}
        if mime_type is not None:
            shown["mime_type"] = mime_type
        message = self._write(person, chat, content={kind: shown})
        if tell:
            self.tell_message(message)
        return message

    def _send_album(
        self,
        person: Person,
        contents: list[Json],
        caption: str | None,
        chat: Group | None,
        spoiler: bool = False,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> list[Message]:
        if not 1 <= len(contents) <= 10:
            raise ValueError("an album has at most 10 parts")
        album = str(secrets.randbelow(9 * 10**16) + 10**16) if len(contents) > 1 else None
        messages = []
        for number, content in enumerate(contents):
            words = caption if number == 0 else None
            message = self._write(person, chat, reply_to, thread_id, content=content, caption=words)
            message.entities = find(words or "")
            message.media_group_id, message.spoiler = album, spoiler
            messages.append(message)
        for message in messages:
            self.tell_message(message)
        return messages
