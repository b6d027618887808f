"""From a dump alone two reports of one person look like two of different people; a column that told would be found."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

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


@dataclass
class Story:
    """Two dumps, one half-way, and who is behind which report."""

    stage: Stage
    cluster: Embedded
    dumps: list[bytes]
    people: dict[str, int]

    def tells(self, *dumps: bytes) -> list[str]:
        """Name what tells the reports of one person from others in these dumps."""
        rows = [row for dumped in dumps for row in tables.read(dumped)]
        newest = tables.read(dumps[-1])
        own = tables.rows_of(newest, self.people)
        met = tables.foreign(rows, tables.rows_of(rows, self.people))
        numbers = {row.values[0]: row.values[1] for row in newest if row.table == "public.reports"}
        order = sorted(self.people, key=lambda report: int(str(numbers[report])))
        whole: defaultdict[int, list[str]] = defaultdict(list)
        for report, person in self.people.items():
            whole[person].append(report)
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
    dumps, numbers = [], {person.id: n for n, person in enumerate(people)}
    half = len(turns) // 2
    for some in (turns[:half], turns[half:]):
        await all_send([people[n] for n in some], draw)
        dumps.append(await places.dump(cluster.binaries, stage.url))
    behind: dict[str, int] = {}
    async with stage.database.transaction() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for row in await raw.fetch("SELECT report_id FROM return_addresses"):
            opened = await addresses.open_address(raw, stage.app.ring, row["report_id"])
            assert opened
            behind[str(row["report_id"])] = numbers[opened[0]]
    await decides(stage, draw)
    await settled(stage)
    dumps.append(await places.dump(cluster.binaries, stage.url))
    return Story(stage, cluster, dumps, behind)


async def all_send(citizens: list[Citizen], draw: random.Random) -> None:
    """Send about in this order, several people at once."""
    room, own = asyncio.Semaphore(AT_ONCE), {citizen.id: asyncio.Lock() for citizen in citizens}

    async def one(citizen: Citizen) -> None:
        async with own[citizen.id], room:
            await sends(citizen, draw)

    async with asyncio.TaskGroup() as tasks:
        for citizen in citizens:
            tasks.create_task(one(citizen))
    await settled(citizens[0].stage)


async def sends(citizen: Citizen, draw: random.Random) -> None:
    """One report of a random sort and size."""
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
