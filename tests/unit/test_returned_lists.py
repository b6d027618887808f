"""Lists that officers send: .txt, .csv and .xlsx, what they say of each link, and files that are none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from bot.links import EmptyList, UnreadableList, sheets, workbooks
from bot.links.sheets import read_rows
from bot.reports.returned import Read, read
from bot.reports.returned_template import FILE, load_returned_words
from bot.texts import TextsBroken

TEMPLATES = Path(__file__).parents[2] / "templates"
WORDS = load_returned_words(TEMPLATES)
SHEET = "xl/worksheets/sheet1.xml"
NAMES = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"


def workbook(*rows: list[object]) -> bytes:
    """A workbook as Excel would write it."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(place, column, cell)
    return written.getvalue()


def changed(data: bytes, **parts: str | bytes) -> bytes:
    """The same workbook with other parts; `sheet` and `strings` stand for theirs."""
    names = {"sheet": SHEET, "strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml"}
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = next((parts[key] for key, full in names.items() if full == name and key in parts), None)
            new.writestr(name, old.read(name) if part is None else part)
    return written.getvalue()


def blocked(data: bytes) -> Read:
    return read(data, WORDS, with_answers=True)


def closed(data: bytes) -> list[str]:
    return [url.rpartition("/")[2] for url, is_closed in blocked(data).closed.items() if is_closed]


TABLE: tuple[list[object], ...] = (
    ["Ответ на запрос № 17 от 20.11.2026"],
    [],
    ["№", "Ссылка на ресурс", "Статус", "Дата"],
    [1, "https://t.me/shop_one", "Заблокирован", "21.11.2026"],
    [2, "t.me/shop_two", "отказ: нет признаков", "21.11.2026"],
    [3, "@shop_three", "ЗАБЛОКИРОВАНО 21.11.2026", "21.11.2026"],
    [4, "", "Заблокирован", ""],
    [5, "https://t.me/shop_four", "не заблокирован", ""],
    [6, "https://t.me/shop_five", "", ""],
)


def test_a_table_is_read_by_its_headings_and_by_what_it_says_of_each_link() -> None:
    for data in (workbook(*TABLE), "\n".join(";".join(map(str, row)) for row in TABLE).encode("cp1251")):
        found = blocked(data)
        assert closed(data) == ["shop_one", "shop_three"]
        assert len(found.closed) == 5
        assert found.others == ["отказ: нет признаков", "не заблокирован"]
        assert (found.bad, found.bad_lines) == (1, [7])
        assert not found.unsure


def test_what_the_system_says_does_not_matter_when_links_are_only_sent() -> None:
    found = read(workbook(*TABLE), WORDS, with_answers=False)
    assert len(found.closed) == 5
    assert all(found.closed.values())
    assert not found.unsure


def test_our_own_register_marks_nothing_that_is_not_closed() -> None:
    data = workbook(
        ["№ п/п", "Ссылка", "Площадка", "Состояние"],
        [1, "https://t.me/one", "telegram", "направлено в «Кибернадзор»"],
        [2, "https://t.me/two", "telegram", "доступ закрыт"],
    )
    assert closed(data) == ["two"]


def test_a_title_above_the_table_is_no_heading() -> None:
    rows: list[list[object]] = [["Ссылки за ноябрь"], ["№", "t.me/abcde", "ok"], ["№", "t.me/abcdf", "ok"]]
    assert len(blocked(workbook(*rows)).closed) == 2
    assert len(blocked("Ссылки\nt.me/abcde\n".encode()).closed) == 1
    assert blocked("Ссылки\nt.me/abcde\n".encode()).bad == 0


def test_a_mere_list_is_a_list_of_what_is_closed() -> None:
    found = blocked(b"t.me/abcde\n\nhttps://example.kz/page, t.me/abcdf\nnothing here\n")
    assert list(found.closed.values()) == [True, True, True]
    assert (found.bad, found.bad_lines, found.unsure) == (1, [4], False)
    assert list(blocked(workbook(["https://t.me/abcde"], ["https://t.me/abcdf"])).closed.values()) == [True, True]


def test_a_table_without_a_known_column_of_answers_is_asked_about() -> None:
    assert blocked("1;t.me/abcde;отказ\n2;t.me/abcdf;отказ\n".encode()).unsure
    assert blocked(workbook(["Ссылка", "Отметка"], ["t.me/abcde", "отказ"])).unsure
    assert not blocked(b"t.me/abcde;t.me/abcdf\nt.me/abcdg;t.me/abcdh\n").unsure


def test_a_list_with_words_beside_its_links_is_asked_about_too() -> None:
    for line in ("https://t.me/abcde  отказ", "t.me/abcde — не подтвердилось", "Отказано: t.me/abcde, t.me/abcdf"):
        assert blocked(f"t.me/abcdg\n{line}\n".encode()).unsure, line
    for line in ("1. https://t.me/abcde", "№ 17 @abcde", "t.me/abcde, t.me/abcdf (2)", "Ответ от 5 ноября"):
        assert not blocked(f"t.me/abcdg\n{line}\n".encode()).unsure, line


def test_separators_in_quotes_divide_nothing() -> None:
    rows = ['"Отказано; письмо 5; лист 2"', "Заблокирован", '"Отказано; письмо 6"', '"Ограничён; письмо 7"']
    lines = [f"https://t.me/abcd{place};{answer}" for place, answer in enumerate(rows)]
    found = blocked("\n".join(("Ссылка;Статус", *lines)).encode())
    assert list(found.closed.values()) == [False, True, False, True]
    assert (found.bad, found.unsure) == (0, False)


def test_the_last_row_about_a_link_counts() -> None:
    rows: list[list[object]] = [["Ссылка", "Статус"], ["t.me/abcde", "в работе"], ["t.me/abcde", "заблокирован"]]
    assert closed(workbook(*rows)) == ["abcde"]
    assert closed(workbook(rows[0], rows[2], rows[1])) == []


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("Заблокирован", True),
        ("доступ  ограничен с 12.11.2026", True),
        ("Қолжетімділік шектелді", True),
        ("ЗАКРЫТО", True),
        ("Доступ к ресурсу ограничён", True),
        ("закрытие отклонено", False),
        ("не заблокирован", False),
        ("на рассмотрении", False),
        ("", False),
    ],
)
def test_an_answer_means_closed_when_it_begins_so(cell: str, means: bool) -> None:
    assert WORDS.means_closed(" ".join(cell.split())) is means


def test_the_offices_own_words_are_taken_and_wrong_ones_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('links = ["site"]\nanswers = ["done"]\nclosed = ["yes"]')
    data = workbook(["Site", "Done?"], ["t.me/abcde", "Yes"], ["t.me/abcdf", "no"])
    found = read(data, load_returned_words(tmp_path), with_answers=True)
    assert list(found.closed.values()) == [True, False]
    (tmp_path / FILE).write_text('links = []\nanswers = ["done"]')
    with pytest.raises(TextsBroken, match=r"returned\.toml links: .*\nreturned\.toml closed: Field required"):
        load_returned_words(tmp_path)


def test_cells_are_read_as_excel_shows_them() -> None:
    rich = f"<sst {NAMES}><si><r><t>t.me/</t></r><r><t>abcde</t></r><rPh><t>no</t></rPh></si></sst>"
    cells = (
        "<c r='A1' t='s'><v>0</v></c><c r='C1' t='inlineStr'><is><t>two</t></is></c>"
        "<c r='D1' t='str'><f>1+1</f><v>three</v></c><c r='E1'><v>4.5</v></c>"
    )
    sheet = f"<worksheet {NAMES}><sheetData><row r='7'>{cells}</row>{ROW}</sheetData></worksheet>"
    rows, cut = read_rows(changed(workbook(["x"]), sheet=sheet, strings=rich))
    assert [(row.number, row.cells) for row in rows] == [
        (7, ["t.me/abcde", "", "two", "three", "4.5"]),
        (8, ["t.me/abcde"]),
    ]
    assert not cut


def test_rows_beyond_the_most_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_MOST", 2)
    data = b"t.me/abcde\nt.me/abcdf\nt.me/abcdg\n"
    assert (len(blocked(data).closed), blocked(data).cut) == (2, True)
    data = workbook(["t.me/abcde"], ["t.me/abcdf"], ["t.me/abcdg"])
    assert (len(blocked(data).closed), blocked(data).cut) == (2, True)


BOOK = workbook(["t.me/abcde", "x"])
LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"
    f"<worksheet {NAMES}><sheetData><row><c t='str'><v>&b;</v></c></row></sheetData></worksheet>"
)
ROW = "<row><c t='s'><v>0</v></c></row>"


def packed(method: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(written, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return written.getvalue()


MANY = 1 << 20
HOSTILE = {
    "entities": changed(BOOK, sheet=LAUGHS),
    "a bomb": changed(BOOK, sheet=f"<worksheet {NAMES}><sheetData>" + " " * MANY),
    "many elements": changed(BOOK, sheet=f"<worksheet {NAMES}>" + "<a/>" * 2_000),
    "no XML": changed(BOOK, sheet="<worksheet"),
    "no such text": changed(
        BOOK, sheet=f"<worksheet {NAMES}><sheetData>{ROW.replace('0', '99')}</sheetData></worksheet>"
    ),
    "no sheet": changed(BOOK, book=f"<workbook {NAMES}/>"),
    "another packing": packed(zipfile.ZIP_LZMA),
    "cut off": BOOK[: len(BOOK) // 2],
    "many parts": BOOK + b"PK\x01\x02" * (workbooks.PARTS_MOST + 1),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "only its beginning": b"PK\x03\x04",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_MOST", MANY - 1)
    monkeypatch.setattr(workbooks, "ELEMENTS_MOST", 1_000)
    with pytest.raises((UnreadableList, EmptyList)):
        blocked(HOSTILE[name])


def test_an_entity_of_an_outside_file_is_refused() -> None:
    outside = f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><worksheet {NAMES}>&a;</worksheet>"
    with pytest.raises(UnreadableList):
        blocked(changed(BOOK, sheet=outside))


def test_an_empty_file_says_so() -> None:
    for data in (b"", b" \n", workbook([])):
        with pytest.raises(EmptyList):
            blocked(data)
