"""A QR code on a photo: the citizen is asked whether its link belongs to the report. It is never opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from bot.citizen.buttons import Button, Press, markup
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue
from bot.citizen.filling import Filling
from bot.citizen.photo_place import PhotoPlaces
from bot.database import Database, driver
from bot.delivery.sender import Letter, Outgoing
from bot.languages import Language
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.codes import Codes
from bot.reports.kinds import Content
from bot.reports.service import Reports
from bot.telegram.reply import Reply, toast

QUESTION = "photo_codes"


class PhotoCodes:
    """Tells whether to ask, and renders the question."""

    def __init__(
        self, database: Database, ring: KeyRing, conversation: Conversation, places: PhotoPlaces, codes: Codes
    ) -> None:
        self._database, self._ring, self.say, self.codes = database, ring, conversation, codes
        self._places = places

    async def wanted(self, raw: Any, report_id: UUID) -> bool:
        """Tell whether a report, filed or not, is of a kind that takes links. Of all others the desk is told alone."""
        filed = await raw.fetchrow(queries.CONTENTS, report_id)
        if filed is None:
            return self.takes(await self._places.dialogue(raw, report_id), report_id)
        kind = self.say.kinds.get(filed["kind"])
        return bool(filed["sealed"]) and kind is not None and kind.take(Content.LINKS) is not None

    def takes(self, dialogue: Dialogue, report_id: UUID) -> bool:
        """Tell whether a dialogue's draft is this report and could take a link."""
        draft = dialogue.draft
        if draft is None or draft.report_id != report_id:
            return False
        kind = self.say.kinds.get(draft.kind)
        return kind.take(Content.LINKS) is not None if kind else bool(self.say.for_links(draft))

    async def question(self, letter: Letter) -> Outgoing | None:
        """Render the question; None when it was answered, or its report dropped, before it left."""
        part_id, into = UUID(letter.params["part"]), Language(letter.language)
        async with self._database.transaction() as connection:
            kept = await self.codes.one(await driver(connection), part_id)
        if kept is None:
            return None
        texts, (_, links) = self.say.texts, kept
        text = texts.render(into, f"citizen.{QUESTION}", links=[link.shown[:200] for link in links])
        rows = [[Button.USE_CODES, Button.LEAVE_CODES]]
        shown = markup(self._ring, texts, into, part_id, letter.chat_id, rows)
        return Outgoing("sendMessage", {"text": text, "disable_notification": True, "reply_markup": shown})


class CodeAnswers:
    """Takes the citizen's answer."""

    def __init__(
        self,
        asked: PhotoCodes,
        filling: Filling,
        reports: Reports,
        wake: Callable[[], None],
        answer_press: Callable[[str], None],
    ) -> None:
        """`answer_press` answers a press by its id after the commit, where the reply is a message instead."""
        self._asked, self._filling, self._reports = asked, filling, reports
        self._wake, self._answer_press = wake, answer_press

    async def press(self, talk: Talk, press: Press, query_id: str) -> Reply:
        """Take the link or leave it; either answer erases what was kept. A draft goes on with its next step."""
        turn, codes = talk.turn, self._asked.codes
        kept = await codes.one(turn.driver, press.subject)
        if kept is None:
            return self._toast(talk, query_id, "outdated")
        report_id, links = kept
        filed = await turn.driver.fetchrow(queries.REPORT_LOCKED, report_id)
        if not await codes.answered(turn.driver, [press.subject]):
            return self._toast(talk, query_id, "outdated")
        if press.button is Button.LEAVE_CODES:
            return self._toast(talk, query_id, "photo_codes_left")
        if filed is not None:
            chat_id = turn.actor.chat_id
            await self._reports.add_links(turn.driver, report_id, links, chat_id, turn.now, listed=False)
            turn.after_commit.append(self._wake)
            return self._toast(talk, query_id, "photo_codes_used")
        if not self._asked.takes(talk.dialogue, report_id):
            return self._toast(talk, query_id, "photo_codes_left")
        talk.dialogue.guesses += links
        turn.after_commit.append(lambda: self._answer_press(query_id))
        return await self._filling.confirm(talk, self._asked.say.text(talk, "photo_codes_used"))

    def _toast(self, talk: Talk, query_id: str, name: str) -> Reply:
        return toast(query_id, self._asked.say.texts.plain(talk.language, f"citizen.{name}"))
