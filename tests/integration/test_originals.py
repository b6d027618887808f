"""`shekteu evidence originals`: what a technician gets, and what is told where there is nothing to get."""

from __future__ import annotations

import hashlib
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bot.embedded import Embedded
from bot.wording import Wording
from tests.children import shekteu
from tests.journeys.acting import Citizen, Desk, unique
from tests.journeys.conftest import module_stage, no_waiting
from tests.journeys.test_photo_place import answers, asked, graffiti, photo_at
from tests.stage import Stage
from tests.unit.test_photos import HEIC, MARKED

__all__ = ["no_waiting"]


@pytest.fixture(scope="module")
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    async with module_stage(cluster, wording, evidence_originals=True) as opened:
        yield opened


async def reported(stage: Stage, *photos: bytes) -> int:
    """Report a den with photos sent as files; give its №."""
    citizen, desk, mark = Citizen(stage), Desk(stage), unique()
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("kinds.den.ask.words"))
    citizen.types(f"Третий этаж, {mark}")
    await citizen.reads(citizen.text("ask_location_or_address"))
    for photo in photos:
        stage.sandbox.send_document(citizen.person, "photo.jpg", photo, "image/jpeg")
    await citizen.settled()
    while citizen.label("send") not in citizen.buttons:
        citizen.presses("done" if citizen.label("done") in citizen.buttons else "skip")
        await citizen.reads("")
    await citizen.sends()
    card = await desk.sees(mark)
    return int(card.words.split("№")[1].split()[0])


async def command(stage: Stage, number: int, folder: Path) -> tuple[int, str, str]:
    """Run the command as it is run; give exit code, stdout and stderr."""
    key = stage.app.settings.secret_key
    assert key is not None
    words, where = ("evidence", "originals", number, "--out", folder), {"DATABASE_URL": stage.url}
    return await shekteu(*words, folder=folder.parent, SECRET_KEY=key.get_secret_value(), **where)


async def parts_of(stage: Stage, number: int) -> list[UUID]:
    rows = await stage.fetch(
        "SELECT id FROM parts WHERE report_id = (SELECT id FROM reports WHERE number = $1) ORDER BY position", number
    )
    return [row["id"] for row in rows]


def sums_checked(folder: Path) -> int:
    """How many files their SHA256SUMS calls right."""
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=True)
    return checked.stdout.count("OK")


async def test_a_technician_gets_the_files_as_they_were_sent_and_can_check_them(stage: Stage, tmp_path: Path) -> None:
    number, out = await reported(stage, MARKED["jpeg"], HEIC, b"no photo", MARKED["png"]), tmp_path / "report"
    code, told, _ = await command(stage, number, out)
    assert code == 0
    names = [f"{number}-01.jpg", f"{number}-02.heic", f"{number}-04.png"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "SHA256SUMS"]
    assert [(out / name).read_bytes() for name in names] == [MARKED["jpeg"], HEIC, MARKED["png"]]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert sums_checked(out) == 3
    assert "3 files" in told
    assert "Photo 3: no original; it was refused" in told
    assert "who sent them" in told
    # Again into the same folder, or into one that holds anything: nothing is written over.
    code, _, refused = await command(stage, number, out)
    assert (code, "is not empty" in refused) == (1, True)
    assert (out / names[0]).read_bytes() == MARKED["jpeg"]


async def test_originals_lie_sealed(stage: Stage) -> None:
    number = await reported(stage, MARKED["jpeg"])
    [part_id] = await parts_of(stage, number)
    [row] = await stage.fetch("SELECT sealed FROM originals WHERE part_id = $1", part_id)
    for piece in (MARKED["jpeg"][:16], b"MARK-7f3a", b"JFIF", hashlib.sha256(MARKED["jpeg"]).digest()):
        assert piece not in row["sealed"]
    # Padded to a power of two: its size does not tell which photo it is. What sealing adds is a byte, nonce and tag.
    assert (len(row["sealed"]) - 41).bit_count() == 1
    assert stage.app.ring.open("originals", part_id.bytes, row["sealed"])[32:] == MARKED["jpeg"]


async def test_a_photo_that_was_added_later_comes_after_those_of_the_report(stage: Stage, tmp_path: Path) -> None:
    number, out = await reported(stage, MARKED["png"], MARKED["jpeg"]), tmp_path / "report"
    first, _ = await parts_of(stage, number)
    addition = uuid4()
    await stage.fetch(
        "INSERT INTO additions (id, report_id, at) SELECT $1, id, now() FROM reports WHERE number = $2",
        addition,
        number,
    )
    await stage.fetch("UPDATE parts SET report_id = $2 WHERE id = $1", first, addition)
    assert (await command(stage, number, out))[0] == 0
    assert (out / f"{number}-01.jpg").read_bytes() == MARKED["jpeg"]
    assert (out / f"{number}-02.png").read_bytes() == MARKED["png"]


async def test_an_original_that_is_not_what_came_is_not_written(stage: Stage, tmp_path: Path) -> None:
    number, out = await reported(stage, MARKED["jpeg"], MARKED["png"], MARKED["gif"]), tmp_path / "report"
    swapped, forged, _ = await parts_of(stage, number)
    await stage.fetch(
        "UPDATE originals SET sealed = (SELECT sealed FROM originals WHERE part_id = $2) WHERE part_id = $1",
        swapped,
        forged,
    )
    wrong = stage.app.ring.seal("originals", forged.bytes, hashlib.sha256(b"another").digest() + MARKED["png"])
    await stage.fetch("UPDATE originals SET sealed = $2 WHERE part_id = $1", forged, wrong)
    code, told, _ = await command(stage, number, out)
    assert code == 1
    assert sorted(path.name for path in out.iterdir()) == [f"{number}-03.gif", "SHA256SUMS"]
    assert ("Photo 1: not written" in told, "Photo 2: not written" in told) == (True, True)


async def test_it_is_said_clearly_that_there_is_nothing(stage: Stage, tmp_path: Path) -> None:
    bare, off = await reported(stage), await reported(stage, MARKED["jpeg"])
    await stage.fetch("DELETE FROM originals WHERE part_id = ANY($1::uuid[])", await parts_of(stage, off))
    for number, says in (
        (987_654, "There is no report №987654."),
        (bare, f"№{bare} has no photos"),
        (off, f"No original of №{off} was kept: EVIDENCE_ORIGINALS was off when its photos came."),
    ):
        code, out, err = await command(stage, number, tmp_path / "report")
        assert (code, out) == (1, "")
        assert says in err
        assert not (tmp_path / "report").exists()


async def test_a_folder_that_cannot_be_made_is_told(stage: Stage, tmp_path: Path) -> None:
    number = await reported(stage, MARKED["jpeg"])
    (tmp_path / "file").write_text("here")
    code, _, err = await command(stage, number, tmp_path / "file")
    assert (code, "file: File exists" in err) == (1, True)


async def test_whoever_leaves_the_place_out_has_no_file_kept_that_holds_it(stage: Stage) -> None:
    citizen, placed = Citizen(stage), "SELECT report_id FROM parts WHERE place IS NOT NULL"
    before = {row["report_id"] for row in await stage.fetch(placed)}
    await graffiti(citizen, photo_at(), photo_at(shade=90))
    asking = await asked(citizen)
    kept = "SELECT count(*) AS n FROM originals WHERE part_id IN (SELECT id FROM parts WHERE report_id = $1)"
    [report] = {row["report_id"] for row in await stage.fetch(placed)} - before
    assert (await stage.fetch(kept, report))[0]["n"] == 2
    await answers(citizen, asking, "leave_place")
    assert (await stage.fetch(kept, report))[0]["n"] == 0
