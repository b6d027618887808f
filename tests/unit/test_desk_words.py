"""What officers type behind /placement and /qr, read as they mean it; buttons that fit into Telegram's 64 bytes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.languages import Language
from bot.qr import desk_buttons
from bot.qr.desk_buttons import Leaf, Press
from bot.qr.desk_words import Order, Verb, Wanted, move_parts, read_placement, read_wanted
from bot.qr.layouts import Format
from bot.qr.wish import Wish

KK, RU = Language.KK, Language.RU
ABAI = Wish("Абай 12", "Күз", "остановка", "kk,ru", "")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", Order(Verb.LOOK, ("",))),
        ("  Абай   12 ", Order(Verb.LOOK, ("Абай 12",))),
        ("добавить Абай 12; Күз; остановка", Order(Verb.ADD, (), (ABAI,))),
        ("ҚОСУ  Абай 12 ;Күз;; остановка; ", Order(Verb.ADD, (), (ABAI,))),
        (
            "add Абай 12; Күз; Тараз; рус; остановка",
            Order(Verb.ADD, (), (Wish("Абай 12", "Күз", "остановка", "ru", "Тараз"),)),
        ),
        ("add\nАбай 12; Күз; остановка; -\n\nА", Order(Verb.ADD, (), (ABAI, Wish("А", "", "", "kk,ru", "")))),
        ("add Абай 12; Күз; остановка; Тараз; Байзақ", None),
        ("add", None),
        ("rename Абай 12; Абай  14", Order(Verb.RENAME, ("Абай 12", "Абай 14"))),
        ("rename Абай 12", None),
        ("rename Абай 12;", None),
        ("көшіру Абай 12; Тараз; билборд", Order(Verb.MOVE, ("Абай 12", "Тараз", "билборд"))),
        ("move Абай 12; билборд; stop", None),
        ("move Абай 12; Тараз; Байзақ", None),
        ("close Абай 12", Order(Verb.CLOSE, ("Абай 12",))),
        ("close", None),
    ],
)
def test_a_command_is_read_in_any_language_and_order(words: str, meant: Order | None) -> None:
    assert read_placement(words) == meant


def test_a_move_names_a_district_a_surface_or_both() -> None:
    assert move_parts(("Абай", "Тараз")) == ("Тараз", None)
    assert move_parts(("Абай", "столб")) == (None, "столб")
    assert move_parts(("Абай", "столб", "–")) == ("", "столб")


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("Абай 12", Wanted("Абай 12", "")),
        ("Абай 12 a3 kk,ru", Wanted("Абай 12", "", Format.A3, (KK, RU))),
        ("Абай 12 А5 қаз", Wanted("Абай 12", "", Format.A5, (KK,))),
        ("Абай 12 kk ru наклейки", Wanted("Абай 12", "", Format.STICKERS, (KK, RU))),
        ("Абай 12; Күз билборд типография", Wanted("Абай 12", "Күз", Format.BILLBOARD, (), True)),
        ("Зал A3", Wanted("Зал", "", Format.A3)),
    ],
)
def test_format_and_languages_stand_behind_the_name_which_is_tried_whole_first(words: str, last: Wanted) -> None:
    ways = read_wanted(words)
    assert ways[-1] == last
    whole, _, campaign = words.partition(";")
    assert (ways[0].what, ways[0].campaign) == (whole.strip(), campaign.strip())


def test_words_that_name_no_placement_ask_for_nothing() -> None:
    assert read_wanted("  ") == []
    assert [each.what for each in read_wanted("a3 kk")] == ["a3 kk", "a3"]


@given(some.text(max_size=60))
def test_nothing_that_is_typed_breaks_the_reading(words: str) -> None:
    read_wanted(words)
    for verb in ("", "add ", "rename ", "move ", "close "):
        read_placement(verb + words)
    desk_buttons.read(f"{desk_buttons.PREFIX}{words}")


@given(some.integers(0, 9999), some.text(max_size=60))
def test_a_button_of_a_list_fits_and_reads_as_it_was_written_or_there_is_none(page: int, sought: str) -> None:
    for row in desk_buttons.of_list(Leaf(page, sought), 10_000):
        for button in row:
            assert len(button["callback_data"].encode()) <= 64
            read = desk_buttons.read(button["callback_data"])
            assert isinstance(read, Leaf)
            assert (abs(read.page - page), read.sought) == (1, sought)


def test_a_button_of_a_placement_reads_as_it_was_written() -> None:
    placement = uuid4()
    for verb in desk_buttons.Verb:
        if verb is not desk_buttons.Verb.PAGE:
            packed = desk_buttons.packed(placement)
            assert desk_buttons.read(f"{desk_buttons.PREFIX}{verb}:{packed}") == Press(verb, placement)
