"""What the courier sends to citizens: acknowledgements, feedback, the counter; rendered in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from bot.citizen.buttons import Button, markup
from bot.citizen.closed import closed_text
from bot.citizen.labels import Labels
from bot.citizen.office_hours import office_hours
from bot.citizen.photo_codes import PhotoCodes
from bot.citizen.photo_place import PhotoPlaces
from bot.clock import Clock
from bot.database import Database, driver
from bot.delivery.sender import Letter, NotYet, Outgoing, WantedCard
from bot.languages import Language
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.reports import batch_queries, carrying, decision_queries, made
from bot.reports.feedback import ALSO, FEEDBACK, feedback_text, progress_of
from bot.reports.form_state import FormState
from bot.reports.forms import Forms
from bot.reports.questions import words_of
from bot.telegram.reply import Rows, keyboard
from bot.texts import Texts

_OFFICERS: Final = frozenset({FEEDBACK, ALSO, "question", "progress"})
"""What an officer caused. Of all else the desk learns nothing: when a citizen blocked the bot is theirs to know."""
_NOT_REACHED: Final = frozenset({"closed", "failed", "unreachable"})
"""Outcomes of a message that did not arrive."""


class CitizenDeliveries:
    """Renders what goes to citizens, and finds the way to them."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        texts: Texts,
        labels: Labels,
        forms: Forms,
        places: PhotoPlaces,
        codes: PhotoCodes,
        hours: str,
        clock: Clock,
    ) -> None:
        self._database, self._ring, self._texts, self._labels = database, ring, texts, labels
        self._forms, self._places, self._hours, self._clock = forms, places, hours, clock
        self._codes = codes

    async def address(self, report_id: UUID) -> tuple[int, str] | None:
        """Open a report's return address."""
        async with self._database.lend() as raw:
            return await addresses.open_address(raw, self._ring, report_id)

    def opened(self, row: Mapping[str, Any]) -> tuple[int, str] | None:
        """Open the return address that was read with a message."""
        return addresses.opened(self._ring, row["lane"], row["key_id"], row["address"])

    async def message(self, letter: Letter) -> Outgoing | None:
        """Render a message by its template."""
        report_id, template, params, into = letter.lane, letter.template, letter.params, Language(letter.language)
        match template:
            case "received":
                own = f"kinds.{params['kind']}.received"
                text = self._texts.render(
                    into,
                    # The kind's file may have gone since it was sent; its code must arrive all the same.
                    own if self._texts.has(into, own) else "citizen.received",
                    receipt=params["receipt"],
                    links=params.get("links", 1),
                    office_hours=office_hours(self._hours, into),
                )
                told = [text, closed_text(self._texts, into, letter.closed)]
                return _text("\n\n".join(filter(None, told)), self._labels.menu(into, ["erase"]))
            case "feedback" | "also":
                line = await self._line(params.get("made"))
                text = feedback_text(self._texts, into, params["kind"], params["decision"], line)
                # The kind's file may have lost this decision since it was made: then there is nothing to say.
                return _text(text) if text else None
            case "question":
                return await self._question(letter)
            case "photo_place":
                return await self._places.question(letter)
            case "photo_codes":
                return await self._codes.question(letter)
            case "progress":
                return _text(self._texts.render(into, "citizen.progress", **await self._progress(report_id)))
            case "erased":
                return _text(self._texts.render(into, "citizen.erased"), self._labels.menu(into))
            case "list_read":
                rows = self._labels.rows(into, ["send"], ["restricted"], ["back", "cancel"])
                hint = self._texts.render(into, "citizen.list_invites") if params.pop("invites", False) else ""
                read = self._texts.render(into, "citizen.list_read", **params)
                return _text("\n\n".join(filter(None, [hint, read])), rows)
            case _:
                return _text(self._texts.render(into, f"citizen.{template}", **params))

    async def card(self, wanted: WantedCard) -> Outgoing | None:
        """Render the counter of a draft's links."""
        return _text(self._texts.render(wanted.language, "citizen.counter", **wanted.params))

    async def over(self, report_id: UUID, template: str, outcome: str) -> None:
        """After the erasure was told, or could not be, erase; tell the desk of an answer that reached nobody."""
        if template == "erased":
            async with self._database.transaction() as connection:
                await addresses.erase(await driver(connection), [report_id])
        elif template in _OFFICERS and outcome in _NOT_REACHED:
            async with self._database.transaction() as connection:
                await self._forms.asked.undelivered(await driver(connection), report_id, template, self._clock())

    async def _question(self, letter: Letter) -> Outgoing | None:
        form_id, into = UUID(letter.params["form"]), Language(letter.language)
        async with self._database.transaction() as connection:
            asked = await self._forms.asked.leaves(await driver(connection), form_id, self._clock())
        if asked is None:
            return None
        words = words_of(self._texts, into, asked.choice, asked.words)
        if not words:
            # The file has lost this question since it was chosen.
            async with self._database.transaction() as connection:
                raw = await driver(connection)
                await self._forms.asked.end(raw, letter.lane, form_id, FormState.WITHDRAWN, self._clock())
            return None
        outgoing = _text(self._texts.render(into, "citizen.question", words=words))
        rows = [[Button.ANSWER], [Button.DECLINE, Button.ERASE]]
        outgoing.params["reply_markup"] = markup(self._ring, self._texts, into, form_id, letter.chat_id, rows)
        return outgoing

    async def _line(self, made_id: str | None) -> str:
        """Open what the office says beside a decision's feedback; empty where that is nothing."""
        if made_id is None:
            return ""
        async with self._database.transaction() as connection:
            row = await (await driver(connection)).fetchrow(decision_queries.SAID, UUID(made_id))
        return made.said_of(self._ring, row).line if row else ""

    async def _progress(self, report_id: UUID) -> dict[str, int]:
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            if await raw.fetchval(batch_queries.BEING_MARKED, report_id, self._clock()):
                # A list that came back closes hundreds of links: their number is told once, when all are marked.
                raise NotYet
            rows = await raw.fetch(carrying.STANDS, report_id)
        return progress_of(rows)


def _text(text: str, rows: Rows | None = None) -> Outgoing:
    # Nobody near the phone is to hear that the bot has written.
    params: dict[str, Any] = {"text": text, "disable_notification": True}
    if rows is not None:
        params["reply_markup"] = keyboard(rows)
    return Outgoing("sendMessage", params)
