"""A place that is added later may lie in another office's district: its desk is asked whether to pass the card there.

Nothing moves by itself: an officer may have kept, or passed, the card for a reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.offices.office import MAIN, OfficeList
from bot.reports import form_queries
from bot.reports.lifecycle import Act
from bot.reports.releasing import BOT

# Where it is, as long as it is open and has a card of its own; what is restricted is passed nowhere.
STANDS: Final = """
SELECT coalesce(report.office, 0) AS office FROM reports AS report
LEFT JOIN offices AS office ON office.id = report.office
WHERE report.id = $1 AND report.status <> 'decided' AND NOT coalesce(office.restricted, false)
  AND EXISTS (SELECT 1 FROM cards WHERE sort = 'report' AND subject = report.id)
"""


async def propose(
    driver: Any, outbox: Outbox, offices: OfficeList, report_id: UUID, kind: str, district: str, now: datetime
) -> None:
    """Ask under a report's card whether to pass it to the office of its district, if that is another one."""
    to = offices.route(kind, district) or MAIN
    at = await driver.fetchval(STANDS, report_id)
    if at is None or at == to:
        return
    form_id, sort = uuid4(), CardSort.REPORT.value
    await driver.execute(
        form_queries.NEW_FORM, form_id, Act.PASS.value, sort, report_id, report_id, "open", *BOT, None, now
    )
    await driver.execute(form_queries.MOVE_FORM, form_id, "open", str(to))
    await outbox.want(driver, Recipient.DESK, CardSort.FORM, [form_id], now)
