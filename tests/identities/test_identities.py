"""Nothing of a reporter is in the database, the data folder, the logs, the health pages, or what the desk receives.

`make test` plays fifteen reporters; `make identities` plays REPORTERS of them (1,000) and prints what it looked at.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import orjson
import pytest
from aiohttp import ClientSession, FormData, web

from bot.wording import Wording
from tests.identities import places
from tests.identities.house import House, page
from tests.identities.marks import CONTENT
from tests.identities.planting import four_bytes, missed, plants, tagged, tagged_as
from tests.identities.reporter import Reporter
from tests.identities.search import Search, told
from tests.identities.shapes import needles
from tests.identities.story import play
from tests.journeys.acting import picture

FEW: Final = 15
REPORTERS: Final = int(os.environ.get("REPORTERS", FEW))
MANY: Final = REPORTERS > 100


@dataclass(repr=False)
class Aftermath:
    """What is left when the story is over."""

    house: House
    reporters: list[Reporter]
    places: dict[str, bytes]

    @property
    def search(self) -> Search:
        codes = [code for reporter in self.reporters for code in reporter.receipts]
        return Search(range(len(self.reporters)), codes)


@pytest.fixture(scope="module")
async def aftermath(wording: Wording) -> AsyncIterator[Aftermath]:
    """Play the story once, and collect every place before any test has touched it."""
    with tempfile.TemporaryDirectory(prefix="house-") as name:
        house = House(Path(name), wording)
        await house.open()
        try:
            reporters = await play(house, REPORTERS)
            yield Aftermath(house, reporters, await places.all_places(house, cluster=MANY))
        finally:
            await house.close()


async def test_nobody_is_found_anywhere_after_all_features_were_used(
    aftermath: Aftermath, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {place: aftermath.search.look(place, data) for place, data in aftermath.places.items()}
    if "REPORTERS" in os.environ:
        with capsys.disabled():
            table(aftermath, {place: len(hits) for place, hits in found.items()})
    assert told(hit for hits in found.values() for hit in hits) == ""


async def test_the_places_hold_what_they_should(aftermath: Aftermath) -> None:
    """A search of nothing finds nothing: the reports are there, sealed in the database and in clear on the desk."""
    stories = aftermath.places
    tables = {"reports", "return_addresses", "dialogues", "parts", "handled_updates", "messages", "journal"}
    for table_name in tables:
        block = stories[places.DUMP].partition(f"COPY public.{table_name} ".encode())[2].partition(b"\n\\.\n")[0]
        assert block.count(b"\n") > (0 if table_name != "return_addresses" else 1), table_name
    assert len(stories[places.BYTEA]) > 100_000
    assert stories[places.LOG].count(b"\n") > 100
    assert stories[places.PAGES]
    assert stories[places.FILES].count(b"\xff\xd8\xff") >= len(aftermath.reporters) // 5
    assert b"postgres.log" in stories[places.FOLDER]
    content = Search((), (), needles(CONTENT, rows=()))
    for place in (places.CALLS, places.OPENED):
        assert stories[place].count(CONTENT.encode()) > len(aftermath.reporters) // 3, place
    # In case files stands what the officer ticked.
    assert b"citizen/words.txt" in stories[places.FILES]
    assert CONTENT.encode() in stories[places.FILES]
    shown = (places.CALLS, places.OPENED, places.FILES)
    sealed = {place: data for place, data in stories.items() if place not in shown}
    clear = [hit for place, data in sealed.items() for hit in content.look(place, data)]
    assert told(clear) == "", "words of reports stand sealed, but on the desk"


async def test_a_placement_stands_nowhere_but_in_its_own_table(aftermath: Aftermath) -> None:
    """Neither its code nor its name nor its id: not on the desk, in a case file, a log, a page, nor beside a report."""
    rows = await aftermath.house.fetch("SELECT id FROM placements")
    ids = [str(row["id"]) for row in rows]
    marks = [
        mark.encode() for mark in ("Wjtqz", "wjtqz", b"Wjtqz".hex(), *ids, *(each.replace("-", "") for each in ids))
    ]
    dumped = aftermath.places[places.DUMP]
    before, block, after = dumped.partition(b"COPY public.placements ")
    assert block
    own, _, rest = after.partition(b"\n\\.\n")
    assert all(mark in own for mark in (b"Wjtqz0Placement", *(each.encode() for each in ids)))
    searched = {place: data for place, data in aftermath.places.items() if place not in (places.DUMP, places.CLUSTER)}
    searched[places.DUMP] = before + rest
    assert [(place, mark) for place, data in searched.items() for mark in marks if mark in data] == []
    # All came by one, and most sent something after it.
    counted = await aftermath.house.fetch(
        "SELECT (SELECT count(*) FROM placement_days) + (SELECT count(*) FROM strokes)"
    )
    assert counted[0][0] > 0


def table(aftermath: Aftermath, found: dict[str, int]) -> None:
    """Print what was looked at."""
    search = aftermath.search
    print(f"\n{len(aftermath.reporters)} reporters, {len(aftermath.house.sandbox.updates.known)} updates,", end=" ")
    print(f"{len(search.codes)} receipts, {len(search.needles)} needles for all marks in all encodings")
    print(f"{'place':<40} {'bytes':>14} {'found':>6}")
    for place, data in aftermath.places.items():
        print(f"{place:<40} {len(data):>14,} {found[place]:>6}")


# The search itself: each place, planted.

PLANTS: Final = list(plants(7))
NAMES: Final = [name for name, _ in PLANTS]
TEXTS: Final = [(name, plant) for name, plant in PLANTS if plant.decode("utf-8", "replace").isprintable()]
"""What can stand in a text: JSON and columns of text take no other bytes."""
OF_TEXTS: Final = [name for name, _ in TEXTS]


@pytest.fixture
def search() -> Search:
    return Search(range(FEW))


async def test_what_is_planted_in_the_database_is_found_in_its_dump(aftermath: Aftermath, search: Search) -> None:
    house = aftermath.house
    everybody = b"".join(low for _, low in four_bytes(FEW))
    connection = await asyncpg.connect(house.url)
    try:
        await connection.executemany(
            "INSERT INTO facts (name, value) VALUES ($1, $2)",
            [(f"planted {n}", tagged_as(n, plant).decode()) for n, (_, plant) in enumerate(TEXTS)],
        )
        await connection.executemany(
            "INSERT INTO handled_updates (update_id, handled, failures, reply, at) VALUES ($1, true, 0, $2, now())",
            [(-n, tagged_as(n, plant)) for n, (_, plant) in enumerate(PLANTS)],
        )
        dumped = await places.dump(house.embedded.binaries, house.url)
        assert missed(search, dumped, OF_TEXTS) == []
        assert missed(search, places.decoded(dumped), NAMES) == []
        await connection.execute("UPDATE handled_updates SET reply = $1 WHERE update_id = 0", everybody)
        assert search.look("here", places.decoded(await places.dump(house.embedded.binaries, house.url)))
    finally:
        await connection.execute("DELETE FROM facts WHERE name LIKE 'planted %'")
        await connection.execute("DELETE FROM handled_updates WHERE update_id <= 0")
        await connection.close()


async def test_what_is_planted_in_the_data_folder_is_found_there(aftermath: Aftermath, search: Search) -> None:
    house = aftermath.house
    for parent in (house.data, house.folder / "tmp"):
        planted = parent / "made" / "planted.bin"
        planted.parent.mkdir()
        planted.write_bytes(tagged([plant for _, plant in PLANTS]))
        named = parent / "made" / aftermath.reporters[0].marks.tag("Photo")
        named.touch()
        found = places.folder(parent, house.embedded.cluster.place.cluster)
        assert missed(search, found, NAMES) == []
        assert any(named.name.encode() in hit.around for hit in search.look("here", found))
        planted.unlink()
        named.unlink()
        planted.parent.rmdir()


async def test_what_is_planted_in_the_logs_is_found_there(aftermath: Aftermath, search: Search) -> None:
    house = aftermath.house
    await house.write_down(tagged([plant for _, plant in PLANTS]))
    assert missed(search, house.printed.read_bytes(), NAMES) == []
    connection = await asyncpg.connect(house.url)
    for begin in range(0, len(TEXTS), 50):
        some = list(enumerate(TEXTS))[begin : begin + 50]
        lines = [tagged_as(number, plant).decode() for number, (_, plant) in some]
        raised = "".join(f"RAISE LOG '%', $plant${line}$plant$;" for line in lines)
        await connection.execute(f"DO $do$ BEGIN {raised} END $do$")
    await connection.close()
    found = places.folder(house.data, house.embedded.cluster.place.cluster)
    assert missed(search, found, OF_TEXTS) == []


async def test_what_is_planted_in_a_page_is_found_there(search: Search) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=tagged([plant for _, plant in PLANTS]), headers={"X-Planted": "Qvxzjwkq"})

    app = web.Application()
    app.router.add_get("/metrics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found = await page(f"http://127.0.0.1:{runner.addresses[0][1]}/metrics")
    await runner.cleanup()
    assert found is not None
    assert missed(search, found, NAMES) == []
    assert any(b"X-Planted" in hit.around for hit in search.look("here", found))


async def test_what_is_planted_on_the_desk_is_found_there(aftermath: Aftermath, search: Search) -> None:
    """In words, captions, buttons, what they copy, the bytes of files and their names."""
    house = aftermath.house
    group = house.sandbox.add_group("planted")
    tag = aftermath.reporters[0].marks.tag
    lines = tagged([plant for _, plant in TEXTS]).decode().splitlines(keepends=True)
    while lines:
        text = ""
        while lines and len(text) + len(lines[0]) < 4000:
            text += lines.pop(0)
        await call(house, "sendMessage", chat_id=group.id, text=text)
    buttons = [
        {"text": tag("Button"), "callback_data": "x"},
        {"text": "x", "callback_data": tag("Data")},
        {"text": "y", "copy_text": {"text": tag("Copied")}},
    ]
    await call(house, "sendMessage", chat_id=group.id, text="x", reply_markup={"inline_keyboard": [buttons]})
    whole = picture() + tagged([plant for _, plant in PLANTS])
    photo = {"chat_id": group.id, "photo": "attach://a", "caption": tag("Caption")}
    await call(house, "sendPhoto", whole, "a.jpg", **photo)
    await call(house, "sendDocument", b"plain", tag("File") + ".txt", chat_id=group.id, document="attach://a")
    calls, files = places.desk(house.sandbox, group.id)
    assert missed(search, calls, OF_TEXTS) == []
    assert missed(search, files, NAMES) == []
    around = b"".join(hit.around for hit in search.look("here", calls))
    assert all(tag(what).encode() in around for what in ("Button", "Data", "Copied", "Caption", "File"))


async def call(house: House, method: str, data: bytes | None = None, name: str = "", **params: object) -> None:
    """Call the Bot API as the bot would, with a file or without."""
    form = FormData()
    for key, value in params.items():
        form.add_field(key, value if isinstance(value, str) else orjson.dumps(value).decode())
    if data is not None:
        form.add_field("a", data, filename=name)
    url = f"{house.sandbox.url}/bot{house.sandbox.token}/{method}"
    async with ClientSession() as session, session.post(url, data=form) as answer:
        assert answer.status == 200, await answer.text()
