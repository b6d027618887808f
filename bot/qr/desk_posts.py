"""`/qr` on the desk: the code of a placement as PNG and its poster as PDF, drawn when they are sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from aiogram.types import Message

from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.road import Letter, NotYet, Outgoing
from bot.languages import Language
from bot.papers.workshop import NotMade, Workshop
from bot.qr import store
from bot.qr.desk import PlacementActs
from bot.qr.desk_room import Room, Telling
from bot.qr.desk_words import Wanted, read_wanted
from bot.qr.errors import Fault, PlacementRefused
from bot.qr.layouts import Format
from bot.qr.placement import Placement, read_languages, written
from bot.qr.worker import MILLIMETRES, REFUSED, WORKER, Drawn
from bot.telegram.reply import Reply
from bot.telegram.turn import Turn

TEMPLATE: Final = "qr"


@dataclass(frozen=True, slots=True)
class QrAsked:
    """Queues what a member asks for."""

    room: Room
    acts: PlacementActs
    outbox: Outbox
    wake: Callable[[], None]

    async def command(self, turn: Turn, message: Message, words: str) -> Reply | None:
        """Answer a command under it; to outsiders nothing is said."""
        return await self.room.looked(turn, message, lambda: self._ask(turn, words))

    async def draw(self, turn: Turn, placement: Placement, wanted: Wanted | None = None) -> None:
        """Queue both files, one after the other: the code, and what is to be printed."""
        lane, wanted = uuid4(), wanted or Wanted(placement.code, "")
        languages = wanted.languages or placement.languages
        poster = {"format": wanted.format.value, "languages": written(languages), "marks": wanted.marks}
        desk = self.room.line(turn.actor.chat_id)
        for more in ({}, poster):
            params = {"placement": str(placement.id), **more}
            await self.outbox.message(turn.driver, Recipient.DESK, lane, TEMPLATE, params, turn.now, desk=desk)
        turn.after_commit.append(self.wake)

    async def _ask(self, turn: Turn, words: str) -> Reply:
        refused: PlacementRefused | None = None
        for wanted in read_wanted(words):
            try:
                placement = await self.acts.find(turn, wanted.what, wanted.campaign)
            except PlacementRefused as fault:
                # A name may end like a format; what is told is of the name without it.
                refused = refused if refused and refused.fault is Fault.SEVERAL else fault
            else:
                if wanted.languages and not read_languages(given := ",".join(wanted.languages)):
                    return self.room.say(turn, f"placement_refused_{Fault.LANGUAGE}", given=given)
                await self.draw(turn, placement, wanted)
                return self.room.say(turn, "qr_asked")
        return self.acts.refusal(turn, refused) if refused else self.room.say(turn, "qr_usage")


@dataclass(frozen=True, slots=True)
class QrPosts:
    """Renders these files."""

    telling: Telling
    database: Database
    workshop: Workshop
    templates: Path

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render the message: a file, or a sentence why there is none; raise NotYet."""
        kept, language, bot = letter.params, Language(letter.language), self.telling.bot_name()
        if not bot:
            raise NotYet
        async with self.database.transaction() as connection:
            raw = await driver(connection)
            placement = await store.by_id(raw, UUID(kept["placement"]))
            if placement is None:
                return None
            told = await self.telling.told(raw, language, placement)
        asked = self._asked(placement, kept, bot)
        try:
            made = await self.workshop.make(asked, WORKER)
        except NotMade:
            made = REFUSED + (NotMade.__doc__ or "").encode()
        if made.startswith(REFUSED):
            why = made.removeprefix(REFUSED).decode()
            return Outgoing("sendMessage", {"text": self._text(language, "qr_failed", why=why, **told)})
        name = f"{placement.code}.png"
        shown: dict[str, Any] = told | {"millimetres": round(MILLIMETRES), "languages": "+".join(asked.languages)}
        if asked.format:
            name = f"{placement.code}-{asked.format}-{'-'.join(asked.languages)}.pdf"
            shown |= {"format": self.telling.texts.plain(language, f"desk.format.{asked.format}"), "marks": asked.marks}
        caption = self._text(language, "qr_poster" if asked.format else "qr_code", **shown)
        # It is to be printed: who asked for it must be able to save it.
        params = {"document": f"attach://{name}", "caption": caption, "protect_content": False}
        return Outgoing("sendDocument", params, {name: made})

    def _asked(self, placement: Placement, kept: dict[str, Any], bot: str) -> Drawn:
        languages = read_languages(kept.get("languages", "")) or placement.languages
        return Drawn(
            code=placement.code,
            name=placement.name,
            campaign=placement.campaign,
            surface=placement.surface,
            languages=languages,
            bot=bot,
            templates=self.templates.absolute(),
            format=Format(kept["format"]) if "format" in kept else None,
            marks=kept.get("marks", False),
        )

    def _text(self, language: Language, name: str, /, **variables: Any) -> str:
        return self.telling.texts.render(language, f"desk.{name}", **variables)
