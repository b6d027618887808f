"""A link is watched: what stands there is kept at an officer's word, enters the case file, and its end is proposed."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.embedded import Embedded
from bot.evidence import taking_out, watching
from bot.evidence.fetching import Fetcher
from bot.evidence.taking_out import Captures
from bot.evidence.verifying import Verifying as VerifyingCapture
from bot.evidence.verifying import fault, is_capture
from bot.languages import Language
from bot.papers.case import Cases
from bot.papers.case_file import CaseFiles
from bot.papers.command import Asked, Command
from bot.papers.pieces import Pieces
from bot.papers.workshop import Workshop
from bot.reports.figures import Period
from bot.sandbox.world import Message
from bot.wording import Wording
from tests.evidence.outside import read_warc
from tests.evidence.town import PATIENT, channel, nobody
from tests.evidence.web import Web, offered, open_web, page, trusting
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage
from tests.journeys.test_case_file import chosen, made, sums_checked, verified
from tests.stage import Stage


@pytest.fixture(scope="module")
async def web() -> AsyncIterator[Web]:
    async with open_web(offered()) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_stage(cluster: Embedded, wording: Wording, web: Web, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage that watches the local web, and looks often at what is due."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching, "EVERY", 0.1)
        async with module_stage(cluster, wording, probe=True) as stage:
            assert stage.app.watching
            looking = stage.app.watching._looking
            looking._fetcher = Fetcher(stage.now, "", PATIENT, web.ways(trust=trusting()))
            yield stage


async def test_a_channel_from_its_first_look_to_its_end(stage: Stage, web: Web, tmp_path: Path) -> None:
    name, invite = unique("channel"), "AbCdEfGhIjKlMnOp"
    web.sites[f"t.me/{name}"] = channel("Shop 24/7", 9_412)
    citizen, desk = Citizen(stage), Desk(stage)
    citizen.types(f"t.me/{name} t.me/+{invite}")
    await citizen.reads(name)
    await citizen.sends()
    card = await desk.sees(name)
    number = re.search(r"№(\d+)", card.words)
    assert number
    await settled(stage)
    stage.ahead += timedelta(minutes=1)
    await stage.until("SELECT count(*) = 1 FROM watches")
    assert web.requests == [], "nobody is to learn when it was reported"

    stage.sandbox.send_text(stage.officer, f"/capture {number[1]}", chat=stage.desk)
    await desk.sees("снимаю 1 ссылку", "личные адреса (1)")
    told = await desk.sees("Снимок сохранён", name, "Shop 24/7", "9412 подписчиков")
    await desk.shows(card, "открывается", "Shop 24/7", "9412 подписчиков")
    assert [asked.path for asked in web.requests] == [f"/{name}"]

    await stage.until(
        "SELECT bool_and(c.journal IS NOT NULL) FROM journal j LEFT JOIN journal_chain c ON c.journal = j.id"
    )
    files = await case_of(stage, tmp_path, int(number[1]))
    [warc, text] = [each for each in files if each.startswith("captures/")]
    assert read_warc(files[warc])[-1].fields["warc-target-uri"] == f"https://t.me/{name}"
    assert {"Round the clock", "9412 subscribers", "subscribers: 9412"} <= set(files[text].decode().splitlines())
    assert json.loads(files["case.json"])["captures"] == [
        warc.removeprefix("captures/"),
        text.removeprefix("captures/"),
    ]
    await checked(stage, tmp_path, files[warc], told)
    taken = await Captures(stage.database, stage.app.ring).take_out(int(number[1]), tmp_path / "out")
    assert (taken.written, taken.damaged) == (1, 0)
    assert files[warc] in [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    await drawn_too(stage, tmp_path, int(number[1]), files[warc])

    web.sites[f"t.me/{name}"] = nobody(name)
    for _ in range(16):
        stage.ahead += timedelta(hours=6)
        await looked(stage)
        if (await stage.fetch("SELECT count(*) AS proposed FROM watches WHERE proposed_at IS NOT NULL"))[0]["proposed"]:
            break
    await desk.shows(card, "не существует", "Похоже, доступ закрыт")
    await desk.press(card, "Доступ закрыт")
    await settled(stage)
    today = stage.app.counting.today
    days = Period(today - timedelta(days=1), today + timedelta(days=1))
    assert (await stage.app.counting.figures(days))[0].reach == 9_412
    assert invite not in "".join(asked.head for asked in web.requests)
    assert {asked.host for asked in web.requests} == {"t.me"}


async def case_of(stage: Stage, folder: Path, number: int) -> dict[str, bytes]:
    """Have the case file made, with nothing of the citizen's; check it, and give what is in it."""
    _, opened = await made(stage, await chosen(stage, number))
    path = folder / "case.zip"
    path.write_bytes(opened.data)
    whole, lines = await verified(stage, path)
    assert whole, lines
    return opened.files


async def drawn_too(stage: Stage, folder: Path, number: int, warc: bytes) -> None:
    """`--screenshots` puts a picture beside each capture, into the folder and into the case file."""
    browser = folder / "browser"
    png = b"\x89PNG\r\n\x1a\nas drawn"

    async def draw(given: bytes) -> bytes:
        assert given == warc
        return png

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taking_out, "draw", lambda given, program: draw(given))
        taken = await Captures(stage.database, stage.app.ring).take_out(number, folder / "drawn", browser)
    assert (taken.written, taken.drawn) == (1, 1)
    assert sums_checked(folder / "drawn") == 2
    path, texts = folder / "drawn.zip", stage.app.wording.texts
    cases = Cases(Pieces(stage.app.ring, texts, hidden_too=True), ZoneInfo("Asia/Almaty"))
    command = Command(stage.database, stage.app.ring, CaseFiles(cases, Workshop(), stage.app.ring, texts), texts)
    await command.run(Asked(number, Language.EN, [], None, path, False, draw), stage.now())
    whole, lines = await verified(stage, path)
    assert whole, lines
    with zipfile.ZipFile(path) as archive:
        assert [archive.read(name) for name in archive.namelist() if name.endswith(".png")] == [png]


async def looked(stage: Stage) -> None:
    """Wait until nothing is due to be looked at."""
    async with asyncio.timeout(60):
        due = "SELECT count(*) AS due FROM watches WHERE next_at <= $1"
        while (await stage.fetch(due, stage.now()))[0]["due"]:  # noqa: ASYNC110 — nobody tells
            await asyncio.sleep(0.05)
    await stage.app.watching.rest()  # type: ignore[union-attr]


async def checked(stage: Stage, folder: Path, warc: bytes, told: Message) -> None:
    """The capture is known as this office's, and whatever is changed in it is found."""
    path = folder / "capture.warc.gz"
    path.write_bytes(warc)
    assert is_capture(path)
    assert hashlib.sha256(warc).hexdigest() in told.words
    assert fault(warc) is None
    whole, lines = await VerifyingCapture(stage.database, stage.app.ring).run(path)
    assert whole, lines
    *others, last = records(warc)
    cuts = {b"9412": b"9413", b"WARC-Block-Digest": b"WARC-Block-Digit", b"Content-Length: ": b"Content-Length: 1"}
    for spoilt in (*(last.replace(*cut) for cut in cuts.items()), last[:-200], b"x"):
        path.write_bytes(b"".join(map(gzip.compress, [*others, spoilt])))
        assert fault(path.read_bytes()) is not None, spoilt
        assert not (await VerifyingCapture(stage.database, stage.app.ring).run(path))[0]
    # Rightly made, but not what this office keeps.
    path.write_bytes(warc + warc)
    assert fault(path.read_bytes()) is None
    assert not (await VerifyingCapture(stage.database, stage.app.ring).run(path))[0]


def records(warc: bytes) -> list[bytes]:
    """The records of a WARC file, each unpacked."""
    found = []
    while warc:
        unpacking = zlib.decompressobj(31)
        found.append(unpacking.decompress(warc))
        warc = unpacking.unused_data
    return found


async def test_an_officer_is_told_what_changed_since_the_last_capture(stage: Stage, web: Web) -> None:
    name = unique("changing")
    place = f"t.me/{name}"
    web.sites[place] = channel("Shop", 100)
    citizen, desk = Citizen(stage), Desk(stage)
    citizen.types(place)
    await citizen.reads(name)
    await citizen.sends()
    card = await desk.sees(name)
    number = re.search(r"№(\d+)", card.words)
    assert number
    assert "измен" not in await told_of_capture(stage, number[1]), "there is none before the first"
    web.sites[place] = page(
        '<head><meta property="og:title" content="Shop 2"></head><div class="tgme_page_title">Shop 2</div>'
        '<div class="tgme_page_extra">250 subscribers</div>'
        + "".join(f"<p>{line} &lt;b&gt;" for line in ("Закрыто", *(f"Прайс {n}" for n in range(12))))
    )
    told = await told_of_capture(stage, number[1])
    assert re.search(r"Что изменилось со снимка \d\d\.\d\d\.\d{4} \d\d:\d\d:", told)
    assert {"Название: «Shop» → «Shop 2»", "Подписчиков: 100 → 250"} <= set(told.splitlines())
    assert "Убрали:\nShop\n100 subscribers\nRound the clock\nПоявилось:" in told
    assert "Закрыто <b>\nПрайс 0 <b>" in told
    assert "… и ещё 7 строк" in told
    assert "Прайс 6" not in told
    again = await told_of_capture(stage, number[1])
    assert "после этого ничего" in again, "what changed last is told though nothing has since"
    assert "«Shop» → «Shop 2»" in again
    assert "С прошлого снимка ничего не изменилось" in await told_of_capture(stage, number[1])


async def told_of_capture(stage: Stage, number: str) -> str:
    """Ask for a capture and give what the desk is told of it."""
    desk = Desk(stage)
    await settled(stage)
    stage.ahead += timedelta(minutes=1)
    stage.sandbox.send_text(stage.officer, f"/capture {number}", chat=stage.desk)
    told = await desk.sees("Снимок сохранён")
    return told.words


async def test_what_cannot_be_captured_is_told(stage: Stage) -> None:
    desk = Desk(stage)
    for words, answer in (("", "/capture 17"), ("999999", "999999"), ("x", "/capture 17")):
        stage.sandbox.send_text(stage.officer, f"/capture {words}", chat=stage.desk)
        await desk.sees(answer)
