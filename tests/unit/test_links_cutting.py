"""Links leave the words of a report cleanly, and not one word leaves with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.links import find
from bot.links.cutting import cut, without
from bot.links.finding import places
from tests.examples import some

LEFT = [
    ("вот их канал t.me/Some_Shop, пишут @some_bot", "вот их канал, пишут"),
    ("Канал: t.me/name_x", "Канал"),
    ("Канал («t.me/name_x») работает", "Канал работает"),
    ("t.me/name_x, t.me/name_y и ещё t.me/name_z продают", "и ещё продают"),
    ("t.me/name_x. Купил вчера", "Купил вчера"),
    ("Купил вчера тут: t.me/name_x. Было плохо", "Купил вчера тут. Было плохо"),
    ("список:\n- t.me/name_x\n- t.me/name_y\nвсё", "список:\nвсё"),
    ("каналt.me/name_x,купить", "канал,купить"),
    ("инста:  name.shop берут у школы", "берут у школы"),
    ("берут - инста: name.shop - у школы", "берут - у школы"),
    ("берут, инста: name.shop, у школы", "берут, у школы"),
    ("Продают в тг name_shop, ночью", "Продают, ночью"),
    ("@name_shop (инста), пишите (и t.me/name_x тоже)", "пишите (и тоже)"),
    ("раз\nt.me/name_x\n\nдва", "раз\n\nдва"),
    ("hxxp[:]//t[.]me/name_shop работает", "работает"),
    ("там t . me / name_shop ночью", "там ночью"),
    ("там т точка ме слеш name_shop ночью", "там ночью"),
    ("там t\u200b.me/name_shop, ночью", "там, ночью"),
    ("там ｔ．ｍｅ／ｎａｍｅ＿ｓｈｏｐ ночью", "там ночью"),
    ("й\u0306е 𝐭.𝐦𝐞/𝐧𝐚𝐦𝐞_𝐬𝐡𝐨𝐩 й\u0306е", "й\u0306е й\u0306е"),
    ("пишите: wa.me/7 701 123-45-67 или ватсап 8 (701) 123-45-68!", "пишите: или!"),
    ("дом 5 инста: name.shop", "дом 5"),
    ("дом 5, инста: name.shop (ночью)", "дом 5 (ночью)"),
    ("кто-то t.me/name_x!!! скоро", "кто-то!!! скоро"),
    ("слов нет", "слов нет"),
]


@pytest.mark.parametrize(("text", "left"), LEFT)
def test_what_is_left_of_words_reads_as_if_the_link_had_never_stood_there(text: str, left: str) -> None:
    assert without(text, lambda _: True) == left


@pytest.mark.parametrize("text", [text for text, _ in LEFT])
def test_what_is_not_wanted_stays_as_it_was_written(text: str) -> None:
    assert without(text, lambda _: False) == text


WORD_LIST = "продают у школы №5, дом 12/1б ночью! (двор) «Заря» 3-й 😡 4,5к? Асан ішінде по-тихому"
WORDS = st.sampled_from(WORD_LIST.split())
LINKS = """
инста: name.shop|инста:  name_shop|тг name_x|@name_shop (инста)|t . me / name_shop|hxxps://t[.]me/abcde|@nаme_shop
t.me/name_shop|https://vk.com/name.shop|ватсап 8 (701) 123-45-67|𝐭.𝐦𝐞/𝐧𝐚𝐦𝐞_𝐬𝐡𝐨𝐩|example[.]kz/shop|t.me/na\u200bme_s
"""
LINK = st.sampled_from([link for line in LINKS.split("\n") for link in line.split("|") if link])
BETWEEN = st.sampled_from([" ", "  ", ", ", "\n", " - ", ". ", ": "])
# What may leave with a link, when it held nothing else.
SEPARATORS = frozenset(" \n,;:.-()«»")


@settings(max_examples=some(300), deadline=None)
@given(st.lists(st.tuples(st.one_of(WORDS, LINK), BETWEEN), max_size=12))
def test_no_character_of_the_words_is_lost_but_those_of_links(parts: list[tuple[str, str]]) -> None:
    own = [part for part, _ in parts if not find(part)]
    left = without("".join(part + between for part, between in parts), lambda _: True)
    assert _signs(left) == _signs("".join(own))
    assert not places(left)


@settings(max_examples=some(300), deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_whatever_is_cut_out_of_whatever_text_the_rest_is_there(text: str, spans: list[tuple[int, int]]) -> None:
    text = text.replace("\0", " ")
    gone = {place for start, end in spans for place in range(start, end)}
    kept = "".join(char for place, char in enumerate(text) if place not in gone)
    assert _bare(cut(text, [span for span in spans if span[0] < min(span[1], len(text))])) == _bare(kept)


@settings(max_examples=some(300), deadline=None)
@given(st.lists(st.one_of(WORDS, LINK, st.text(max_size=20)), max_size=12).map(" ".join))
def test_places_lie_within_the_text_and_name_what_find_gives(text: str) -> None:
    found = places(text)
    assert {link for _, _, link in found} == set(find(text))
    assert all(0 <= start < end <= len(text) for start, end, _ in found)


def _signs(text: str) -> str:
    return "".join(char for char in text if char not in SEPARATORS)


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize("run", [" ", "-", ",", "(", "\n", " t.me/name_x", "(t.me/name_x)", "- "])
def test_a_long_message_of_nothing_but_signs_is_cut_too(run: str) -> None:
    text = f"{run * (16_000 // len(run))}\nt.me/name_y\n{run * 1000}"
    assert "name_y" not in without(text, lambda _: True)
