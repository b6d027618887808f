"""Links in texts as people write them, in the manner of twitter-text's, linkify's and Telegram's own cases.

`texts_with_links.jsonl` holds a text and the links in it, those only guessed with a `?`; `telegram_forms.txt` what is
typed, what it is (`-`: nothing of Telegram, `!`: a code that is refused) and its canonical address.
"""

import json
from pathlib import Path

import pytest

from bot.links import canonical, find
from bot.links.cutting import without
from bot.links.finding import places

HERE = Path(__file__).parent
TEXTS = [json.loads(line) for line in (HERE / "texts_with_links.jsonl").read_text(encoding="utf-8").splitlines()]
FORMS = [line.split() for line in (HERE / "telegram_forms.txt").read_text(encoding="utf-8").splitlines()]
# How a link stands in a message.
AROUND = (
    "вот {}, жми",
    "({})",
    "«{}».",
    "{0}\n{0}",
    "👉{}👈",
    "жми:{}!",
    "[x]({})",
    "<{}>",
    "{}…",
    "- {};",
    "{}、続き",
)
# What a text holds though it alone is nothing: a name before a sign that no name has.
MORE_IN_TEXTS = ("t.me/name_", "t.me/@name_shop", "tg://http://t.me/name_shop", "t.me/login/", "t.me/$")


@pytest.mark.parametrize(("text", "links"), [(text, links) for text, *links in TEXTS])
def test_a_text_holds_its_links_and_no_others(text: str, links: list[str]) -> None:
    assert [f"{link.url} ?" if link.guessed else link.url for link in find(text)] == links
    assert {link.url for _, _, link in places(text)} == {link.removesuffix(" ?") for link in links}
    if not links:
        assert without(text, lambda _: True) == text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_a_form_of_telegram_is_what_telegram_takes_it_for(form: list[str]) -> None:
    typed, what, *url = form
    link = canonical(typed)
    if what == "-":
        assert link is None or link.platform != "telegram"
    elif what == "!":
        assert link is not None
        assert link.refused
    elif what == "site":
        assert link is not None
        assert link.platform == "site"
    else:
        assert link is not None
        assert (link.what, [link.url], link.refused) == (what, url, False)
        assert canonical(link.url) == link


def test_a_form_of_telegram_is_the_same_in_a_text() -> None:
    for typed, _what, *_ in FORMS:
        link = canonical(typed)
        if typed in MORE_IN_TEXTS:
            continue
        for around in AROUND:
            text = around.format(typed)
            found = find(text)
            assert found == ([link] if link else []), text
            assert not link or link.guessed or typed not in without(text, lambda _: True), text
