"""What is stored for a while is gone when its time is over, and nothing sooner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from bot import __main__ as commands
from bot import purge_keys
from bot.citizen.upkeep import FORGET_AFTER
from bot.database import Database, driver
from bot.delivery.outbox import CardSort, Recipient
from bot.privacy.keyring import KeyRing
from bot.purge import Purge
from bot.reports.deciding import Officer
from bot.running import purge_now
from bot.settings import Settings
from bot.wording import Wording
from tests.conftest import open_stage
from tests.integration.test_desk import report
from tests.integration.test_emptying import emptied, stash
from tests.journeys.acting import Citizen, settled
from tests.stage import Stage

YEAR = timedelta(days=366)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INVITE = "t.me/+AbCdEf1234567890"


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
        assert await count(stage, "counters") > 0
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


@asynccontextmanager
async def resting(stage: Stage) -> AsyncIterator[Purge]:
    """Stop the bot, so that nothing but a purge changes anything."""
    await stage.stop_bot()
    database = Database(stage.url, pool_size=3)
    ring = KeyRing(database, stage._key)
    await ring.load()
    try:
        yield Purge(database, ring, stage.now, stage.app.settings)
    finally:
        await database.close()


async def everything(stage: Stage) -> None:
    """Leave something behind for every rule."""
    ring, now = stage.app.ring, stage.now()
    await stash(stage)
    [closed] = await stage.fetch("SELECT id FROM reports")
    _, card = await report(stage, INVITE)
    await stage.press(stage.officer, card, "Доступ закрыт")
    await report(stage, "t.me/still_open")
    await settled(stage)
    async with stage.database.transaction() as connection:
        raw = await driver(connection)
        await stage.app.outbox.message(raw, Recipient.DESK, closed["id"], "photos", {}, now + YEAR * 2)
        [photo, _] = await raw.fetch("SELECT id FROM parts WHERE report_id = $1 ORDER BY position", closed["id"])
        await raw.execute("UPDATE parts SET place = 'x' WHERE id = $1", photo["id"])
        await raw.execute("INSERT INTO originals (part_id, sealed) VALUES ($1, 'x')", photo["id"])
        addition = uuid4()
        sealed = ring.seal("additions", addition.bytes, b"{}")
        await raw.execute(
            "INSERT INTO additions (id, report_id, at, sealed) VALUES ($1, $2, $3, $4)",
            *(addition, closed["id"], now, sealed),
        )
        await part(raw, addition, now.date())
        for words in (b"x", None):
            await raw.execute(
                "INSERT INTO forms (id, act, sort, subject, report_id, state, officer, officer_name, sealed, at)"
                " VALUES ($1, 'ask', 'report', $2, $2, 'asked', 1, 'x', $3, $4)",
                *(uuid4(), closed["id"], words, now),
            )
        decided = uuid4()
        await raw.execute(
            "INSERT INTO decisions (id, sort, subject, decision, officer, officer_name, at, until, status_before,"
            " reopened_before, withdrew, sealed) VALUES ($1, 'report', $2, 'removed', 1, 'x', $3, $3, 'new',"
            " false, false, 'x')",
            *(decided, closed["id"], now),
        )
        await part(raw, decided, now.date())
        await part(raw, uuid4(), now.date())
        [link] = await raw.fetch("SELECT id FROM resources WHERE status = 'decided'")
        await raw.execute(
            "INSERT INTO captures (id, resource_id, at, sha256, page, warc) VALUES ($1, $2, $3, 'x', 'x', 'x')",
            *(uuid4(), link["id"], now),
        )
        await raw.execute(
            "INSERT INTO watches (resource_id, host, failures, looked_at, sealed) VALUES ($1, 't.me', 0, $2, 'x')",
            *(link["id"], now),
        )
        await raw.execute("INSERT INTO return_addresses VALUES ($1, $2, 'x')", uuid4(), uuid4())
        await raw.execute("INSERT INTO return_addresses VALUES ($1, $2, 'x')", uuid4(), ring.week(now)[0])
        await raw.execute("INSERT INTO blocks VALUES ('x', $1, $2)", ring.month(now)[0], now.date())
        await stage.app.outbox.count(raw, uuid4(), 7, now)
        batch = uuid4()
        await stage.app.batches.take_out(raw, batch, Officer(1, "x"), "desk", now)
        await stage.app.outbox.want(raw, Recipient.DESK, CardSort.BATCH, [batch], now)
        await raw.execute(
            "INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at) VALUES (1, 1, 'batch', $1, $2)",
            *(batch, now),
        )
        capture = uuid4()
        for state in ("proposed", "declined"):
            await raw.execute(
                "INSERT INTO found_links (id, key, platform, what, url, resource_id, capture_id, successor, state, at, "
                "answered_at) VALUES ($1, $2, 'telegram', 'channel', 'x', $3, $4, true, $5, $6, $6)",
                *(uuid4(), state.encode(), link["id"], capture, state, now),
            )
        await stage.app.outbox.want(raw, Recipient.DESK, CardSort.FOUND, [capture], now)
        await raw.execute(
            "INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at) VALUES (1, 2, 'found', $1, $2)",
            *(capture, now),
        )


async def part(raw: Any, report_id: UUID, made_on: Any) -> None:
    await raw.execute(
        "INSERT INTO parts (id, report_id, sort, position, state, made_on, sealed)"
        " VALUES ($1, $2, 'photo', 0, 'ready', $3, 'x')",
        *(uuid4(), report_id, made_on),
    )


async def dump(stage: Stage) -> dict[str, list[str]]:
    """Give all rows of all tables."""
    tables = await stage.fetch(
        "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables"
        " WHERE table_schema IN ('public', 'jobs') AND table_type = 'BASE TABLE'"
    )
    return {
        table["name"]: [row[0] for row in await stage.fetch(f"SELECT t::text FROM {table['name']} AS t ORDER BY 1")]
        for table in tables
    }


async def test_a_dry_run_changes_nothing_and_tells_for_every_rule_what_the_purge_then_deletes(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        await everything(stage)
        async with resting(stage) as purge:
            stage.ahead = YEAR
            before = await dump(stage)
            due = await purge.dry_run()
            assert await dump(stage) == before
            assert due == await purge.run()
            assert {what for what, count in due.items() if not count} == set()
            left = await purge.run()
            # A form goes once its card has been shown without the words.
            assert {what for what, count in left.items() if count} == {"forms about closed reports"}
        await stage.start_bot()


def went(counts: dict[str, int]) -> set[str]:
    """Give what went but for keys, which go by the days, weeks and months of the calendar, and their counters."""
    return {what for what, count in counts.items() if count and "past" not in what}


async def test_nothing_is_due_before_its_time(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        await stash(stage)
        await report(stage, INVITE)
        async with resting(stage) as purge:
            stage.ahead = timedelta(hours=23)
            soon = {"sends of the desk's last minute", "strokes of the tally, once they are added up"}
            assert went(await purge.run()) == soon
            stage.ahead = timedelta(days=13)
            fleeting = {"marks of handled updates", "delivered messages", "lines in the log of jobs"}
            assert went(await purge.run()) == fleeting
            stage.ahead = timedelta(days=364)
            addresses = {"return addresses of decided reports", "return addresses at their longest term"}
            assert went(await purge.run()) == addresses
        await stage.start_bot()


async def test_statistics_stay_when_what_people_wrote_goes(database_url: str, wording: Wording) -> None:
    statistics = (
        "SELECT number, kind, status, decision, district, filed_at, decided_at FROM reports ORDER BY number",
        "SELECT platform, what, url, status, decision, first_reported_at, times_reported FROM resources ORDER BY id",
        "SELECT resource_id, number FROM report_links ORDER BY number",
        "SELECT act, sort, subject, at FROM journal ORDER BY id",
    )
    async with open_stage(database_url, wording) as stage:
        await everything(stage)
        before = [await stage.fetch(statement) for statement in statistics]
        await emptied(stage)
        assert [await stage.fetch(statement) for statement in statistics] == before


async def test_a_private_address_goes_when_every_report_that_names_it_is_erased(
    database_url: str, wording: Wording
) -> None:
    name = INVITE.rsplit("+", 1)[-1]
    async with open_stage(database_url, wording) as stage:
        _, card = await report(stage, INVITE)
        assert name in (card.text or "")
        await stage.press(stage.officer, card, "Доступ закрыт")
        await settled(stage)
        stage.ahead = timedelta(days=200)
        # Named again: the first report's term runs on, this one's has not begun.
        await report(stage, INVITE)
        await stage.sandbox.wait_for(lambda: "№2" in (card.text or ""))
        await settled(stage)
        gone = await emptied(stage)
        assert (gone["words and places of closed reports"], gone["private addresses of closed reports"]) == (1, 0)
        assert name in (card.text or "")
        stage.ahead = timedelta(days=400)
        await stage.press(stage.officer, card, "Доступ закрыт")
        await settled(stage)
        gone = await emptied(stage, ahead=timedelta(days=800))
        assert gone["private addresses of closed reports"] == 1
        assert name not in (card.text or "")
        assert "адрес стёрт" in (card.text or "")
        assert stage.sandbox.errors == []
        # The row has kept its key: who reports it now reports the same resource, and the desk sees its address again.
        await report(stage, INVITE)
        await stage.sandbox.wait_for(lambda: name in (card.text or ""))
        assert len(await stage.fetch("SELECT 1 FROM resources")) == 1


async def test_files_of_a_draft_stay_as_long_as_somebody_writes_it(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        citizen = Citizen(stage)
        citizen.types("/start")
        await citizen.reads(citizen.text("menu"))
        citizen.presses("kind:graffiti")
        await citizen.reads(citizen.text("kinds.graffiti.ask.photos", most=10))
        citizen.photos(2)
        await citizen.settled()
        stage.ahead = FORGET_AFTER * 20
        gone = await purge(stage).run()
        assert gone["files of drafts that are gone"] == gone["return addresses of drafts that are gone"] == 0
        assert len(await stage.fetch("SELECT 1 FROM parts")) == 2
        await stage.fetch("DELETE FROM dialogues")
        gone = await purge(stage).run()
        assert (gone["files of drafts that are gone"], gone["return addresses of drafts that are gone"]) == (2, 1)
        assert await stage.fetch("SELECT 1 FROM parts") == []
        assert await count(stage, "addresses") == 0


async def test_an_address_whose_key_is_gone_is_purged_and_the_receipt_still_works(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        citizen = Citizen(stage)
        citizen.types("t.me/some_shop")
        await citizen.reads("some_shop")
        receipt = await citizen.sends()
        # As after a restore: a backup leaves the keys of weeks and days out.
        await stage.stop_bot()
        await stage.fetch("DELETE FROM period_keys")
        await stage.start_bot()
        stage.sandbox.send_text(stage.citizen(), "/start")
        await settled(stage)
        gone = await purge(stage).run()
        assert gone["return addresses whose key is gone"] == 1
        citizen.types(receipt)
        await citizen.reads(citizen.text("status_new"))


async def test_a_block_ends_with_its_term_and_the_months_key_with_the_last_of_them(
    database_url: str, wording: Wording
) -> None:
    async with open_stage(database_url, wording) as stage:
        await report(stage)
        now = stage.now()
        await stage.fetch(
            "INSERT INTO blocks VALUES ('x', $1, $2)", stage.app.ring.month(now)[0], now.date() + timedelta(days=60)
        )
        stage.ahead = timedelta(days=59)
        gone = await purge(stage).run()
        assert (gone["blocks"], gone["keys of past blocks"]) == (0, 0)
        stage.ahead = timedelta(days=61)
        gone = await purge(stage).run()
        assert (gone["blocks"], gone["keys of past blocks"]) == (1, 1)


async def file_of_keys(stage: Stage) -> bytes:
    """Read the file in which PostgreSQL keeps the keys of periods."""
    await stage.fetch("CHECKPOINT")
    data: bytes = (await stage.fetch("SELECT pg_read_binary_file(pg_relation_filepath('period_keys'))"))[0][0]
    return data


async def test_a_destroyed_key_is_in_no_file_of_its_table(database_url: str, wording: Wording) -> None:
    async with open_stage(database_url, wording) as stage:
        await report(stage)
        [day] = await stage.fetch("SELECT wrapped FROM period_keys WHERE purpose = 'day'")
        assert day["wrapped"] in await file_of_keys(stage)
        stage.ahead = timedelta(days=2)
        gone = await purge(stage).run()
        assert gone["keys of past days"] == 1
        assert day["wrapped"] not in await file_of_keys(stage)


async def test_the_write_ahead_log_moves_on_once_a_day(database_url: str, wording: Wording) -> None:
    async def place() -> str:
        return str((await stage.fetch("SELECT pg_walfile_name(pg_current_wal_lsn())"))[0][0])

    async with open_stage(database_url, wording) as stage:
        await report(stage)
        async with resting(stage) as purge:
            first = await place()
            await purge.run()
            second = await place()
            assert second != first
            await purge.run()
            assert await place() == second
            stage.ahead = timedelta(days=1)
            await purge.run()
            assert await place() != second
        await stage.start_bot()


async def test_a_role_that_may_less_is_told_of_and_no_error(database: Database, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    role = f"plain_{uuid4().hex}"
    await connection.execute(f"CREATE ROLE {role} LOGIN")
    await connection.execute(f"ALTER TABLE period_keys OWNER TO {role}; ALTER TABLE facts OWNER TO {role}")
    await connection.execute(purge_keys.OWED)
    plain = Database(database_url.replace("shekteu@", f"{role}@"), pool_size=2)
    try:
        with capture_logs() as logs:
            await purge_keys.bury(plain, NOON)
        told = [(entry["event"], entry["act"]) for entry in logs]
        assert told == [("role_may_not", "switch_wal"), ("role_may_not", "checkpoint")]
        assert not await connection.fetchval(purge_keys.IS_OWED)
    finally:
        await plain.close()
        await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await connection.close()


async def test_a_table_of_keys_that_is_held_is_written_anew_another_time(database: Database, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(purge_keys.OWED)
        holding = connection.transaction()
        await holding.start()
        await connection.execute("LOCK TABLE period_keys IN ACCESS SHARE MODE")
        with capture_logs() as logs:
            await purge_keys.bury(database, NOON)
        assert [entry["event"] for entry in logs] == ["keys_not_vacuumed_yet"]
        await holding.rollback()
        assert await connection.fetchval(purge_keys.IS_OWED)
        await purge_keys.bury(database, NOON)
        assert not await connection.fetchval(purge_keys.IS_OWED)
    finally:
        await connection.close()


@pytest.mark.parametrize("dry", [True, False])
async def test_the_command_tells_what_is_due_or_what_went(
    database_url: str, wording: Wording, capsys: pytest.CaptureFixture[str], dry: bool
) -> None:
    async with open_stage(database_url, wording) as stage:
        await report(stage)
        await stage.fetch("UPDATE handled_updates SET at = at - interval '2 days'")
        marks = len(await stage.fetch("SELECT 1 FROM handled_updates"))
        settings = Settings(
            _env_file=None,
            database_url=database_url,
            secret_key=stage.app.settings.secret_key,
            templates_dir="templates",
        )
        capsys.readouterr()
        await purge_now(settings, dry=dry)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == ("This is due; nothing was deleted:" if dry else "This was deleted:")
        assert f"{marks:8} marks of handled updates" in lines
        assert len(await stage.fetch("SELECT 1 FROM handled_updates")) == (marks if dry else 0)


@pytest.mark.parametrize(("arguments", "dry"), [(["purge"], False), (["purge", "--dry-run"], True)])
def test_the_dry_run_is_asked_for_on_the_command_line(
    arguments: list[str], dry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    async def purge_now(_: Settings, *, dry: bool) -> None:
        asked.append(dry)

    monkeypatch.setattr("bot.running.purge_now", purge_now)
    chosen = commands.parser().parse_args(arguments)
    chosen.command(Settings(_env_file=None, bot_token=None), chosen)
    assert asked == [dry]
