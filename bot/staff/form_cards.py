"""What the desk sees of forms: a question being put together and what became of it; a block to be confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.delivery.outbox import office_of
from bot.delivery.sender import Outgoing, WantedCard
from bot.languages import Language
from bot.offices.office import MAIN
from bot.offices.store import Offices
from bot.reports import form_queries, queries
from bot.reports.form_state import FormState
from bot.reports.forms import Forms
from bot.reports.lifecycle import Act, parse_act
from bot.reports.questions import Questions, words_of
from bot.staff.block_acts import LIFTED
from bot.staff.decision_acts import ACTS
from bot.staff.decision_form_cards import DecisionFormCards
from bot.staff.form_buttons import Verb, button, data
from bot.texts import Texts


class FormCards:
    """Renders forms."""

    def __init__(
        self, forms: Forms, texts: Texts, questions: Questions, says: DecisionFormCards, offices: Offices
    ) -> None:
        self._offices = offices
        self._forms, self._texts, self._questions, self._says = forms, texts, questions, says

    async def card(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        """Render a form in its newest state, under the card that it belongs to."""
        form = await raw.fetchrow(form_queries.FORM, wanted.subject)
        if form is None:
            return None
        language, state = Language(wanted.language), FormState(form["state"])
        if form["act"] in ACTS:
            text, rows = await self._says.drawn(raw, language, form)
        elif state is FormState.CHOOSING:
            act = parse_act(form["act"])
            numbers = await self._forms.named(raw, act, form["subject"]) if act else []
            text = self._texts.render(language, "desk.form_choosing")
            rows = [self._numbers(wanted.subject, numbers), [self._button(language, "drop", form["id"], Verb.DROP)]]
        else:
            text = self._text(language, form, state)
            rows = self._rows(language, form, state)
            if form["act"] == Act.PASS:
                open_now = state is FormState.OPEN
                proposed = self._proposed(language, form, wanted.desk) if open_now else None
                text, rows = proposed or (text, self._offices_of(language, form, wanted.desk) if open_now else [])
        under = await raw.fetchval(queries.CARD_POSTED, form["sort"], form["subject"], wanted.desk)
        params: dict[str, Any] = {"text": text, "reply_markup": {"inline_keyboard": rows}}
        if under is not None:
            params["reply_parameters"] = {"message_id": under, "allow_sending_without_reply": True}
        return Outgoing("sendMessage", params)

    def _text(self, language: Language, form: Any, state: FormState) -> str:
        act, own = form["act"], self._forms.words(form["id"], form["sealed"])
        if own and form["hidden_name"]:
            own = self._texts.plain(language, "desk.words_hidden")
        words = words_of(self._texts, language, form["choice"], own)
        name = "form_dropped" if state is FormState.DROPPED else f"form_{act}_{state}"
        if act != Act.ASK and state is FormState.DONE:
            name = f"form_{act}_{form['choice']}"
        return self._texts.render(language, f"desk.{name}", number=form["number"], words=words)

    def _rows(self, language: Language, form: Any, state: FormState) -> list[list[dict[str, Any]]]:
        form_id: UUID = form["id"]
        if state is FormState.WAITING:
            return [[self._button(language, "withdraw", form_id, Verb.WITHDRAW)]]
        if state is FormState.DONE and form["act"] not in (Act.HIDE, Act.UNHIDE) and form["choice"] != LIFTED:
            return [[self._button(language, "unblock", form_id, Verb.UNBLOCK)]]
        if state is not FormState.OPEN:
            return []
        if form["act"] in (Act.HIDE, Act.UNHIDE):
            return [
                [
                    self._button(language, form["act"], form_id, Verb.HIDE),
                    self._button(language, "drop", form_id, Verb.DROP),
                ]
            ]
        if form["act"] != Act.ASK:
            return [
                [
                    self._button(language, "confirm", form_id, Verb.CONFIRM),
                    self._button(language, "drop", form_id, Verb.DROP),
                ]
            ]
        if form["sealed"] is not None:
            return [
                [
                    self._button(language, "send", form_id, Verb.SEND),
                    self._button(language, "own", form_id, Verb.DROP),
                ]
            ]
        ready = [
            {
                "text": self._texts.plain(language, f"questions.{question.name}.label"),
                "callback_data": data(form_id, Verb.READY, question.name),
            }
            for question in self._questions.values()
            if question.fits(form["kind"])
        ]
        pairs = [ready[start : start + 2] for start in range(0, len(ready), 2)]
        return [*pairs, [self._button(language, "drop", form_id, Verb.DROP)]]

    def _proposed(self, language: Language, form: Any, desk: str) -> tuple[str, list[list[dict[str, Any]]]] | None:
        """Draw the proposal to pass a card to one office; None where it is none, or that office takes nothing more."""
        to = int(form["choice"]) if form["choice"] else None
        if to is None or to not in self._offices.now.others(office_of(desk) or None):
            return None
        name = self._texts.plain(language, "desk.main_desk") if to == MAIN else self._offices.now.by_id[to].name
        text = self._texts.render(language, "desk.form_pass_proposed", number=form["number"], office=name)
        label = self._texts.plain(language, "desk.form_button.pass_to", office=name)
        passes = {"text": label, "callback_data": data(form["id"], Verb.OFFICE, str(to))}
        return text, [[passes], [self._button(language, "stay", form["id"], Verb.DROP)]]

    def _offices_of(self, language: Language, form: Any, desk: str) -> list[list[dict[str, Any]]]:
        """Make a button of each office that a card may be passed to, one a row: their names are long."""
        known, here = self._offices.now, office_of(desk) or None
        rows = []
        for office in known.others(here):
            main = self._texts.plain(language, "desk.main_desk")
            name = main if office == MAIN else known.by_id[office].name
            rows.append([{"text": name, "callback_data": data(form["id"], Verb.OFFICE, str(office))}])
        return [*rows, [self._button(language, "drop", form["id"], Verb.DROP)]]

    def _numbers(self, form_id: UUID, rows: list[Any]) -> list[dict[str, Any]]:
        return [
            {"text": f"№{row['number']}", "callback_data": data(form_id, Verb.NUMBER, str(row["number"]))}
            for row in rows
        ]

    def _button(self, language: Language, name: str, form_id: UUID, verb: Verb) -> dict[str, Any]:
        return button(self._texts, language, name, form_id, verb)
