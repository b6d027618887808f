"""What the desk sees of a decision's form: what is still to be said, and what was."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries
from bot.reports.decision_forms import DecisionForms, photo_of
from bot.reports.form_state import FormState
from bot.reports.kinds import Content, Kinds
from bot.reports.lifecycle import Amendment, Decision
from bot.reports.parts import PartState
from bot.reports.ready import ReadyLists
from bot.reports.said import LINE_MOST, LIST_OF, Said
from bot.staff.form_buttons import Verb, button, data
from bot.texts import Texts

Rows = list[list[dict[str, Any]]]
A_ROW: Final = 2


class DecisionFormCards:
    """Renders these forms, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, texts: Texts, kinds: Kinds, ready: ReadyLists, forms: DecisionForms) -> None:
        self._ring, self._texts, self._kinds, self._ready, self._forms = ring, texts, kinds, ready, forms

    async def drawn(self, raw: Any, language: Language, form: Any) -> tuple[str, Rows]:
        """Render a form's text and buttons in its newest state."""
        state = FormState(form["state"])
        if form["act"] == Amendment.LINE:
            return await self._line(raw, language, form, state)
        heading = self._texts.plain(language, f"desk.act.{form['act']}")
        if state is not FormState.OPEN:
            name = "form_decided" if state is FormState.DONE else "form_closed"
            return self._texts.render(language, f"desk.{name}", act=heading), []
        said, decision = self._forms.said(form), Decision(form["act"])
        photo = await photo_of(raw, form["id"]) if decision is Decision.REMOVED else None
        text = self._texts.render(
            language,
            f"desk.form_{decision}",
            act=heading,
            erdr=said.erdr,
            words=self._shown(language, form, said.words),
            double=said.number,
            photo_ready=photo is PartState.READY,
            photo_waits=photo is PartState.WAITING,
            photo_refused=photo is PartState.REFUSED,
        )
        return text, self._rows(language, form, said, decision, photo_ready=photo is PartState.READY)

    def _rows(self, language: Language, form: Any, said: Said, decision: Decision, *, photo_ready: bool) -> Rows:
        form_id, last = form["id"], [self._button(language, "drop", form["id"], Verb.DROP)]
        complete = photo_ready if decision is Decision.REMOVED else said.complete(decision)
        if complete:
            last.insert(0, self._button(language, "decide", form_id, Verb.CONFIRM))
        if decision is Decision.REMOVED:
            without = self._button(language, "without", form_id, Verb.WITHOUT)
            # What comes first is what a quick thumb presses: never to leave a photo out that has come.
            return [[last[0]], [without, last[1]]] if complete else [[without], last]
        listed = LIST_OF.get(decision)
        if listed is None or (decision is Decision.REGISTERED and not said.erdr):
            return [last]
        kind = form["kind"] or self._of_links()
        ready = [
            {
                "text": self._texts.plain(language, f"{listed}.{entry.name}"),
                "callback_data": data(form_id, Verb.READY, entry.name),
            }
            for entry in self._ready[listed].values()
            if entry.fits(kind)
        ]
        return [*(ready[start : start + A_ROW] for start in range(0, len(ready), A_ROW)), last]

    async def _line(self, raw: Any, language: Language, form: Any, state: FormState) -> tuple[str, Rows]:
        if state is not FormState.OPEN:
            name = "form_line_done" if state is FormState.DONE else "form_line_dropped"
            return self._texts.render(language, f"desk.{name}"), []
        form_id, sealed = form["id"], form["sealed"]
        words = self._ring.open("forms", form_id.bytes, sealed).decode() if sealed else ""
        many = await raw.fetchval(decision_queries.NAMED_IN_LISTS, form["subject"])
        text = self._texts.render(
            language, "desk.form_line", words=self._shown(language, form, words), most=LINE_MOST, many=bool(many)
        )
        rows = [[self._button(language, "no_line", form_id, Verb.DROP)]]
        if words:
            rows[0].insert(0, self._button(language, "add_line", form_id, Verb.CONFIRM))
        return text, rows

    def _shown(self, language: Language, form: Any, words: str) -> str:
        """Give what was said in words; of a hidden report they are not shown."""
        return self._texts.plain(language, "desk.words_hidden") if words and form["hidden_name"] else words

    def _of_links(self) -> str:
        takes = ((kind.name, kind.take(Content.LINKS)) for kind in self._kinds.values())
        return next((name for name, take in takes if take and take.required), "")

    def _button(self, language: Language, name: str, form_id: UUID, verb: Verb) -> dict[str, Any]:
        return button(self._texts, language, name, form_id, verb)
