"""The place that stands in a photo's file: the citizen is asked, once a report that has none, whether to use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from bot.citizen.buttons import Button, Press, markup
from bot.citizen.conversation import Conversation, Talk
from bot.citizen.dialogue import Dialogue, read
from bot.citizen.steps import holds
from bot.database import Database, driver
from bot.delivery.sender import Letter, Outgoing
from bot.languages import Language
from bot.privacy import addresses
from bot.privacy.keyring import KeyRing
from bot.reports import queries
from bot.reports.contents import Point
from bot.reports.kinds import Content
from bot.reports.places import Point as MapPoint
from bot.reports.places import in_kazakhstan
from bot.reports.service import Reports
from bot.telegram.actors import Actor, Side
from bot.telegram.records import Records
from bot.telegram.reply import Reply, toast

DIALOGUE: Final = "SELECT sealed FROM dialogues WHERE chat_hash = $1"


class PhotoPlaces:
    """Tells whether to ask, renders the question, and takes its answer."""

    def __init__(
        self,
        database: Database,
        ring: KeyRing,
        conversation: Conversation,
        reports: Reports,
        wake: Callable[[], None],
        answer_press: Callable[[str], None],
    ) -> None:
        """`answer_press` answers a press by its id after the commit, where the reply is a message instead."""
        self._database, self._ring, self._say, self._reports = database, ring, conversation, reports
        self._records, self._wake, self._answer_press = Records(ring), wake, answer_press

    async def wanted(self, raw: Any, report_id: UUID) -> bool:
        """Tell whether a report, filed or not, has no place and is of a kind that takes one."""
        filed = await raw.fetchrow(queries.CONTENTS, report_id)
        if filed is None:
            dialogue = await self.dialogue(raw, report_id)
            return self._lacks_place(dialogue, report_id)
        kind = self._say.kinds.get(filed["kind"])
        takes = kind is not None and kind.take(Content.LOCATION) is not None
        # What was purged is closed for good.
        return takes and bool(filed["sealed"]) and not self._reports.open_contents(report_id, filed["sealed"]).placed

    async def question(self, letter: Letter) -> Outgoing | None:
        """Render the question; None when it was answered, or its report dropped, before it left."""
        part_id, into = UUID(letter.params["part"]), Language(letter.language)
        async with self._database.transaction() as connection:
            row = await (await driver(connection)).fetchrow(queries.PLACE_OF, part_id)
        if row is None or row["place"] is None:
            return None
        point, texts = self._open(part_id, row["place"]), self._say.texts
        outside = not in_kazakhstan(MapPoint(point.latitude, point.longitude))
        text = texts.render(into, "citizen.photo_place", **point.model_dump(), outside=outside)
        rows = [[Button.USE_PLACE, Button.LEAVE_PLACE]]
        params = {
            "text": text,
            "disable_notification": True,
            "reply_markup": markup(self._ring, texts, into, part_id, letter.chat_id, rows),
        }
        return Outgoing("sendMessage", params)

    async def press(self, talk: Talk, press: Press, query_id: str) -> Reply:
        """Use the place or leave it; either answer erases where it lay. A draft goes on with its next step."""
        turn, part_id = talk.turn, press.subject
        row = await turn.driver.fetchrow(queries.PLACE_OF, part_id)
        if row is None or row["place"] is None:
            return self._toast(talk, query_id, "outdated")
        await turn.driver.execute(queries.PLACE_ANSWERED, part_id)
        report_id, point = row["report_id"], self._open(part_id, row["place"])
        if press.button is Button.USE_PLACE:
            draft = talk.dialogue.draft
            if draft and self._lacks_place(talk.dialogue, report_id):
                # It was shown with the question, and outside the country that was said.
                draft.point = point
                turn.after_commit.append(lambda: self._answer_press(query_id))
                return self._say.present(talk, self._say.text(talk, "photo_place_used"))
            if await self._filed_without_place(turn.driver, report_id):
                await self._reports.places.add(turn.driver, report_id, point, turn.now)
                turn.after_commit.append(self._wake)
                return self._toast(talk, query_id, "photo_place_used")
        else:
            # The files as they were sent hold the place too.
            await turn.driver.execute(queries.DROP_ORIGINALS, report_id)
        return self._toast(talk, query_id, "photo_place_left")

    async def _filed_without_place(self, raw: Any, report_id: UUID) -> bool:
        return await raw.fetchval(queries.REPORT_EXISTS, report_id) and await self.wanted(raw, report_id)

    async def dialogue(self, raw: Any, report_id: UUID) -> Dialogue:
        """Open the dialogue of the chat that a draft's return address leads to; an empty one when there is none."""
        address = await addresses.open_address(raw, self._ring, report_id)
        if address is None:
            return Dialogue()
        key = Actor(Side.CITIZEN, address[0], address[0]).key
        chat_hash = self._ring.hash("chat", *(part.to_bytes(8, "big", signed=True) for part in key))
        _, stored = self._records.dialogue(chat_hash, await raw.fetchval(DIALOGUE, chat_hash))
        return read(stored)

    def _lacks_place(self, dialogue: Dialogue, report_id: UUID) -> bool:
        draft = dialogue.draft
        if draft is None or draft.report_id != report_id:
            return False
        if holds(draft, Content.LOCATION) or dialogue.pending:
            return False
        kind = self._say.kinds.get(draft.kind)
        return kind.take(Content.LOCATION) is not None if kind else not draft.kind

    def _open(self, part_id: UUID, sealed: bytes) -> Point:
        return Point.model_validate_json(self._ring.open("parts.place", part_id.bytes, sealed))

    def _toast(self, talk: Talk, query_id: str, name: str) -> Reply:
        return toast(query_id, self._say.texts.plain(talk.language, f"citizen.{name}"))
