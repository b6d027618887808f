"""What a card says of its decision: what was said with it; as long as it can be taken back, what the citizen gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from bot.clock import Clock
from bot.delivery.outbox import CardSort
from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.reports import made, queries
from bot.reports.feedback import feedback_text
from bot.reports.lifecycle import TRANSITIONS, Amendment, Decision
from bot.reports.said import LIST_OF, Said
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
    amendments: tuple[Amendment, ...] = ()

    @property
    def open(self) -> bool:
        """Tell whether it can still be taken back."""
        return bool(self.amendments)

    def texts(self) -> dict[str, Any]:
        """Give what a card's text is rendered with."""
        return {"decision": self.decision, "feedback": Markup(self.feedback), "silent": self.silent}  # noqa: S704


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
        """Give what the card of a subject says; `kind` names the feedback's texts, `links` are those of a report.

        Of what is hidden nobody's words are shown, an officer's neither.
        """
        if row["decision"] is None:
            return DecisionShown()
        decision = Decision(row["decision"])
        done = self._texts.plain(language, f"desk.done.{decision}")
        decided = await made.standing(raw, self._ring, subject)
        if decided is None:
            return DecisionShown(done)
        said = decided.said.model_copy(update={"words": "", "line": ""}) if hidden else decided.said
        shown = self._said(language, done, decision, said)
        if not decided.open(self._clock()) or not TRANSITIONS[decision].feedback:
            return DecisionShown(shown)
        if decided.silent:
            return DecisionShown(shown, silent=True, amendments=(Amendment.UNDO,))
        listed = sort is CardSort.REPORT and links > 0
        feedback = await self._feedback(raw, language, subject, kind, decision, said.line, listed=listed)
        lines = () if listed else (Amendment.LINE,)
        return DecisionShown(shown, feedback, amendments=(Amendment.UNDO, Amendment.SILENCE, *lines))

    async def _feedback(
        self, raw: Any, language: Language, subject: UUID, kind: str, decision: Decision, line: str, *, listed: bool
    ) -> str:
        if listed:
            rows = await raw.fetch(queries.RESOURCES_OF_REPORT, subject)
            closed = sum(row["decision"] == Decision.BLOCKED for row in rows)
            return self._texts.render(language, "citizen.progress", closed=closed, total=len(rows))
        return feedback_text(self._texts, language, kind, decision, line)

    def _said(self, language: Language, done: str, decision: Decision, said: Said) -> str:
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
