"""Papers as their readers see them: what a cover and a note say, that it fits on the page, that a picture is one."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from bot.languages import Language
from bot.papers import verifying, workshop
from bot.papers.case import Case, Done, Enclosed, Link
from bot.papers.case_cover import LISTED, Cover, Listed
from bot.papers.figure_words import FigureWords
from bot.papers.pdf import MARGINS, draw
from bot.papers.pieces import Piece, PieceSort
from bot.papers.sheet import Sheet, Words
from bot.papers.statistics_papers import StatisticsPapers, note, picture
from bot.papers.verifying import NoCaseFile
from bot.papers.workshop import NotMade, Workshop
from bot.reports.chain import Head
from bot.reports.figures import Counts, Day, Figures, Period, Statistics, Times
from bot.wording import Wording
from tests.stage import ROOT

POINTS = 72 / 25.4
MADE = datetime(2026, 11, 23, 12, 10, tzinfo=ZoneInfo("Asia/Almaty"))
LONG_NAME = "Айгерим Нұрланқызы Сапарғалиева-Константинопольская"
KATO = "314500000"


def pages(data: bytes) -> list[str]:
    """What each page of a PDF says; a letter outside the margins fails."""
    told = []
    for page in pypdfium2.PdfDocument(data):
        width, _ = page.get_size()
        text = page.get_textpage()
        left, _, right = (margin * POINTS for margin in MARGINS)
        for place in range(text.count_chars()):
            if text.get_text_range(place, 1).strip():
                box = text.get_charbox(place)
                assert left - 1 <= box[0] <= box[2] <= width - right + 1, text.get_text_range(max(0, place - 40), 80)
        told.append(" ".join(text.get_text_bounded().split()))
    return told


def a_link(place: int) -> Link:
    return Link(
        place,
        f"https://example.com/{'averylongpath' * (place % 9)}",
        False,
        "telegram",
        "channel",
        date(2026, 11, 2),
        1_000_000,
        "sent_to_block",
        MADE,
        list(range(1_000_000, 999_980, -1)),
    )


def an_act(place: int) -> Done:
    about = None if place % 2 else 1
    return Done(MADE, f"{LONG_NAME} 🙂", "registered", "resource", about, place, b"", b"", "227547031000089", "299-1")


def a_case(links: int = 0, acts: int = 0) -> Case:
    return Case(
        1_000_000,
        "link",
        date(2026, 11, 2),
        "decided",
        "registered",
        MADE,
        [a_link(place) for place in range(1, links + 1)],
        [an_act(place) for place in range(1, acts + 1)],
        Head(1_204_567, bytes(32)),
        [],
    )


@pytest.mark.parametrize("language", Language)
def test_a_cover_fits_its_pages_however_much_it_tells(language: Language, wording: Wording) -> None:
    cover = Cover(wording.texts, language)
    files = [Listed(f"captures/{'long-name-' * 5}{n}.png", 123_456_789, "9f3a5b1c22d0e7aa" * 4) for n in range(3)]
    put_in = [Piece(sort, place) for place, sort in enumerate(PieceSort, 1)]
    told = " ".join(pages(draw(cover.sheet(a_case(12, 12), put_in, MADE, LONG_NAME, files))))
    for wanted in ("№ 1000000", "1204567-0000000000000000", "227547031000089", "299-1", "1 000 000", LONG_NAME[:20]):
        assert wanted in told.replace("\N{NO-BREAK SPACE}", " "), wanted
    assert told.replace(" ", "").count("9f3a5b1c22d0e7aa" * 4) == 3
    bare = pages(draw(cover.sheet(a_case(), [], MADE, "", files[:1])))
    assert len(bare) == 1
    for name in ("acts_none", "captures_none", "citizen_none"):
        assert wording.texts.plain(language, f"desk.case.{name}") in bare[0]
    lead = wording.texts.plain(language, "desk.case.lead")
    assert lead.split(".")[0] in bare[0].replace("- ", "-")


def test_a_cover_says_that_captures_tell_the_time_otherwise_than_it_does(wording: Wording) -> None:
    case = replace(a_case(), captures=[Enclosed("captures/link-1.warc.gz", b"")])
    sheet = Cover(wording.texts, Language.RU).sheet(case, [], MADE, "", [])
    [said] = [block.text for block in sheet.blocks if isinstance(block, Words) and "captures" in block.text]
    assert "внутри них: UTC." in said
    assert said.endswith("местное: UTC+05.")


def test_a_cover_of_a_long_list_says_where_the_rest_is(wording: Wording) -> None:
    sheet = Cover(wording.texts, Language.RU).sheet(a_case(LISTED + 5), [], MADE, "", [])
    said = [block.text for block in sheet.blocks if isinstance(block, Words)]
    assert f"Показаны первые {LISTED} из {LISTED + 5}, все стоят в файле case.json." in said


def test_no_signature_stands_on_a_page_of_its_own(wording: Wording) -> None:
    cover = Cover(wording.texts, Language.KK)
    signed, seen = wording.texts.plain(Language.KK, "desk.case.officer_under"), set()
    for acts in range(2, 14):
        told = pages(draw(cover.sheet(a_case(0, acts), [], MADE, "", [Listed("case.json", 1, "9f" * 32)])))
        seen.add(len(told))
        assert signed in told[-1]
        assert "SEAL" in told[-1] or "9f9f" in told[-1], acts
    assert seen == {1, 2}


def test_the_same_words_make_the_same_bytes() -> None:
    sheet = Sheet(title="Т", language="ru", footer="№ 17", blocks=[Words(text="слова")])
    assert draw(sheet) == draw(sheet)


def some_figures(first: date, days: int, each: int) -> Figures:
    by_day = tuple(Day(first + timedelta(days=n), each, each, each, each) for n in range(days))
    total = each * days
    standings = ("blocked", "sent_to_block", "new", "in_progress", "registered", "removed", "passed_on", "duplicate")
    counts = Counts(total, total, dict.fromkeys(standings, total) if total else {})
    nothing = Times(0, None, None)
    took = Times(total, timedelta(days=11, hours=23, minutes=59), timedelta(days=111, hours=23)) if total else nothing
    kinds = ("link", "graffiti", "place", "stash", "lab", "den", "kind_that_was_taken_out")
    return Figures(
        Period(first, first + timedelta(days=days - 1)),
        None,
        counts,
        dict.fromkeys(kinds, total) if total else {},
        {"": total, KATO: total, **{str(n): total for n in range(9)}} if total else {},
        counts,
        dict.fromkeys(("telegram", "site", "instagram", "tiktok", "whatsapp", "vk"), total) if total else {},
        total,
        total,
        total,
        total,
        total,
        took,
        took,
        by_day,
    )


def some_statistics(days: int, each: int) -> Statistics:
    first = date(2026, 11, 1)
    names = {KATO: dict.fromkeys(Language, "Тұрар Рысқұлов ауданы (Жамбыл облысы)")}
    return Statistics(
        some_figures(first, days, each),
        some_figures(first - timedelta(days=days), days, each // 2),
        some_figures(date(2025, 11, 1), days, 0),
        names,
    )


OFFICE = "Прокуратура района Турара Рыскулова Жамбылской области"
SHAPES = [(30, 33_334), (30, 0), (1, 1), (365, 7)]


@pytest.mark.parametrize("language", Language)
def test_a_note_is_one_page_in_every_language_with_a_million_and_with_nothing(
    language: Language, wording: Wording
) -> None:
    for days, each in SHAPES:
        data = draw(note(some_statistics(days, each), wording.texts, language, OFFICE, date(2026, 12, 1)))
        [page] = pages(data)
        page = page.replace("\N{NO-BREAK SPACE}", " ")
        assert f"{days * each:,}".replace(",", " ") in page
        assert "01.11.2026" in page
        assert "01.12.2026" in page
        assert wording.texts.plain(language, "desk.figures.head") in page
        for name in ("row_reports", "row_share", "row_blocked", "row_decide_most"):
            assert wording.texts.plain(language, f"desk.figures.{name}") in page, name


def test_a_share_is_nothing_or_all_only_when_it_is(wording: Wording) -> None:
    words = FigureWords(wording.texts, Language.RU)
    assert [words.share(share) for share in (None, 0, 0.001, 0.874, 0.999, 1)] == [
        "—",
        "0 %",
        "1 %",
        "87 %",
        "99 %",
        "100 %",
    ]
    assert words.time(timedelta(days=2, hours=4, minutes=3)) == "2 д 4 ч"
    assert words.time(timedelta(minutes=200)) == "3 ч 20 мин"


@pytest.mark.parametrize(
    ("language", "short", "at_once", "within"),
    [
        (Language.KK, "бір минуттан аз", "бір минутқа жетпей", "5 мин ішінде"),
        (Language.RU, "меньше минуты", "меньше чем за минуту", "за 5 мин"),
        (Language.EN, "under a minute", "in under a minute", "within 5 min"),
    ],
)
def test_what_took_no_minute_took_less_than_one(
    wording: Wording, language: Language, short: str, at_once: str, within: str
) -> None:
    words = FigureWords(wording.texts, language)
    assert words.time(timedelta()) == short
    assert [words.within(timedelta(minutes=minutes)) for minutes in (0, 5)] == [at_once, within]


def test_a_picture_of_a_year_goes_by_weeks_and_adds_up_what_has_no_room(wording: Wording) -> None:
    shown = picture(some_statistics(365, 7), wording.texts, Language.RU, None, date(2026, 12, 1))
    assert len(shown.lines.days) == len(shown.lines.now) == 52
    assert set(shown.lines.now) == {49}
    assert shown.lines.title == "Сообщения по неделям"
    assert [label for label, _ in shown.left.rows][-1] == "остальные"
    assert sum(number for _, number in shown.left.rows) == 7 * 7 * 365
    day = picture(some_statistics(1, 1), wording.texts, Language.RU, None, date(2026, 12, 1))
    assert day.below == "01.11.2026"


async def test_papers_are_made_in_a_process_of_their_own(wording: Wording) -> None:
    papers = StatisticsPapers(Workshop(), wording.texts)
    for days, each in ((30, 33_334), (30, 0)):
        data = await papers.picture(some_statistics(days, each), Language.KK, OFFICE, made=date(2026, 12, 1))
        with Image.open(io.BytesIO(data)) as shown:
            assert shown.format == "PNG"
            assert shown.width >= 1080
            assert sum(shown.size) <= 10_000, "Telegram takes no larger photo"
            colours = shown.convert("RGB").getcolors(1 << 24)
            assert colours is not None
            assert len(colours) > 50
    assert "matplotlib" not in sys.modules


async def test_a_process_that_fails_or_does_not_end_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(title="Т", language="ru", footer="", blocks=[])
    for program, seconds in (("raise SystemExit(1)", 60.0), ("pass", 60.0), ("import time; time.sleep(600)", 0.2)):
        monkeypatch.setattr(workshop, "WORKER", (sys.executable, "-c", program))
        with pytest.raises(NotMade):
            await Workshop(seconds).make(sheet)


def test_the_bot_itself_draws_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nimport bot.bootstrap\n"
        "heavy = {'fpdf', 'matplotlib', 'numpy', 'fontTools'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)


def test_a_case_file_whose_packed_bytes_are_damaged_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.json", "{}" * 5000)
    packed = bytearray(path.read_bytes())
    begins = 30 + len("case.json")
    packed[begins : begins + 4] = b"\xff" * 4
    path.write_bytes(packed)
    with pytest.raises(NoCaseFile, match="is no ZIP, or a damaged one"):
        verifying._read(path)
