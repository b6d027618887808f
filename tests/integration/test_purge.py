"""What is stored for a while is gone when its time is over, and nothing sooner."""

from __future__ import annotations

from datetime import timedelta

from bot.purge import Purge
from bot.wording import Wording
from tests.conftest import open_stage
from tests.integration.test_desk import report
from tests.stage import Stage


def purge(stage: Stage) -> Purge:
    return Purge(stage.database, stage.app.ring, stage.now, stage.app.settings)


async def closed_report(stage: Stage) -> None:
    citizen, card = await report(stage, "продают рядом t.me/some_shop")
    assert "продают рядом" in (card.text or "")
    await stage.press(stage.officer, card, "Доступ закрыт")
    await stage.says(citizen, "Есть ответ")


async def count(stage: Stage, table: str) -> int:
    counts = {
        "addresses": "SELECT count(*) FROM return_addresses",
        "marks": "SELECT count(*) FROM handled_updates",
        "words": "SELECT count(*) FROM reports WHERE sealed IS NOT NULL",
        "days": "SELECT count(*) FROM period_keys WHERE purpose = 'day'",
        "weeks": "SELECT count(*) FROM period_keys WHERE purpose = 'week'",
        "counters": "SELECT count(*) FROM counters",
    }
    return int((await stage.fetch(counts[table]))[0][0])


async def test_a_return_address_goes_two_weeks_after_the_decision_and_its_key_with_it(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        await closed_report(stage)
        stage.ahead = timedelta(days=13)
        await purge(stage).run()
        assert await count(stage, "addresses") == 1
        stage.ahead = timedelta(days=24)
        await purge(stage).run()
        assert await count(stage, "addresses") == 0
        assert await count(stage, "weeks") == 0


async def test_marks_of_handled_updates_stay_as_long_as_telegram_may_bring_them_again(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        await report(stage)
        stage.ahead = timedelta(hours=25)
        await purge(stage).run()
        assert await count(stage, "marks") > 0
        stage.ahead = timedelta(hours=27)
        await purge(stage).run()
        assert await count(stage, "marks") == 0


async def test_counters_go_with_the_key_of_their_day(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        await report(stage)
        assert await count(stage, "counters") == 1
        stage.ahead = timedelta(days=2)
        await purge(stage).run()
        assert await count(stage, "days") == 0
        assert await count(stage, "counters") == 0


async def test_the_words_of_a_closed_report_leave_the_database_and_the_card(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        await closed_report(stage)
        card = await stage.card("some_shop")
        stage.ahead = timedelta(days=364)
        await purge(stage).run()
        assert await count(stage, "words") == 1
        stage.ahead = timedelta(days=366)
        await purge(stage).run()
        assert await count(stage, "words") == 0
        stage.app.wake()
        await stage.sandbox.wait_for(lambda: "продают рядом" not in (card.text or ""))
        assert "some_shop" in (card.text or "")
