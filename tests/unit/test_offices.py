"""Which office a report goes to, and what an operator may ask of an office."""

from __future__ import annotations

import pytest

from bot.languages import Language
from bot.offices.office import MAIN, Office, OfficeList
from bot.offices.wish import Known, OfficeRefused, Wish, named, wanted

TARAZ, BAYZAK, MERKE = "311000000", "313600000", "315000000"


def office(id: int, districts: str = "", kinds: str = "", *, restricted: bool = False, closed: bool = False) -> Office:
    places, sorts = frozenset(districts.split()), frozenset(kinds.split())
    return Office(id, f"Office {id}", -id, Language.RU, places, sorts, restricted, closed)


OFFICES = OfficeList(
    (
        office(1, f"{TARAZ} {MERKE}"),
        office(2, kinds="lab den"),
        office(3, MERKE, "lab"),
        office(4, restricted=True),
        office(5),
        office(6, BAYZAK, closed=True),
        office(7, kinds="link"),
    )
)
KNOWN = Known(OFFICES, [TARAZ, BAYZAK, MERKE], ("link", "place", "lab", "den"), -1000)


@pytest.mark.parametrize(
    ("kind", "district", "goes_to"),
    [
        ("place", TARAZ, 1),
        ("place", MERKE, 1),
        ("lab", TARAZ, 2),
        ("lab", MERKE, 3),
        ("den", MERKE, 2),
        ("den", None, 2),
        ("lab", None, 2),
        ("place", None, None),
        ("place", "319999999", None),
        ("place", BAYZAK, None),
        ("link", None, 7),
    ],
)
def test_the_more_specific_office_gets_it_and_the_main_desk_what_is_for_none(
    kind: str, district: str | None, goes_to: int | None
) -> None:
    assert OFFICES.route(kind, district) == goes_to


def test_a_placements_district_counts_where_the_report_tells_none() -> None:
    assert OFFICES.route("place", None, placement=TARAZ) == 1
    assert OFFICES.route("place", "319999999", placement=TARAZ) is None, "it lies somewhere, and that is known"


def test_a_desk_is_shown_its_own_and_the_main_one_all_but_the_restricted() -> None:
    assert OFFICES.scope(None) == [MAIN, 1, 2, 3, 5, 6, 7]
    assert OFFICES.scope(4) == [4]
    assert OFFICES.scope(2) == [2]


def test_a_restricted_desk_passes_nothing_on_and_is_passed_nothing() -> None:
    assert OFFICES.others(1) == [MAIN, 2, 3, 5, 7]
    assert OFFICES.others(None) == [1, 2, 3, 5, 7]
    assert [OFFICES.passes(desk) for desk in (MAIN, 1, 4)] == [True, True, False]
    assert not OfficeList((office(4, restricted=True),)).passes(MAIN), "there is nobody to pass to"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish("New"), "--chat is wanted"),
        (Wish("New", 77), "--chat 77 is no group"),
        (Wish("New", -1000), "is the main desk"),
        (Wish("New", -1), "--chat -1 is the desk of “Office 1” already"),
        (Wish("office 1", -77), "There is an office “Office 1” already"),
        (Wish("", -77), "A name of 1 to 60"),
        (Wish("New", -77, districts="123456789"), "--districts 123456789: not among the districts"),
        (Wish("New", -77, kinds="dens"), "--kinds dens: the kinds are link, place, lab, den"),
        (Wish("New", -77, language="de"), "--language de: one of kk, ru, en"),
        (Wish("New", -77, restricted=True), "“Office 4” is the restricted office already"),
        (Wish("New", -77, districts=f"{BAYZAK},{TARAZ}"), f"“Office 1” has {TARAZ} already"),
        (Wish("New", -77, kinds="place,den"), "“Office 2” has den already"),
        (Wish("New", -77, districts=MERKE, kinds="lab,den"), "“Office 3” has"),
    ],
)
def test_a_bad_wish_is_refused_with_a_sentence(wish: Wish, why: str) -> None:
    with pytest.raises(OfficeRefused, match=r".") as refused:
        wanted(wish, KNOWN, Language.RU)
    assert why in str(refused.value)


def test_a_good_wish_gets_the_defaults_and_a_change_keeps_what_is_not_named() -> None:
    made = wanted(Wish(" Байзақ  ауданы ", -77, districts=BAYZAK), KNOWN, Language.KK)
    assert (made.name, made.language) == ("Байзақ ауданы", Language.KK)
    assert made.districts == {BAYZAK}
    changed = wanted(Wish("Office 1", kinds="place"), KNOWN, Language.KK, OFFICES.by_id[1])
    assert (changed.chat_id, changed.language) == (-1, Language.RU)
    assert changed.districts == {TARAZ, MERKE}
    assert changed.kinds == {"place"}
    emptied = wanted(Wish("Office 1", districts=""), KNOWN, Language.KK, OFFICES.by_id[1])
    assert not emptied.districts


def test_a_closed_office_stands_in_nobodys_way() -> None:
    assert wanted(Wish("Office 6", -6, districts=BAYZAK), KNOWN, Language.RU).id == 0
    with pytest.raises(OfficeRefused, match="There is no office “Office 6”"):
        named(OFFICES, "Office 6")


def test_what_is_restricted_takes_neither_districts_nor_kinds() -> None:
    free = Known(OfficeList(), [TARAZ], ("lab",), None)
    with pytest.raises(OfficeRefused, match="takes neither districts nor kinds"):
        wanted(Wish("Own", -77, districts=TARAZ, restricted=True), free, Language.RU)
