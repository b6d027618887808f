"""`/evidence` on the desk: what of the citizen's enters the case file is ticked piece by piece, then the file comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from aiogram.types import CallbackQuery

from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.delivery.sender import Letter, NotYet, Outgoing
from bot.languages import Language
from bot.papers import case_queries
from bot.papers.case import EVIDENCE, Cases, NoReport, note
from bot.papers.case_file import CaseFiles, PieceUnknown, Wanted
from bot.papers.pieces import Piece, digest, label
from bot.reports import queries
from bot.reports.deciding import Officer
from bot.staff.album import reply_to
from bot.staff.desks import Desks
from bot.staff.evidence_buttons import MOST as MOST_PIECES
from bot.staff.evidence_buttons import Choice, Verb, rows
from bot.telegram.reply import Reply, say
from bot.telegram.turn import Turn
from bot.texts import Texts

TEMPLATE: Final = "evidence"
MOST: Final = 50_000_000
"""Bytes of a document that a bot may send."""
CHAINED_SOON: Final = timedelta(seconds=30)
"""So long the file waits for the place of its own act in the journal's chain, which mostly takes a second."""
_ASKED: Final = re.compile(r"[№#]?\s?([0-9]{1,12})(?:\s+(\S+))?")
_LANGUAGES: Final = {
    **{language.value: language for language in Language},
    "қаз": Language.KK,
    "каз": Language.KK,
    "рус": Language.RU,
    "орыс": Language.RU,
    "англ": Language.EN,
}


@dataclass(frozen=True, slots=True)
class EvidenceAsked:
    """Puts a case file together with an officer, and queues it."""

    cases: Cases
    outbox: Outbox
    texts: Texts
    desks: Desks
    wake: Callable[[], None]
    answer_press: Callable[[str], None]
    """Ends a press whose reply is an edit."""

    async def choose(self, turn: Turn, asked: str) -> Reply:
        """Show what can enter the case file of a report: nothing is ticked."""
        read = _ASKED.fullmatch(asked.strip())
        language = _LANGUAGES.get((read[2] or self._language(turn)).lower()) if read else None
        if read is None or language is None:
            return self._say(turn, "evidence_usage")
        number = int(read[1])
        report_id = await turn.driver.fetchval(case_queries.BY_NUMBER, number, self._scope(turn))
        if report_id is None:
            return self._say(turn, "report_unknown", number=number)
        pieces = await self.cases.choices(turn.driver, report_id, language)
        return Reply("sendMessage", self._shown(turn, number, pieces, Choice(report_id, digest(pieces), language, 0)))

    async def press(self, turn: Turn, query: CallbackQuery, choice: Choice, officer: Officer) -> Reply | None:
        """Show the choice that a button has, or have the file made; None when it holds no more."""
        if query.message is None:
            return None
        number = await turn.driver.fetchval(case_queries.NUMBER_IN_SCOPE, choice.report_id, self._scope(turn))
        if number is None:
            return None
        pieces = await self.cases.choices(turn.driver, choice.report_id, choice.language)
        if digest(pieces) != choice.digest:
            return None
        turn.after_commit.append(lambda: self.answer_press(query.id))
        edit = {"message_id": query.message.message_id}
        if choice.verb is Verb.SHOW:
            return Reply("editMessageText", {**edit, **self._shown(turn, number, pieces, choice)})
        await self._queue(turn, pieces, choice, officer, query.message.message_id)
        return Reply("editMessageText", {**edit, "text": self._text(turn, "evidence_making", number=number)})

    async def _queue(self, turn: Turn, pieces: list[Piece], choice: Choice, officer: Officer, under: int) -> None:
        ticked = [piece.name for place, piece in enumerate(pieces) if choice.has(place)]
        await note(turn.driver, choice.report_id, officer, turn.now, disclosed=bool(ticked))
        params = {
            "pieces": ticked,
            "by": officer.name,
            "language": choice.language.value,
            "asked": turn.now.isoformat(),
            "under": under,
        }
        line = self.desks.line(turn.actor.chat_id)
        await self.outbox.message(turn.driver, Recipient.DESK, choice.report_id, TEMPLATE, params, turn.now, desk=line)
        turn.after_commit.append(self.wake)

    def _shown(self, turn: Turn, number: int, pieces: list[Piece], choice: Choice) -> dict[str, Any]:
        language, shown = self._language(turn), pieces[:MOST_PIECES]
        more = len(pieces) - len(shown)
        labels = [label(self.texts, language, piece) for piece in shown]
        make = self.texts.plain(language, "desk.evidence_button.make")
        return {
            "text": self._text(turn, "evidence_choose", number=number, pieces=len(shown), more=more),
            "reply_markup": {"inline_keyboard": rows(choice, labels, make)},
        }

    def _scope(self, turn: Turn) -> list[int]:
        return self.desks.scope(turn.actor.chat_id)

    def _language(self, turn: Turn) -> Language:
        return self.desks.language(turn.actor.chat_id)

    def _text(self, turn: Turn, name: str, **variables: Any) -> str:
        return self.texts.render(self._language(turn), f"desk.{name}", **variables)

    def _say(self, turn: Turn, name: str, **variables: Any) -> Reply:
        return say(self._text(turn, name, **variables))


class EvidencePosts:
    """Renders the case file. It is made when it is sent."""

    def __init__(self, database: Database, files: CaseFiles, texts: Texts, clock: Clock) -> None:
        self._database, self._files, self._texts, self._clock = database, files, texts, clock

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render the message: a file, or a sentence where it cannot be; raise NotYet, NotMade."""
        kept, language, under = letter.params, Language(letter.language), reply_to(letter.params["under"])
        wanted = Wanted(letter.lane, Language(kept["language"]), kept["pieces"], kept["by"])
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            number = await raw.fetchval(queries.NUMBER_OF, letter.lane)
            await self._own_act(raw, letter.lane, datetime.fromisoformat(kept["asked"]))
            try:
                gathered = await self._files.gather(raw, wanted)
            except NoReport:
                return None
            except PieceUnknown:
                return _sentence(self._texts.render(language, "desk.evidence_gone", number=number), under)
        if sum(len(file.data) for file in gathered.files) > MOST:
            return _sentence(self._texts.render(language, "desk.evidence_too_big", number=number), under)
        made = await self._files.make(gathered, wanted, self._clock())
        if len(made.data) > MOST:
            return _sentence(self._texts.render(language, "desk.evidence_too_big", number=number), under)
        caption = self._texts.render(
            language,
            "desk.evidence",
            number=number,
            pieces=[label(self._texts, language, piece) for piece in made.put_in],
            sha256=made.sha256,
        )
        params = {"document": f"attach://{made.name}", "caption": caption, "protect_content": False, **under}
        return Outgoing("sendDocument", params, {made.name: made.data})

    async def _own_act(self, raw: Any, report_id: UUID, asked: datetime) -> None:
        """Wait until the act of making this file has its place in the chain: it is among those that are proven."""
        if await raw.fetchval(case_queries.CHAINED, report_id, EVIDENCE, asked):
            return
        if self._clock() < asked + CHAINED_SOON:
            raise NotYet


def _sentence(text: str, under: dict[str, Any]) -> Outgoing:
    return Outgoing("sendMessage", {"text": text, **under})
