"""Tables of placements as offices have them: read whatever Excel made of them, each fault told by its line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from bot.languages import Language
from bot.qr.errors import PlacementRefused
from bot.qr.placement import LENGTH, LETTERS, Surface, new_code, read_languages
from bot.qr.registry import FAULTS_TOLD, _all_checked
from bot.qr.table_file import BYTES_MOST, ROWS_MOST, read_table
from bot.qr.wish import NAME_MOST, Checked, Districts

HEADS = "name,district,surface,language,campaign"
TARAZ, BAYZAK, TWIN = "311000000", "313600000", "313700000"
DISTRICTS = Districts(
    [
        (TARAZ, ["Тараз", "Тараз", "Taraz"]),
        (BAYZAK, ["Байзақ", "Байзакский", "Bayzak"]),
        (TWIN, ["Байзақ", "Второй", "Second"]),
    ]
)


def placements(tmp_path: Path, data: str | bytes) -> list[Checked]:
    path = tmp_path / "placements.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return _all_checked(read_table(path), DISTRICTS, [])


def refused(tmp_path: Path, data: str | bytes) -> str:
    with pytest.raises(PlacementRefused) as told:
        placements(tmp_path, data)
    return str(told.value)


RUSSIAN = "название;район;поверхность;язык;кампания\nАбая, 12;Тараз;остановка;ru;Осень\n"


def workbook() -> bytes:
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(RUSSIAN.splitlines()):
            sheet.write_row(number, 0, line.split(";"))
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        RUSSIAN.encode(),
        RUSSIAN.encode("utf-8-sig"),
        RUSSIAN.encode("cp1251"),
        RUSSIAN.replace("\n", "\r\n").encode("utf-16"),
        RUSSIAN.replace(";", "\t").encode(),
        ("sep=;\r\n" + RUSSIAN).encode("cp1251"),
        RUSSIAN.replace(";", "\t").replace("\n", "\r\n").encode("utf-16"),
        b"\xef\xbb\xbf" + RUSSIAN.replace("Абая, 12", '"Абая,\r\n 12"').encode(),
        'campaign,name,language,surface,district,note\nОсень,"Абая, 12",RU,Stop,311000000,by the park\n'.encode(),
        f"\n\n{RUSSIAN}\n;;;;\n".encode(),
        workbook(),
    ],
    ids=[
        "UTF-8",
        "BOM",
        "cp1251",
        "UTF-16",
        "tabs",
        "sep=",
        "UTF-16 and tabs",
        "a cell of two lines",
        "commas and quotes",
        "empty lines",
        "workbook",
    ],
)
def test_a_table_is_read_whatever_program_wrote_it(data: bytes, tmp_path: Path) -> None:
    wanted = Checked("Абая, 12", "Осень", TARAZ, Surface.STOP, (Language.RU,))
    assert placements(tmp_path, data) == [wanted]


def test_kazakh_names_and_two_languages_are_read(tmp_path: Path) -> None:
    (one,) = placements(tmp_path, f'{HEADS}\n  Ұлы  Дала,,Жапсырма,"kk, ru",Күз\n'.encode("utf-8-sig"))
    assert one == Checked("Ұлы Дала", "Күз", None, Surface.STICKER, (Language.KK, Language.RU))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither a CSV"),
        (b"PK\x03\x04 no workbook", "neither a CSV"),
        (f"{HEADS}\n", "no rows under the heads"),
        ("Абая 12\nАбая 14\n", "Line 1: the columns name, district, surface, language and campaign are wanted"),
        ("name,place,kind\nА,Б,В\n", "surface, language, campaign are missing. Those there are: “name”, “place”"),
        ("name,name,surface,language,campaign\nа,б,stop,kk,в\n", "the column “name” is there twice"),
        (f"{HEADS}\nА,Тараз,stop,kk,ru,Осень\n", "Line 2: 6 cells where there are 5 heads"),
        (f"{HEADS}\nА,,wall,kk,Осень\n", "Line 2: The surface “wall”: one of billboard, stop"),
        (f"{HEADS}\nА,,stop,fr,Осень\n", "Line 2: The language “fr”: kk, ru or en"),
        (f"{HEADS}\nА,,stop\n", "Line 2: 3 cells where there are 5 heads: some are missing, or a quotation mark"),
        (f'{HEADS}\n"А,,stop,kk,Осень\nБ,,stop,kk,Осень\n', "Line 2: 1 cells where"),
        (f"{HEADS}\nА,,stop,,Осень\n", "Line 2: The language “”"),
        (f"{HEADS}\n,,stop,kk,Осень\n", "Line 2: A name of 1 to 100"),
        (f"{HEADS}\nА,,stop,kk,\n", "Line 2: A campaign of 1 to 100"),
        (f"{HEADS}\n{'А' * (NAME_MOST + 1)},,stop,kk,Осень\n", "Line 2: A name of 1 to 100"),
        (f"{HEADS}\nА\u202eБ,,stop,kk,Осень\n", "Line 2: A name of 1 to 100"),
        (f"{HEADS}\nА,Шымкент,stop,kk,Осень\n", "Line 2: The district “Шымкент” is not among"),
        (f"{HEADS}\nА,байзақ,stop,kk,Осень\n", f"are called “байзақ”: write the code of one, {BAYZAK}, {TWIN}"),
        (f"{HEADS}\nА,,stop,kk,Осень\nа,,post,ru,Осень\n", "Line 3: “а” is in the campaign “Осень” already: line 2"),
    ],
)
def test_a_table_that_is_not_right_is_told_why_and_where(data: str | bytes, told: str, tmp_path: Path) -> None:
    assert told in refused(tmp_path, data)


def test_a_line_is_told_as_the_file_has_it_also_after_cells_of_several_lines(tmp_path: Path) -> None:
    rows = '"Дом\n1",,stop,kk,Осень\n\nДом 2,,stop,kk,Осень\nДом 3,,wall,kk,Осень\n'
    assert refused(tmp_path, f"{HEADS}\n{rows}").startswith("Line 6: The surface “wall”")
    open_quote = f'{HEADS}\nДом 1,,stop,kk,Осень\n"Дом 2,,stop,kk,Осень\n' + "Дом 3,,stop,kk,Осень\n" * 9000
    assert refused(tmp_path, open_quote).startswith("Line 3: it cannot be read. Perhaps a quotation mark opens there")
    assert refused(tmp_path, f'{HEADS}\nДом 1,,stop,kk,Осень\n"Дом 2,,stop\nДом 3,,stop\n').startswith("Line 3: ")


def test_a_formula_is_a_name_like_any_other_and_nothing_is_worked_out(tmp_path: Path) -> None:
    (one,) = placements(tmp_path, f"{HEADS}\n=1+1,,stop,kk,@Осень\n")
    assert (one.name, one.campaign) == ("=1+1", "@Осень")
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADS.split(","))
        sheet.write_row(1, 0, ["", "", "stop", "kk", "Осень"])
        sheet.write_formula(1, 0, '="Абай "&12', None, "Абай 12")
    assert [each.name for each in placements(tmp_path, made.getvalue())] == ["Абай 12"]


def test_names_that_lost_their_kazakh_letters_on_the_way_are_not_printed(tmp_path: Path) -> None:
    written = f"{HEADS}\nЖамбыл даңғылы 5,,stop,kk,Осень\n".encode("cp1251", errors="replace")
    assert "save the table as “CSV UTF-8”" in refused(tmp_path, written)


def test_each_bad_row_is_named_and_many_are_counted(tmp_path: Path) -> None:
    good, bad = "Дом {},,stop,kk,Осень\n", "Дом {},,wall,kk,Осень\n"
    rows = "".join((bad if number % 2 else good).format(number) for number in range(100))
    lines = refused(tmp_path, f"{HEADS}\n{rows}").splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [f"Line {3 + 2 * each}" for each in range(FAULTS_TOLD)]
    assert lines[-1] == f"And {50 - FAULTS_TOLD} more lines that are not right."


def test_a_hundred_thousand_rows_are_read_and_one_more_is_refused(tmp_path: Path) -> None:
    rows = f"{HEADS}\n" + "".join(f"Дом {number},,stop,kk,Осень\n" for number in range(ROWS_MOST))
    (tmp_path / "many.csv").write_text(rows)
    assert len(read_table(tmp_path / "many.csv").rows) == ROWS_MOST
    assert "more than 100,000 rows" in refused(tmp_path, f"{rows}Ещё,,stop,kk,Осень\n")


def test_a_file_that_is_too_large_or_not_there_is_told_of(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(BYTES_MOST + 1)
    for path, told in ((large, "more than 32 MB"), (tmp_path / "none.csv", "No such file")):
        with pytest.raises(PlacementRefused, match=told):
            read_table(path)


def test_a_code_has_nothing_that_is_mistaken_for_another_and_is_what_telegram_takes() -> None:
    codes = {new_code(set()) for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {LENGTH}
    assert set("".join(codes)) == set(LETTERS)
    assert not set(LETTERS) & set("0Oo1lIiAEUYaeuy_-")
    alike = "ckopsuvwxyz"
    assert [letter for letter in alike if letter in LETTERS] == []
    assert len(set(LETTERS)) == len(LETTERS)
    # 50 bits: whoever tries a thousand a second for a year meets one of a thousand codes once in 36 years.
    assert len(LETTERS) ** LENGTH > 2**50


def test_one_language_is_read_or_two() -> None:
    assert read_languages("kk") == (Language.KK,)
    assert read_languages(" RU / kk ") == (Language.RU, Language.KK)
    assert [read_languages(each) for each in ("", "kk,kk", "kk,ru,en", "kz")] == [None] * 4
