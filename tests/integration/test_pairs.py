"""From a dump alone two reports of one person look like two of different people; a column that told would be found.

So do two that came by the code of one placement.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

import asyncpg
import pytest

from bot.delivery import limits
from bot.embedded import Embedded
from bot.privacy import addresses
from bot.wording import Wording
from tests.identities import places, tables
from tests.identities.pairs import Sampling, bennett, features
from tests.journeys.acting import TARAZ, Citizen, picture, settled, unique
from tests.journeys.conftest import module_stage
from tests.stage import Stage

PEOPLE: Final = 40
EACH: Final = 3
SEED: Final = 20261123
AT_ONCE: Final = 6
CODES: Final = [f"Wjtqz_{number}" for number in range(8)]
"""Of placements. Each report comes by one of them, and as many by each."""
BY_CODE: Final = PEOPLE * EACH // len(CODES)
PLACEMENT: Final = """
INSERT INTO placements (id, code, name, folded, campaign, surface, languages, made_on)
VALUES ($1, $2, $2, lower($2), 'streets', 'stop', 'kk', '2026-01-01')
"""


@dataclass
class Story:
    """Two dumps, one half-way, and who is behind which report."""

    stage: Stage
    cluster: Embedded
    dumps: list[bytes]
    people: dict[str, int]
    codes: dict[str, int]
    """By which code each report came."""

    def tells(self, *dumps: bytes, by: dict[str, int] | None = None) -> list[str]:
        """Name what tells the reports of one person, or `by` one of what else, from others in these dumps."""
        rows = [row for dumped in dumps for row in tables.read(dumped)]
        newest = tables.read(dumps[-1])
        own = tables.rows_of(newest, self.people)
        met = tables.foreign(rows, tables.rows_of(rows, self.people))
        numbers = {row.values[0]: row.values[1] for row in newest if row.table == "public.reports"}
        order = sorted(self.people, key=lambda report: int(str(numbers[report])))
        whole: defaultdict[int, list[str]] = defaultdict(list)
        for report, one in (by or self.people).items():
            whole[one].append(report)
        sampling = Sampling(list(whole.values()))
        return [one.what for one in sampling.telling(features(own, met, order, sampling.pairs))]

    async def dump(self) -> bytes:
        return await places.dump(self.cluster.binaries, self.stage.url)


@pytest.fixture(scope="module", autouse=True)
def no_waiting() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GROUP", "PERSON", "ALL"):
            patch.setattr(limits, name, (100_000, 1.0))
        yield


@pytest.fixture(scope="module")
async def story(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Story]:
    async with module_stage(cluster, wording, webhook=True) as stage:
        yield await told(stage, cluster)


async def told(stage: Stage, cluster: Embedded) -> Story:
    """Everybody sends three reports, in no order; what they send has nothing to do with who they are."""
    draw = random.Random(SEED)
    people = [Citizen(stage, ("kk", "ru", "en")[n % 3], first_name="N" * (n + 1)) for n in range(PEOPLE)]
    turns = [n for n in range(PEOPLE) for _ in range(EACH)]
    draw.shuffle(turns)
    codes = [code for code in range(len(CODES)) for _ in range(BY_CODE)]
    draw.shuffle(codes)
    for code in CODES:
        await stage.fetch(PLACEMENT, uuid4(), code)
    dumps, numbers = [], {person.id: n for n, person in enumerate(people)}
    half, came = len(turns) // 2, dict[str, int]()
    for some in (slice(half), slice(half, None)):
        came |= await all_send([(people[n], code) for n, code in zip(turns[some], codes[some], strict=True)], draw)
        dumps.append(await places.dump(cluster.binaries, stage.url))
        # What was counted so far is added up between the two, as it is every few minutes.
        await stage.app.tallying.run()
    behind: dict[str, int] = {}
    async with stage.database.transaction() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for row in await raw.fetch("SELECT report_id FROM return_addresses"):
            opened = await addresses.open_address(raw, stage.app.ring, row["report_id"])
            assert opened
            behind[str(row["report_id"])] = numbers[opened[0]]
    reports = await stage.fetch("SELECT id, receipt_hash FROM reports")
    by_hash = {stage.app.reports.receipt_hash(receipt): code for receipt, code in came.items()}
    await decides(stage, draw)
    await settled(stage)
    dumps.append(await places.dump(cluster.binaries, stage.url))
    return Story(stage, cluster, dumps, behind, {str(row["id"]): by_hash[row["receipt_hash"]] for row in reports})


async def all_send(turns: list[tuple[Citizen, int]], draw: random.Random) -> dict[str, int]:
    """Send about in this order, several people at once; give by which code each receipt's report came."""
    room, own = asyncio.Semaphore(AT_ONCE), {citizen.id: asyncio.Lock() for citizen, _ in turns}
    came: dict[str, int] = {}

    async def one(citizen: Citizen, code: int) -> None:
        async with own[citizen.id], room:
            citizen.types(f"/start {CODES[code]}")
            await citizen.reads("")
            came[await sends(citizen, draw)] = code

    async with asyncio.TaskGroup() as tasks:
        for citizen, code in turns:
            tasks.create_task(one(citizen, code))
    await settled(turns[0][0].stage)
    return came


async def sends(citizen: Citizen, draw: random.Random) -> str:
    """One report of a random sort and size; give its receipt."""
    match draw.randrange(4):
        case 0 | 1:
            links = " ".join(f"t.me/{unique()}" for _ in range(draw.randint(1, 4)))
            citizen.types(f"{links} {'слово ' * draw.randint(0, 40)}")
        case 2:
            citizen.types("/report")
            await citizen.reads("")
            citizen.presses("kind:place")
            await citizen.reads("")
            citizen.location((TARAZ[0] + draw.random() / 10, TARAZ[1]))
        case _:
            citizen.types("/report")
            await citizen.reads("")
            citizen.presses("kind:graffiti")
            await citizen.reads("")
            citizen.sent(citizen.sandbox.send_photos(citizen.person, [picture(draw.randrange(256))])[0])
    await citizen.reads("")
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    receipt = await citizen.sends()
    if draw.random() < 0.2:
        citizen.types(f"/add {receipt}")
        await citizen.reads("")
        citizen.types("ещё " * draw.randint(1, 30))
        await citizen.reads("")
        citizen.presses("send")
        await citizen.reads("")
    return receipt


async def decides(stage: Stage, draw: random.Random) -> None:
    """An officer acts on every third card, whosever it is."""
    cards = [post for post in stage.sandbox.messages(stage.desk.id) if post.inline]
    for card in draw.sample(cards, len(cards) // 3):
        data = [button["callback_data"] for row in card.inline for button in row if "callback_data" in button]
        query = stage.sandbox.press(stage.officer, card.id, draw.choice(data), chat=stage.desk)
        press = stage.sandbox.presses[query]
        await stage.sandbox.wait_for(lambda press=press: press.answered)  # type: ignore[misc]


async def test_no_column_size_or_sequence_of_a_dump_tells_the_reports_of_one_person(story: Story) -> None:
    assert sorted(story.people.values()) == sorted(n for n in range(PEOPLE) for _ in range(EACH))
    rows = tables.read(story.dumps[-1])
    own = tables.rows_of(rows, story.people)
    looked_at = {row.table for whole in own.values() for row in whole}
    assert looked_at >= {f"public.{name}" for name in ("reports", "return_addresses", "parts", "messages", "cards")}
    assert story.tells(story.dumps[-1]) == []


async def test_nor_do_two_dumps_of_different_days(story: Story) -> None:
    assert story.tells(*story.dumps) == []


async def test_no_dump_tells_which_reports_came_by_one_code(story: Story) -> None:
    assert sorted(story.codes.values()) == sorted(code for code in range(len(CODES)) for _ in range(BY_CODE))
    # They are counted, each for its own; and who scanned the same code again on the same day was one scan.
    await story.stage.app.tallying.run()
    counted: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    async with story.stage.database.lend() as raw:
        for brought in (await story.stage.app.tallying.between(raw, date(2000, 1, 1), date(3000, 1, 1))).values():
            for placement, numbers in brought.items():
                counted[placement] = [a + b for a, b in zip(counted[placement], numbers, strict=True)]
    assert [reports for _, reports in counted.values()] == [BY_CODE] * len(CODES)
    together = {(story.people[report], code) for report, code in story.codes.items()}
    assert sum(scans for scans, _ in counted.values()) == len(together)
    assert story.tells(story.dumps[-1], by=story.codes) == []
    assert story.tells(*story.dumps, by=story.codes) == []


async def test_a_code_stands_in_its_own_table_alone(story: Story) -> None:
    ids = [str(row["id"]) for row in await story.stage.fetch("SELECT id FROM placements")]
    marks = [*CODES, *ids, *(code.encode().hex() for code in CODES), *(mark.replace("-", "") for mark in ids)]
    for dumped in story.dumps:
        rows = [row for row in tables.read(dumped) if row.table != "public.placements"]
        assert {row.table for row in rows} >= {"public.reports", "public.counters"}
        plain = repr([row.values for row in rows])
        assert [mark for mark in marks if mark in plain] == []
    # There is a stroke for each report and for each scan, also for one that counts nothing, and all are alike.
    first = [row for row in tables.read(story.dumps[0]) if row.table == "public.strokes"]
    assert len(first) == 2 * BY_CODE * len(CODES) // 2
    assert len({tuple(len(value or "") for value in row.values) for row in first}) == 1


async def test_what_files_of_the_database_tell_of_transactions_leads_to_no_count(story: Story) -> None:
    """A row's transaction stands beside it in PostgreSQL's files: a count must not rise in that of a report."""
    await story.stage.app.tallying.run()
    [shared] = await story.stage.fetch(
        "SELECT count(*) AS rows FROM placement_days WHERE xmin::text IN ("
        "SELECT xmin::text FROM reports UNION SELECT xmin::text FROM messages UNION SELECT xmin::text FROM counters)"
    )
    assert shared["rows"] == 0


async def test_what_would_tell_by_which_code_a_report_came_is_found(story: Story) -> None:
    connection = await asyncpg.connect(story.stage.url)
    try:
        await connection.execute(
            "ALTER TABLE reports ADD planted_code text; ALTER TABLE reports ADD planted_turn bigint"
        )
        for report, code in story.codes.items():
            await connection.execute(
                "UPDATE reports SET planted_code = md5(($2::int)::text), planted_turn = $2 * 1000 + number"
                " WHERE id = $1",
                report,
                code,
            )
        found = story.tells(await story.dump(), by=story.codes)
        assert all(any(f"planted_{name}:" in one for one in found) for name in ("code", "turn"))
    finally:
        await connection.execute("ALTER TABLE reports DROP planted_code, DROP planted_turn")
        await connection.close()


PLANTED: Final = {
    "hash": ("bytea", "decode(md5('salt' || person), 'hex')"),
    "hidden": ("bytea", "decode(substr(md5('salt' || person), 1, 4) || md5(random()::text), 'hex')"),
    "sequence": ("bigint", "row_number() OVER (PARTITION BY person ORDER BY number)"),
    "size": ("bytea", "decode(repeat('00', 16 + person % 10), 'hex')"),
    "moment": ("timestamptz", "'2026-01-01'::timestamptz + person * interval '7 seconds'"),
}
"""What a careless column could hold: of the chat a hash, one of two bytes, a count, a length, a time."""


async def test_a_column_that_would_tell_is_found(story: Story) -> None:
    connection = await asyncpg.connect(story.stage.url)
    try:
        await connection.execute("CREATE TEMP TABLE who (report uuid, person int)")
        await connection.executemany("INSERT INTO who VALUES ($1, $2)", list(story.people.items()))
        for name, (sort, made) in PLANTED.items():
            await connection.execute(f"ALTER TABLE return_addresses ADD planted_{name} {sort}")
            await connection.execute(
                f"UPDATE return_addresses SET planted_{name} = made FROM (SELECT report, {made} AS made FROM who"
                " JOIN reports ON reports.id = who.report) AS behind WHERE behind.report = return_addresses.report_id"
            )
        found = story.tells(await story.dump())
        assert [name for name in PLANTED if not any(f"planted_{name}:" in one for one in found)] == []
        assert [one for one in found if "planted" not in one] == []
    finally:
        for name in PLANTED:
            await connection.execute(f"ALTER TABLE return_addresses DROP IF EXISTS planted_{name}")
        await connection.close()


async def test_a_row_that_a_common_moment_leads_to_is_found(story: Story) -> None:
    """No id, only the microsecond that a report's row and a row of its chat both hold, in one dump or the other."""
    connection = await asyncpg.connect(story.stage.url)
    try:
        await connection.execute("CREATE TABLE planted (chat bytea, at timestamptz)")
        for report, person in story.people.items():
            [moment] = await connection.fetch(
                "UPDATE cards SET due_at = now() + $2 * interval '1 microsecond' WHERE id = "
                "(SELECT id FROM cards WHERE subject = $1 OR subject IN (SELECT resource_id FROM report_links"
                " WHERE report_id = $1) LIMIT 1) RETURNING due_at",
                report,
                person,
            )
            await connection.execute("INSERT INTO planted VALUES (sha256($1), $2)", str(person).encode(), moment[0])
        assert "rows of nobody that both lead to" in story.tells(await story.dump())
    finally:
        await connection.execute("DROP TABLE planted")
        await connection.close()


def test_the_bound_is_one() -> None:
    """Two hundred times forty throws of a coin stray less often than it says."""
    draw = random.Random(3)
    for strays in (5.0, 8.0, 11.0):
        seen = sum(abs(sum(draw.random() < 0.5 for _ in range(40)) - 20) >= strays for _ in range(2000)) / 2000
        assert seen / 2 <= bennett(strays, 10.0, 0.5)
    assert bennett(40.0, 10.0, 0.5) < 1e-9


def test_one_pair_that_stands_out_tells_nothing() -> None:
    names = [f"{number:03}" for number in range(PEOPLE * EACH)]
    sampling = Sampling([names[start : start + EACH] for start in range(0, len(names), EACH)])
    for place in range(0, len(sampling.pairs), 97):
        values = [0.0] * len(sampling.pairs)
        values[place] = 1.0
        assert sampling.chance(values) > 1e-3
