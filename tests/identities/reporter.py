"""A reporter, with all that could give them away in every message."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.sandbox.world import Message, Person
from tests.identities.house import House
from tests.identities.marks import Marks
from tests.journeys.acting import Citizen


class Reporter(Citizen):
    """A citizen of the house, with marks."""

    def __init__(self, house: House, n: int) -> None:
        self.marks, self.house = Marks(n), house
        language = ("kk", "ru", "en")[n % 3]
        self.stage, self.sandbox, self.language, self.last = house, house.sandbox, language, 0
        self.person = house.sandbox.add_person(
            **self.marks.names, language_code=self.marks.client, person_id=self.marks.id
        )
        other = {key: str(value) for key, value in self.marks.other.items() if key.endswith("name")}
        self.other: Person = house.sandbox.add_person(**other, person_id=int(self.marks.other["id"]))
        self.receipts: list[str] = []
        self.words_sent = 0
        self.refused_later = ""
        """With these words Telegram refuses the first thing that the desk makes the bot tell them."""

    def words(self, text: str = "") -> str:
        """Words that the desk may read, never the same twice."""
        self.words_sent += 1
        return f"{self.marks.content}{self.words_sent} {text}".strip()

    async def begins(self, kind: str) -> None:
        """Take the language, and open a report of a kind."""
        self.types("/start")
        await self.reads(self.text("menu"))
        self.presses(f"kind:{kind}")
        await self.reads("")

    async def taken(self) -> None:
        """Wait until the bot has taken all that they sent, whatever it is still doing with it."""

        def nothing_waits() -> bool:
            return not any(update.queue == ("chat", self.id) for update in self.sandbox.updates.pending())

        await self.sandbox.wait_for(nothing_waits)

    async def drops_what_is_open(self) -> None:
        """Cancel a draft that an earlier scene has left lying."""
        self.types("/cancel")
        await self.reads("")

    async def begins_at_all(self, code: str = "") -> None:
        """Open the bot, perhaps by a placement's code, and choose the language, whatever the client says."""
        self.types(f"/start {code}".strip())
        await self.reads("")
        self.types({"kk": "Қазақша", "ru": "Русский", "en": "English"}[self.language])
        await self.reads("")

    async def finishes(self) -> str:
        """Skip what is optional, send, and keep the receipt."""
        await self.completes()
        receipt = await self.sends()
        self.receipts.append(receipt)
        return receipt

    async def completes(self) -> None:
        """Skip what is optional."""
        for _ in range(12):
            if self.label("send") in self.buttons:
                return
            label = next((name for name in ("done", "skip") if self.label(name) in self.buttons), None)
            if label is not None:
                self.presses(label)
            else:
                # What was sent meanwhile, the menu with it, stands over the draft: this shows the draft again.
                self.types("/report")
            await self.reads("")
        raise AssertionError(f"nothing to press: {self.buttons}")

    def by_hand(self, kind: str = "message", **content: Any) -> Message:
        """A message with fields that no client of the sandbox writes; `from` and `chat` are marked like all others."""
        message = self.sent(self.sandbox._write(self.person, None, text=content.get("text", "")))
        names = {"id": self.id, **self.marks.names}
        user = {**names, "is_bot": False, "language_code": self.marks.client, "is_premium": True}
        chat = {**names, "type": "private"}
        shown = {"message_id": message.id, "date": 1_790_000_000, "chat": chat, "from": user, **content}
        payload = {key: value for key, value in shown.items() if value is not None}
        self.house.tell(kind, payload, ("chat", self.id))
        return message

    def picture(self, kind: str = "JPEG", shade: int = 0, point: tuple[float, float] | None = None) -> bytes:
        """A photo with a mark wherever such a file can hold one, perhaps with the place where it was taken."""
        tag = self.marks.tag("Photo")
        exif = Image.Exif()
        exif[0x010F], exif[0x0110], exif[0x013B] = tag, tag, self.marks.names["first_name"]
        exif[0x8769] = {0x927C: tag.encode(), 0x9286: tag.encode(), 0xA431: tag, 0xA430: self.marks.names["last_name"]}
        exif[0x8825] = {29: tag}
        if point:
            exif[0x8825] = {29: tag, 1: "N", 2: _degrees(point[0]), 3: "E", 4: _degrees(point[1])}
        exif[0xC4A5] = self.marks.id.to_bytes(8, "little")
        xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{tag} {self.marks.id}</x:xmpmeta>'.encode()
        written = io.BytesIO()
        image = Image.new("RGB", (160, 120), (shade % 256, 90, (self.marks.n * 7) % 256))
        options: dict[str, Any] = {"exif": exif.tobytes()}
        if kind == "JPEG":
            options |= {"xmp": xmp, "comment": tag.encode(), "icc_profile": tag.encode() * 20}
        elif kind == "PNG":
            info = PngInfo()
            info.add_text("Author", tag)
            info.add_itxt("XML:com.adobe.xmp", xmp.decode())
            options["pnginfo"] = info
        elif kind == "WEBP":
            options |= {"xmp": xmp}
        image.save(written, kind, **options)
        # A thumbnail and whatever else a camera hangs behind the picture.
        return written.getvalue() + tag.encode() + self.marks.id.to_bytes(8, "big")


def _degrees(number: float) -> tuple[float, float, float]:
    minutes = (number - int(number)) * 60
    return float(int(number)), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)
