"""What holds for every address that the table of platforms can read, and every form of Telegram's, however spelt."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.links import Link, canonical, find
from tests.examples import some
from tests.unit.link_spellings import Made, around, shaped, spelt
from tests.unit.telegram_spellings import Thing, forms

MADE = st.one_of(shaped(), around())
DOTS = re.compile(r"\.|%2e", re.IGNORECASE)
# A mark at the end of an address is taken for one of the sentence, and one in the middle for the next word.
NOT_IN_TEXT = re.compile(r"[.,:;!?'`_-]$|[,;|*()'\[\]{}]")


@settings(max_examples=some(150))
@given(MADE)
def test_an_address_of_the_table_is_read_as_what_it_becomes(made: Made) -> None:
    link = canonical(str(made))
    if link is not None:
        assert canonical(link.url) == link
        assert link.shown
    # Dots in a path lead elsewhere, however they are spelt.
    if made.private and not DOTS.search(made.path):
        assert link is not None
        assert link.private


@settings(max_examples=some(150))
@given(MADE, st.data())
def test_spelt_otherwise_it_is_the_same(made: Made, data: st.DataObject) -> None:
    assert canonical(data.draw(spelt(made))) == canonical(str(made))


@settings(max_examples=some(100))
@given(st.lists(MADE, min_size=1, max_size=3))
def test_in_a_text_it_is_found(several: list[Made]) -> None:
    links = [link for link in map(canonical, map(str, several)) if link is not None]
    links = [link for link in links if not NOT_IN_TEXT.search(link.url)]
    text = ", ".join(link.url for link in links)
    assert find(f"вот {text} и всё") == list(dict.fromkeys(links))


def _checked(form: str, thing: Thing) -> Link:
    link = canonical(form)
    assert link is not None, form
    assert (link.platform, link.what, link.private) == ("telegram", thing.what, thing.private), form
    assert canonical(link.url) == link
    return link


@settings(max_examples=some(150))
@given(forms())
def test_forms_of_telegram_are_one(made: tuple[Thing, str, str]) -> None:
    thing, one, other = made
    link = _checked(one, thing)
    assert _checked(other, thing) == link
    assert find(f"вот {one} и всё") == [link]


@settings(max_examples=some(100))
@given(MADE, MADE)
def test_no_address_is_private_for_one_and_public_for_another(one: Made, other: Made) -> None:
    links = [link for link in (canonical(str(one)), canonical(str(other))) if link is not None]
    assert len({(link.url, link.private, link.refused) for link in links}) == len({link.url for link in links})
