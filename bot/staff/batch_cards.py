"""What the desk sees of a batch: whether it is to be marked, that it is being marked, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.delivery.sender import Outgoing, WantedCard
from bot.languages import Language
from bot.reports import batch_queries
from bot.reports.batches import Batches, BatchState, Outcome
from bot.staff import batch_buttons
from bot.staff.album import reply_to
from bot.texts import Texts


class BatchCards:
    """Renders batches."""

    def __init__(self, batches: Batches, texts: Texts, timezone: str) -> None:
        self._batches, self._texts, self._zone = batches, texts, ZoneInfo(timezone)

    async def card(self, raw: Any, wanted: WantedCard) -> Outgoing | None:
        """Render a batch in its newest state, under the message by which an officer began it."""
        batch = await raw.fetchrow(batch_queries.BATCH, wanted.subject)
        if batch is None or batch["decision"] is None:
            return None
        language, state = Language(wanted.language), BatchState(batch["state"])
        match state:
            case BatchState.ASKED:
                text = await self._asked(raw, batch, language)
            case BatchState.DONE:
                text = await self._done(raw, batch, language)
            case BatchState.FAILED:
                text = self._texts.render(language, f"desk.batch_failed_{batch['reason']}")
            case _:
                text = self._texts.render(language, f"desk.batch_{state}")
        buttons = batch_buttons.rows(self._texts, language, wanted.subject) if state is BatchState.ASKED else []
        params: dict[str, Any] = {"text": text, "reply_markup": {"inline_keyboard": buttons}}
        return Outgoing("sendMessage", params | (reply_to(batch["message_id"]) if batch["message_id"] else {}))

    async def _asked(self, raw: Any, batch: Any, language: Language) -> str:
        done = self._texts.plain(language, f"desk.done.{batch['decision']}")
        if batch["source"]:
            register = await raw.fetchrow(batch_queries.BATCH, batch["source"])
            return self._texts.render(
                language,
                "desk.batch_asked_register",
                done=done,
                count=await raw.fetchval(batch_queries.COUNT_LINKS, batch["source"]),
                made=self._local(register["made_at"]) if register else "—",
                officer=register["officer_name"] if register else "—",
            )
        count = await raw.fetchval(batch_queries.COUNT_LINKS, batch["id"])
        return self._texts.render(language, "desk.batch_asked_list", done=done, count=count)

    async def _done(self, raw: Any, batch: Any, language: Language) -> str:
        rows = {row["outcome"]: row for row in await raw.fetch(batch_queries.OUTCOMES, batch["id"])}
        found = self._batches.found(batch["id"], batch["sealed"])
        count = {outcome: rows[outcome]["links"] if outcome in rows else 0 for outcome in Outcome}
        return self._texts.render(
            language,
            "desk.batch_done",
            done=self._texts.plain(language, f"desk.done.{batch['decision']}"),
            marked=count[Outcome.MARKED],
            links=found.links if found else sum(count.values()),
            decided=count[Outcome.DECIDED],
            held=count[Outcome.HELD],
            holders=sorted(rows[Outcome.HELD]["holders"]) if Outcome.HELD in rows else [],
            gone=count[Outcome.GONE],
            unknown=found.unknown if found else 0,
            unknown_links=found.unknown_links if found else [],
            others=found.others if found else 0,
            answers=found.answers if found else [],
            bad=found.bad if found else 0,
            bad_lines=found.bad_lines if found else [],
            cut=bool(found and found.cut),
        )

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%d.%m.%Y %H:%M")
