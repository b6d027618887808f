"""`shekteu qr` as an operator types it: placements from a table to a code on paper, whole or not at all."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image

from bot.__main__ import parser
from bot.database import Database
from bot.languages import Language
from bot.qr.command import manage
from bot.qr.errors import PlacementRefused, QrRefused
from bot.qr.placement import Surface
from bot.qr.reading import read, rendered
from bot.qr.registry import Registry
from bot.qr.wish import Wish
from bot.sandbox.town import Town
from bot.settings import TELEGRAM_API, Settings
from tests.integration.test_areas import HERE, THERE, bring, shekteu
from tests.stage import ROOT
from tests.workbench import look, until

TEMPLATES = {"TEMPLATES_DIR": str(ROOT / "templates")}
HEADS = "name,district,surface,language,campaign"
TODAY = date(2026, 11, 23)


@pytest.fixture
def registry(database: Database) -> Registry:
    return Registry(database, TODAY)


async def qr(registry: Registry, *words: object, token: str | None = None, api: str = TELEGRAM_API) -> str:
    """What a command tells, without the seconds that a process of its own takes to start."""
    chosen = parser().parse_args(["qr", *map(str, words)])
    settings = Settings(_env_file=None, bot_token=token, telegram_api_url=api)
    draw = await manage(registry, settings, chosen)
    return "\n".join(await asyncio.to_thread(lambda: list(draw())))


async def refused(registry: Registry, *words: object, **of: str) -> str:
    with pytest.raises(QrRefused) as told:
        await qr(registry, *words, **of)
    return str(told.value)


async def placements(url: str) -> list[dict[str, object]]:
    return [dict(row) for row in await look(url, "SELECT * FROM placements ORDER BY campaign, name")]


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join((HEADS, *rows)) + "\n", "utf-8-sig")
    return path


async def test_placements_are_brought_renamed_moved_and_closed_and_keep_their_codes(
    registry: Registry, database_url: str, tmp_path: Path
) -> None:
    assert await qr(registry, "list") == "There are no placements: `shekteu qr add` or `shekteu qr import` makes them."
    await bring(database_url, tmp_path / "areas.geojson", HERE, THERE)
    file = table(tmp_path / "autumn.csv", "Абай 12,г. Тараз,stop,kk,Күз", 'Базар,Байзақ ауданы,post,"kk,ru",Күз')
    assert await shekteu(database_url, "qr", "import", file) == (0, "2 placements were added: “Күз”.\n", "")
    first, second = await placements(database_url)
    assert [first[each] for each in ("name", "district", "surface", "languages")] == [
        "Абай 12",
        "311000000",
        "stop",
        "kk",
    ]
    assert second["closed_on"] is None

    # The same table once more brings nothing, and says of each row why.
    code, _, told = await shekteu(database_url, "qr", "import", file)
    assert code == 1
    assert f"Line 2: “Абай 12” is in the campaign “Күз” already: its code is {first['code']}." in told
    assert "Line 3: " in told
    # One bad row among good ones: none of them is there.
    mixed = table(tmp_path / "mixed.csv", "Новое,,stop,ru,Осень", "Плохое,,wall,ru,Осень")
    assert (await refused(registry, "import", mixed)).startswith("Line 3: The surface “wall”")
    assert await placements(database_url) == [first, second]

    await qr(registry, "rename", "абай 12", "Абай 14", "--campaign", "Күз")
    await qr(registry, "move", first["code"], "--district", "Байзакский район", "--surface", "sticker")
    assert "Whoever scans its code still comes to the bot" in await qr(registry, "close", "Базар")
    moved, closed = await placements(database_url)
    assert moved == first | {"name": "Абай 14", "folded": "абай 14", "district": "313600000", "surface": "sticker"}
    assert closed == second | {"closed_on": TODAY}

    listed = ["Күз: 1", f"  {first['code']}  sticker    kk     313600000  Абай 14"]
    assert (await qr(registry, "list", "--campaign", "Күз")).splitlines() == listed
    assert (await qr(registry, "list", "--closed")).splitlines()[2].endswith("Базар  closed 2026-11-23")
    # The name of a closed placement is free again; its code is nobody else's.
    add = ("add", "Базар", "--campaign", "Күз", "--surface", "stop")
    await qr(registry, *add)
    assert "already" in await refused(registry, *add)
    assert "already" in await refused(registry, "rename", "Абай 14", "БАЗАР")
    rows = await placements(database_url)
    assert [row["name"] for row in rows] == ["Абай 14", "Базар", "Базар"]
    assert len({row["code"] for row in rows}) == 3
    assert "There is no campaign “Жаз”" in await refused(registry, "list", "--campaign", "Жаз")
    assert "what has changed?" in await refused(registry, "move", "Базар")


def wish(name: str, campaign: str = "Күз") -> Wish:
    return Wish(name, campaign, "stop", "kk")


async def test_of_many_who_add_the_same_name_at_once_one_does(registry: Registry, database_url: str) -> None:
    answers = await asyncio.gather(*(registry.add(wish("Абай 12")) for _ in range(5)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["PlacementRefused"] * 4 + ["str"]
    assert len(await placements(database_url)) == 1


async def test_a_name_in_two_campaigns_is_asked_back(registry: Registry) -> None:
    for campaign in ("Күз", "Жаз"):
        await registry.add(wish("Абай 12", campaign))
    with pytest.raises(PlacementRefused, match="in the campaigns “Жаз”, “Күз”: --campaign"):
        await registry.close("Абай 12", None)
    await registry.close("Абай 12", "Жаз")
    # What is left is meant without asking; a closed one is found no more.
    await registry.rename("Абай 12", None, "АБАЙ 12")
    with pytest.raises(PlacementRefused, match="no open placement"):
        await registry.rename("Абай 12", "Жаз", "Абай 13")
    with pytest.raises(PlacementRefused, match="No districts were imported yet"):
        await registry.move("АБАЙ 12", None, "Тараз", None)


async def test_many_rows_are_brought_at_once(registry: Registry, tmp_path: Path) -> None:
    rows = [f"Дом {number},,stop,kk,{number % 7}" for number in range(3000)]
    await registry.bring(table(tmp_path / "many.csv", *rows))
    there = await registry.all()
    assert len({each.code for each in there}) == 3000
    assert {(each.surface, each.languages, each.made_on) for each in there} == {(Surface.STOP, (Language.KK,), TODAY)}


async def test_a_code_on_paper_leads_to_its_placement(registry: Registry, tmp_path: Path) -> None:
    await registry.add(wish("Абай 12"))
    (one,) = await registry.all()
    link = f"https://t.me/ShekteuBot?start={one.code}"
    out, bot = tmp_path / "abai.png", ("--bot", "@ShekteuBot")
    draw = ("code", "Абай 12", "--out", out)
    assert await qr(registry, *draw, *bot) == f"{out} holds the code of “Абай 12”: {link}"
    with Image.open(out) as image:
        assert round(image.width / image.info["dpi"][0] * 25.4, 1) == 60
        assert [found.text for found in zxingcpp.read_barcodes(image.convert("L"))] == [link]
    for words, told in (
        ((*draw, *bot), "is there already"),
        (draw, "Which bot are the codes for?"),
        ((*draw, "--bot", "our bot"), "--bot our bot: a name such as"),
        (("code", one.code, *bot, "--out", tmp_path / "a.pdf"), "ends in .png or .svg"),
        (("code", one.code, *bot, "--out", tmp_path / "a.png", "--size", "16"), "17 to 2000 mm"),
        (("code", one.code, *bot, "--out", tmp_path / "no" / "a.png"), "No such file"),
        (("code", one.code, *bot, "--out", tmp_path / "a.png", "--emblem", tmp_path / "no.svg"), "no.svg: No such"),
    ):
        assert told in await refused(registry, *words)
    assert os.listdir(tmp_path) == ["abai.png"]


async def test_the_bots_name_is_asked_of_telegram(registry: Registry, tmp_path: Path) -> None:
    await registry.add(wish("Абай 12"))
    draw = ("code", "Абай 12", "--out", tmp_path / "abai.svg")
    async with Town("127.0.0.1", 0, tmp_path / "chats", UTC) as town:
        of = {"token": town.sandbox.token, "api": town.sandbox.url}
        assert f"https://t.me/{town.sandbox.bot_username}?start=" in await qr(registry, *draw, **of)
    assert "Telegram does not tell" in await refused(registry, *draw, **of)


async def fill(registry: Registry, path: Path, count: int) -> None:
    await registry.bring(table(path / "many.csv", *(f"Дом {each},,stop,kk,Күз" for each in range(count))))


def index(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))


def codes(path: Path) -> list[str]:
    """What the codes of each page lead to."""
    document = pypdfium2.PdfDocument(path)
    return [text for number in range(len(document)) for text in read(rendered(path.read_bytes(), 800, number))]


async def test_posters_of_a_campaign_are_made_and_only_those_that_are_missing_again(
    registry: Registry, database_url: str, tmp_path: Path
) -> None:
    await fill(registry, tmp_path, 6)
    placements = await registry.all()
    await registry.close("Дом 5", None)
    out = tmp_path / "out"
    command = ("qr", "posters", "--campaign", "Күз", "--format", "a3", "--language", "kk,ru", "--out", out)
    code, told, progress = await shekteu(database_url, *command, "--bot", "ShekteuBot", env=TEMPLATES)
    assert (code, told.split(",")[0]) == (0, f"5 posters in {out}"), progress
    assert progress.splitlines()[-1] == "5 of 5"
    rows = index(out / "index-a3.csv")
    assert rows[0] == ["code", "place", "file"]
    assert [row[:2] for row in rows[1:]] == [[each.code, each.name] for each in placements[:5]]
    links = [f"https://t.me/ShekteuBot?start={each.code}" for each in placements[:5]]
    assert [codes(out / row[2]) for row in rows[1:]] == [[link] for link in links]

    # One is gone, one was cut off, one is of a placement that has another name now: these three are made, no others.
    files = [out / row[2] for row in rows[1:]]
    files[0].write_bytes(b"")
    files[1].write_bytes(files[1].read_bytes()[:-8])
    before = [file.stat().st_mtime_ns for file in files]
    files[0].unlink()
    await registry.rename("Дом 2", None, "Сарай")
    words = (
        "posters",
        "--campaign",
        "Күз",
        "--format",
        "a3",
        "--language",
        "kk,ru",
        "--out",
        out,
        "--bot",
        "ShekteuBot",
    )
    await qr(registry, *words)
    after = [file.stat().st_mtime_ns for file in files]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, False, True, True]
    assert sorted(os.listdir(out)) == sorted(["index-a3.csv", *(file.name for file in files)])


async def test_posters_as_one_file_stickers_and_one_placement_alone(registry: Registry, tmp_path: Path) -> None:
    await fill(registry, tmp_path, 3)
    placements = await registry.all()
    links = [f"https://t.me/ShekteuBot?start={each.code}" for each in placements]
    out = tmp_path / "out"
    to = ("--out", out, "--bot", "ShekteuBot")
    await qr(registry, "posters", "--campaign", "Күз", "--format", "A4", "--plain", "--one", *to)
    assert codes(out / "posters-a4-plain.pdf") == links
    assert index(out / "index-a4-plain.csv")[1:] == [
        [each.code, each.name, "posters-a4-plain.pdf", str(number)] for number, each in enumerate(placements, 1)
    ]
    page = pypdfium2.PdfDocument(out / "posters-a4-plain.pdf")[0]
    assert (round(page.get_width() / 72 * 25.4), round(page.get_height() / 72 * 25.4)) == (210, 297)
    told = await qr(registry, "posters", "--place", "Дом 1", "--format", "stickers", "--per-page", "4", *to)
    assert told.startswith("1 poster in")
    assert codes(out / f"{placements[1].code}-stickers4-kk.pdf") == [links[1]] * 4
    for words, why in (
        (("--format", "a9", "--campaign", "Күз"), "--format a9: one of a5, a4, a3, a2, billboard, stickers"),
        (("--format", "a4"), "--campaign or --place"),
        (("--format", "a4", "--campaign", "Жаз"), "There is no campaign"),
        (("--format", "a4", "--campaign", "Күз", "--language", "fr"), "--language fr"),
        (("--format", "a4", "--campaign", "Күз", "--template", "fancy"), "There is no design “fancy”"),
        (("--format", "stickers", "--campaign", "Күз", "--per-page", "7"), "--per-page 7: one of 2, 4, 6"),
    ):
        assert why in await refused(registry, "posters", *words, *to)


async def stopped(words: list[object], when: Callable[[], bool], database_url: str, folder: Path) -> None:
    """Begin to draw, and press Ctrl-C at a moment; nothing of it is told."""

    async def then() -> bool:
        return when()

    path = os.pathsep.join((str(folder), str(ROOT)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "qr", *map(str, words)),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "DATABASE_URL": database_url} | TEMPLATES,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        # Who runs the tests in the background, as scripts do, hands down that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    await until(then)
    os.killpg(process.pid, signal.SIGINT)  # as in a terminal, where it reaches all of them
    (folder / "stopped").touch()
    _, told = await process.communicate()
    assert process.returncode == 130, told.decode()
    assert b"Traceback" not in told, told.decode()


SLOWLY_BORN = """
import sys, time
from pathlib import Path
here = Path(__file__).parent
if any("spawn_main" in word for word in sys.orig_argv):
    (here / "born").touch()
    while not (here / "stopped").exists():
        time.sleep(0.01)
"""


async def test_a_batch_that_is_stopped_while_its_processes_start_ends_quietly(
    registry: Registry, database_url: str, tmp_path: Path
) -> None:
    await fill(registry, tmp_path, 5)
    (tmp_path / "sitecustomize.py").write_text(SLOWLY_BORN)
    words = ["posters", "--campaign", "Күз", "--format", "a5", "--out", tmp_path / "out", "--bot", "ShekteuBot"]
    await stopped(words, (tmp_path / "born").exists, database_url, tmp_path)
    assert not list((tmp_path / "out").glob("*.csv"))


async def test_a_batch_that_is_stopped_leaves_whole_posters_and_goes_on_after_them(
    registry: Registry, database_url: str, tmp_path: Path
) -> None:
    # What each of eight processes has in hand is finished.
    await fill(registry, tmp_path, 200)
    out = tmp_path / "out"
    words = ["posters", "--campaign", "Күз", "--format", "a5", "--out", out, "--bot", "ShekteuBot"]
    await stopped(words, lambda: out.is_dir() and len(list(out.glob("*.pdf"))) >= 3, database_url, tmp_path)
    made = {file: file.stat().st_mtime_ns for file in out.glob("*.pdf")}
    assert 3 <= len(made) < 200
    assert all(len(codes(file)) == 1 for file in made)
    assert {path.suffix for path in out.iterdir()} == {".pdf"}, "neither an index nor anything half-written"
    # Most of what is left is closed, so that this test need not draw all of it.
    for each in (await registry.all())[10:]:
        if not any(each.code in file.name for file in made):
            await registry.close(each.code, None)
    await qr(registry, *words)
    assert made.items() <= {file: file.stat().st_mtime_ns for file in out.glob("*.pdf")}.items()
    assert (out / "index-a5.csv").is_file()
