"""More for the desk than Telegram lets in: nothing is lost or refused, order is kept, and the desk knows what waits.

`BURST=5000` makes the burst as large as it can come: in `make test` it is small.
"""

from __future__ import annotations

import itertools
import math
import os
from collections import Counter
from functools import partial

import pytest

from bot.delivery import limits
from bot.delivery.digest import PACE
from bot.delivery.precedence import KEPT
from bot.wording import Wording
from tests.integration.rush import DIGEST_WORDS, Rush, open_rush

BURST = int(os.environ.get("BURST", "300"))
TEN_TIMES = 10.0 if "BURST" in os.environ else 1.5
"""Minutes for which ten times as much is offered as Telegram takes."""
POPULAR = 20


def offer(rush: Rush, reports: int, seconds: float, pressing: int) -> None:
    """Have so many reports come, evenly, and officers take four cards each minute, for so many minutes."""
    events = [(number * seconds / reports, partial(rush.file, number, POPULAR)) for number in range(reports)]
    events += [(30.0 + 61 * minute, partial(rush.press, 4)) for minute in range(pressing)]
    rush.events.extend(sorted(events, key=lambda event: event[0]))


def bound(rush: Rush) -> float:
    """Give the seconds within which Telegram lets in what was sent, with that left free which is kept for officers.

    While anything waits, each window of 61 s is full; but for an album, which waits for room for all of its parts.
    """
    most, seconds = limits.GROUP
    cost = sum(one.cost for one in rush.telegram.sent) - len(rush.answered)
    albums = sum(one.cost - 1 for one in rush.telegram.sent if one.method == "sendMediaGroup")
    return seconds * (math.ceil((cost + albums) / (most - KEPT)) + 1)


async def everything_arrived(rush: Rush) -> None:
    """See that nothing was refused, lost, out of order or late, and that the digest told the truth and is over."""
    sent, took = rush.telegram.sent, rush.telegram.sent[-1].at - rush.began
    cards = await rush.rows(
        "SELECT message_id FROM cards WHERE recipient = 'desk' AND sort IN ('report', 'resource') ORDER BY ordinal"
    )
    cost, within = sum(one.cost for one in sent), bound(rush)
    print(
        f"\n{len(cards)} cards, {cost} messages, {took / 60:.1f} of {within / 60:.1f} min, {len(rush.digests)} digests"
    )
    assert rush.telegram.refused == []
    assert await rush.rows("SELECT 1 FROM messages WHERE recipient = 'desk' AND outcome IS DISTINCT FROM 'sent'") == []
    assert await rush.shown() == []
    # In the order in which they came.
    posted = [row["message_id"] for row in cards]
    assert posted == sorted(posted)
    assert took <= within
    # Every message has a cause: a card, a further report of its link, a press, or a minute of the digest.
    calls = Counter(one.method for one in sent)
    assert calls["sendMessage"] == len(cards) + 1
    further = await rush.value("SELECT count(*) FROM report_links") - await rush.value("SELECT count(*) FROM resources")
    assert calls["editMessageText"] <= further + len(rush.answered) + len(rush.digests)
    # Officers wait for nothing but the call.
    assert rush.answered
    assert max(rush.answered) <= 1.0
    # One digest, edited once a minute, which says what is so.
    told = [one for one, _ in rush.digests]
    assert [one.method for one in told] == ["sendMessage"] + ["editMessageText"] * (len(told) - 1)
    assert [int(words[1]) for one in told if (words := DIGEST_WORDS.search(one.text))] == [n for _, n in rush.digests]
    assert all(later.at - earlier.at >= PACE.total_seconds() for earlier, later in itertools.pairwise(told))
    assert len(told) >= took / 60 * 0.8 - 3
    assert rush.telegram.texts[told[0].message_id] == rush.app.wording.texts.render("ru", "desk.digest_over")
    assert await rush.rows("SELECT 1 FROM cards WHERE sort = 'digest'") == []


@pytest.mark.parametrize("leaders", [1, 4])
async def test_a_burst_of_reports_reaches_the_desk_in_the_time_that_telegram_dictates(
    database_url: str, wording: Wording, leaders: int
) -> None:
    async with open_rush(database_url, wording, seed=BURST) as rush:
        offer(rush, BURST, 300.0, pressing=15)
        for change in range(leaders - 1):
            rush.at(250.0 + change * 133.3, rush.change_leader)
        await rush.run()
        await everything_arrived(rush)
        # The digest comes once more than two minutes' worth wait, and before them; not after what comes first.
        before = [one for one in rush.telegram.sent if one.at < rush.digests[0][0].at]
        assert len(before) <= limits.GROUP[0] * 3


async def test_ten_times_what_telegram_lets_in_is_taken_for_minutes(database_url: str, wording: Wording) -> None:
    async with open_rush(database_url, wording, seed=10) as rush:
        offer(rush, int(200 * TEN_TIMES), 60 * TEN_TIMES, pressing=10)
        await rush.run()
        await everything_arrived(rush)
