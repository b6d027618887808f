"""What the desk reads of its own line: how many cards wait, that they wait no longer, what could not be shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from bot.delivery import limits
from bot.delivery.digest import OVER
from bot.delivery.precedence import KEPT
from bot.delivery.sender import Letter, Outgoing, WantedCard
from bot.delivery.setbacks import NOT_HIDDEN, NOT_SHOWN
from bot.reports import form_queries
from bot.reports.kinds import Content, Kinds
from bot.texts import Texts

NAMED: Final = 10
"""Numbers of reports that one notice names."""
TEMPLATES: Final = frozenset({OVER, NOT_SHOWN, NOT_HIDDEN})

WAITING: Final = """
SELECT report.kind, count(*) AS cards FROM cards
LEFT JOIN reports AS report ON cards.sort = 'report' AND report.id = cards.subject
WHERE cards.recipient = $1 AND cards.wanted_version > cards.shown_version AND cards.message_id IS NULL
  AND cards.sort IN ('report', 'resource')
GROUP BY report.kind
"""
OLDEST: Final = """
SELECT coalesce(report.number, (SELECT min(number) FROM report_links WHERE resource_id = cards.subject)) FROM cards
LEFT JOIN reports AS report ON cards.sort = 'report' AND report.id = cards.subject
WHERE cards.recipient = $1 AND cards.wanted_version > cards.shown_version AND cards.message_id IS NULL
  AND cards.sort IN ('report', 'resource')
ORDER BY cards.ordinal LIMIT 1
"""
NUMBER_ABOUT: Final = """
SELECT coalesce(
  (SELECT number FROM reports WHERE id = $1),
  (SELECT max(number) FROM report_links WHERE resource_id = $1),
  (SELECT report.number FROM forms AS form JOIN reports AS report ON report.id = form.report_id WHERE form.id = $1))
"""


async def digest(raw: Any, texts: Texts, kinds: Kinds, wanted: WantedCard) -> Outgoing | None:
    """Render how many cards wait, by kind; None when there are none."""
    language = wanted.language
    found = {row["kind"] or _of_links(kinds): row["cards"] for row in await raw.fetch(WAITING, wanted.desk)}
    total = sum(found.values())
    if not total:
        return None
    # One of those that are not kept for officers is the digest itself.
    minutes = -(-total // (limits.GROUP[0] - KEPT - 1))
    order = [*kinds, *(kind for kind in found if kind not in kinds)]
    named = [
        {"name": texts.plain(language, f"kinds.{kind}.name") if kind in kinds else kind, "cards": found[kind]}
        for kind in order
        if kind in found
    ]
    text = texts.render(
        language,
        "desk.digest",
        total=total,
        kinds=named,
        oldest=await raw.fetchval(OLDEST, wanted.desk),
        hours=minutes // 60,
        minutes=minutes % 60,
    )
    return Outgoing("sendMessage", {"text": text})


async def message(raw: Any, texts: Texts, letter: Letter) -> Outgoing | None:
    """Render the digest's last state, as an edit, or that something could not be shown."""
    if letter.template == OVER:
        if letter.params["chat_id"] != letter.chat_id:
            # No call reaches the messages of a group once it has become a supergroup.
            return None
        text = texts.render(letter.language, "desk.digest_over")
        return Outgoing("editMessageText", {"message_id": letter.params["message_id"], "text": text})
    number = await raw.fetchval(NUMBER_ABOUT, letter.lane)
    if number is None:
        return None
    return Outgoing("sendMessage", {"text": texts.render(letter.language, f"desk.{letter.template}", number=number)})


def _of_links(kinds: Kinds) -> str:
    """Name the kind whose cards are of resources."""
    takes = ((kind.name, kind.take(Content.LINKS)) for kind in kinds.values())
    return next((name for name, take in takes if take and take.required), "")


async def unreachable(raw: Any, texts: Texts, letter: Letter, number: int) -> str:
    """Say whom an answer did not reach: one report, or of a link that many have reported all of them."""
    since = letter.params.get("since")
    others = await raw.fetch(form_queries.NOT_REACHED, letter.lane, datetime.fromisoformat(since)) if since else []
    numbers = sorted({number, *(row["number"] for row in others)})
    named = {"numbers": numbers[:NAMED], "more": len(numbers[NAMED:])}
    return texts.render(letter.language, "desk.unreachable", **named)
