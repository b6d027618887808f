"""What a card says of its decision: what was said with it; as long as it can be taken back, what the citizen gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.clock import Clock
from bot.delivery.outbox import CardSort
from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.reports import made, queries
from bot.reports.feedback import feedback_text, progress_of
from bot.reports.lifecycle import BESIDE, TRANSITIONS, Amendment, Decision, Status
from bot.reports.said import LIST_OF, NOTHING, Said
from bot.texts import Texts

_SHOWN: Final = 160
"""Characters of what was said in words."""


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """What a card shows of a decision."""

    decision: str = ""
    feedback: str = ""
    """What the citizen will get, as HTML."""
    silent: bool = False
    """While it can be taken back: the citizen gets nothing."""
    until: datetime | None = None
    """Until when it can be taken back, if it can."""
    amendments: tuple[Amendment, ...] = ()
    lacks: Decision | None = None
    """What can be done beside it: see lifecycle.BESIDE."""

    @property
    def open(self) -> bool:
        """Tell whether it can still be taken back."""
        return bool(self.amendments)

    def untold(self) -> DecisionShown:
        """Give the same of what nobody has reported: of its decisions nobody is told."""
        return replace(self, feedback="", amendments=(Amendment.UNDO,) if self.open else ())

    def texts(self, zone: ZoneInfo) -> dict[str, Any]:
        """Give what a card's text is rendered with."""
        until = f"{self.until.astimezone(zone):%H:%M:%S}" if self.until else ""
        feedback = Markup(self.feedback)  # noqa: S704
        return {"decision": self.decision, "feedback": feedback, "silent": self.silent, "until": until}


class DecisionLines:
    """Renders decisions, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, texts: Texts, clock: Clock) -> None:
        self._ring, self._texts, self._clock = ring, texts, clock

    async def of(
        self,
        raw: Any,
        language: Language,
        sort: CardSort,
        subject: UUID,
        row: Any,
        kind: str,
        links: int = 0,
        *,
        hidden: bool = False,
    ) -> DecisionShown:
        """Give what the card of a subject says; `kind` names the feedback's texts.

        `links` is how many a report has, if it goes by them. Of what is hidden nobody's words are shown, an officer's
        neither.
        """
        if row["decision"] is None:
            return DecisionShown()
        decision = Decision(row["decision"])
        alone = sort is CardSort.REPORT and not links and row["status"] == Status.DECIDED
        lacks = BESIDE.get(decision) if alone else None
        done = self._texts.plain(language, f"desk.done.{decision}")
        decided = await made.standing(raw, self._ring, subject)
        if decided is None:
            return DecisionShown(done, lacks=lacks)
        said = _shown_of(decided.said, hidden=hidden)
        shown = self._said(language, decision, said)
        if decided.also:
            lacks, first = None, await made.first(raw, self._ring, decided.row)
            before = self._said(language, decided.also, _shown_of(first.said if first else NOTHING, hidden=hidden))
            shown = f"{before}; {shown}"
        if not decided.open(self._clock()) or not TRANSITIONS[decision].feedback:
            return DecisionShown(shown, lacks=lacks)
        if decided.silent:
            return DecisionShown(shown, silent=True, until=decided.until, amendments=(Amendment.UNDO,))
        listed = sort is CardSort.REPORT and links > 0
        feedback = await self._feedback(raw, language, subject, kind, decision, said.line, listed=listed)
        lines = () if listed else (Amendment.LINE,)
        amendments = (Amendment.UNDO, Amendment.SILENCE, *lines)
        return DecisionShown(shown, feedback, until=decided.until, amendments=amendments)

    async def _feedback(
        self, raw: Any, language: Language, subject: UUID, kind: str, decision: Decision, line: str, *, listed: bool
    ) -> str:
        if listed:
            rows = await raw.fetch(queries.RESOURCES_OF_REPORT, subject)
            return self._texts.render(language, "citizen.progress", **progress_of(rows))
        return feedback_text(self._texts, language, kind, decision, line)

    def _said(self, language: Language, decision: Decision, said: Said) -> str:
        done = self._texts.plain(language, f"desk.done.{decision}")
        listed = LIST_OF.get(decision)
        name, is_case = f"{listed}.{said.ready}", decision is Decision.REGISTERED
        # The office may have taken an entry out of its list since.
        named = self._texts.plain(language, name) if self._texts.has(language, name) else said.ready
        words = said.words if len(said.words) <= _SHOWN else f"{said.words[: _SHOWN - 1]}…"
        return self._texts.plain(
            language,
            "desk.decision_said",
            done=done,
            erdr=said.erdr,
            article=said.ready if is_case else "",
            named=words or ("" if is_case or not said.ready else named),
            double=said.number,
            photo=said.photo,
        )


def _shown_of(said: Said, *, hidden: bool) -> Said:
    return said.model_copy(update={"words": "", "line": ""}) if hidden else said
