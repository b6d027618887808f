"""Links in running text: what Telegram highlights, what it overlooks, and what is none."""

import json
import re
from pathlib import Path

import pytest

from bot.links import addresses, canonical, find, find_all

CASES = Path(__file__).parents[3] / "shared" / "data" / "links" / "tdlib_url_in_text.jsonl"

# Where we differ from Telegram's clients on purpose: text → why, what we find more, what of theirs is no link.
DIFFERENCES: dict[str, tuple[str, list[str], list[str]]] = {
    "127.0.0.1": ("an address inside the computer is nobody's site", [], ["127.0.0.1"]),
    "TeiegraM.org/test": (
        "Telegram hides this imitation of itself; it may be reported",
        ["https://teiegram.org/test"],
        [],
    ),
    "https://de\\bc@c.com": (
        "a browser reads \\ as /, and `de` is no site",
        [],
        ["https://de\\bc@c.com"],
    ),
    "'views.py'": ("a file's name", [], ["views.py"]),
    "Look :test@example.com": ("an e-mail address", [], [":test@example.com"]),
    "a!:b@gmail.com": ("an e-mail address", [], ["a!:b@gmail.com"]),
    "...👉http://ab.com/cdefgh-1IJ": (
        "what stands before a link hides it nowhere",
        ["https://ab.com/cdefgh-1IJ"],
        [],
    ),
}
# In the long text of all sorts: an emoji glued to a bare address is not a part of it.
LONG_TEXT_FINDS = ["https://df.ws/123"]


def test_find_finds_what_telegram_highlights() -> None:
    if not CASES.exists():
        pytest.skip(f"Telegram's own cases are not here: {CASES}")
    differed = set()
    for line in CASES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        urls = row["expected"]
        if isinstance(urls, str):  # one case is still written as in C++
            urls = [urls[2:-2]]
        if urls and isinstance(urls[0], list):
            urls = urls[0]  # links, e-mail addresses
        text = row["text"]
        _, more, none = DIFFERENCES.get(text, ("", LONG_TEXT_FINDS if len(text) > 500 else [], []))
        differed |= {text} & DIFFERENCES.keys()
        assert [url for url in urls if canonical(url) is None] == none, text
        expected = {link.url for url in urls if (link := canonical(url))}
        found = [link.url for link in find(text)]
        assert set(found) == expected | set(more), text
        assert len(found) == len(set(found)), text
    assert differed == DIFFERENCES.keys(), "a difference that is none any more"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("👉t.me/abcde", ["https://t.me/abcde"]),
        ("📢 Новый канал👉 t.me/abcde!", ["https://t.me/abcde"]),
        ("канал—t.me/abcde—лучший", ["https://t.me/abcde"]),
        ("t.me/abcdeпривет", ["https://t.me/abcde"]),
        (
            "(t.me/abcde), [t.me/abcdf]; «t.me/abcdg»",
            ["https://t.me/abcde", "https://t.me/abcdf", "https://t.me/abcdg"],
        ),
        ("**t.me/abcde** _и_ `t.me/abcdf`", ["https://t.me/abcde", "https://t.me/abcdf"]),
        ("[магазин](https://t.me/abcde)", ["https://t.me/abcde"]),
        ("t.me/@abcde", ["https://t.me/abcde"]),
        ("t.me/abcde t.me/abcde @ABCDE https://telegram.me/abcde", ["https://t.me/abcde"]),
        ("пишите @abcde, @abcdf. @abcdg!", ["https://t.me/abcde", "https://t.me/abcdf", "https://t.me/abcdg"]),
        ("почта a@abcde.kz, x@gmail.com", []),
        ("другой @ivan.petrov", []),
        ("@abc и @1abcde и abc@abcde", []),
        ("https://tiktok.com/@abcde", ["https://tiktok.com/@abcde"]),
        ("tg://resolve?domain=abcde&post=3.", ["https://t.me/abcde/3"]),
        ("tg:resolve?domain=abcde", ["https://t.me/abcde"]),
        ("viber://chat?number=%2B77011234567 звоните", ["viber://chat?number=%2B77011234567"]),
        ("сайт example.kz, и ещё shop.example.kz/a?b=1.", ["https://example.kz", "https://shop.example.kz/a?b=1"]),
        (
            "на kaspi.kz.Там есть, сайт-example.kz, olx.kz-там",
            ["https://kaspi.kz", "https://example.kz", "https://olx.kz"],
        ),
        ("Kaspi.kz👍 olx.kz—там", ["https://kaspi.kz", "https://olx.kz"]),
        ("сайт гришка.рф и сайт.қаз", ["https://xn--80afpi2a3c.xn--p1ai", "https://xn--80aswg.xn--80ao21a"]),
        ("Пришёл вечером.Потом ушёл. И т.д., 1.5 кг, main.py, 2.kg, 10.30", []),
        ("http://user:pa.ss@example.kz/a", ["https://example.kz/a"]),
        ("https://t.me/+AbC и t.me/joinchat/AbC", ["https://t.me/+AbC"]),
        ("t.me/login/12345", ["tg://login"]),
        ("https://example.kz/a(b)c) и так", ["https://example.kz/a(b)c"]),
        ("первый t.me/abcde\r\nвторой @abcdf\n", ["https://t.me/abcde", "https://t.me/abcdf"]),
        ("", []),
        ("просто слова", []),
    ],
)
def test_own_texts(text: str, urls: list[str]) -> None:
    assert [link.url for link in find(text)] == urls


def test_links_of_texts_and_hidden_addresses_come_once_and_in_order() -> None:
    links = find_all(["смотри @abcde", "и example.kz"], ["https://t.me/ABCDE", "https://t.me/abcdf", "mailto:a@b.kz"])
    assert [link.url for link in links] == ["https://t.me/abcde", "https://example.kz", "https://t.me/abcdf"]


PIECES = """
a. . @ a@ a.@ :// http:// a.b/ (((( t.me/ tg:// %2e /s/ - _ 1. https://a.b@ а. 👉 a.b: … \u202e //a.b http://a.b/( [.]
a.b# ,ahttp://g.com user:pass@ x.y@z.w tg:a? viber:// a:b: \\ a.kz/a.kz/ @a.b 👉a.kz👉
инста: тг:a_b инста@ t.me/а .me/ @а аa いa //a.b\\ hxxp:// a.b/http:// +7701 \u200ba [.] (точка) t.me/aаaа
http://a.kz/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx t.me/abcde, instagram.com/abc; @abcde@ tg:resolve?domain=a&
"""
HOSTILE = [
    *PIECES.split(),
    "a.kz ",
    "@aaaa ",
    "\n",
    "слово ",
    "t . ",
    "тг ",
    "t.me / ",
    "инста a_b ",
    "7 701 ",
    " точка kz",
    "8(7",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_as_long_as_a_file_is_read_to_its_end(piece: str) -> None:
    """A pattern that goes over the text again and again would not come to this end while anybody waits."""
    text = piece * (100_000 // len(piece) + 1)
    sure = [link.url for link in find(f"{text}\n t.me/the_last_one") if not link.guessed]
    assert sure[-1] == "https://t.me/the_last_one"


class Counted:
    """A pattern that counts the characters that its searches go over."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.steps = pattern, 0

    def search(self, text: str, begin: int) -> re.Match[str] | None:
        found = self.pattern.search(text, begin)
        self.steps += (found.end() if found else len(text)) - begin
        return found


@pytest.mark.parametrize("piece", ["いa", "いa.", "a.kz", "いa.kz ", "👉a.kzб"])
def test_no_host_is_looked_for_twice(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, counted = piece * 5_000, Counted(addresses._HOSTS)
    monkeypatch.setattr(addresses, "_HOSTS", counted)
    list(addresses.addresses(text))
    assert counted.steps <= 2 * len(text)
