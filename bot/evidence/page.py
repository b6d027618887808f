"""What stands on a page, for people to read: its title, what it says of itself, and its text. Nothing of it is run."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from bot.evidence.exchange import Exchange
from bot.evidence.inflating import NotUnpacked, unpacked

TITLE: Final = 300
DESCRIPTION: Final = 1000
TEXT: Final = 100_000
"""Characters; what a page has beyond them is in its bytes."""
HREFS: Final = 2000
"""Links of a page that are read."""
_CHARSET: Final = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\s*\n\s*")
_UNSEEN: Final = frozenset({"script", "style", "template", "svg", "math", "iframe", "object", "head"})
_BLOCKS: Final = (
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol option p pre section table td th tr ul"
)
_BREAKS: Final = frozenset(_BLOCKS.split())


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, and where the links lead that begin in it."""

    text: str
    hrefs: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """A page as it was read; of what is no text nothing."""

    title: str = ""
    description: str = ""
    text: str = ""
    telegram: dict[str, str] | None = None
    """Texts of the parts that t.me's pages have, by their class."""
    lines: list[Line] = field(default_factory=list)
    """Its text line by line, as far as `text` goes."""


def is_text(kind: str) -> bool:
    """Tell whether a Content-Type is one that is read, and kept as evidence: no picture, no film, no program."""
    main = kind.partition(";")[0].strip().lower()
    return not main or main.startswith("text/") or main.endswith(("xml", "json"))


def read_page(exchange: Exchange) -> Page:
    """Read the page that an exchange brought."""
    kind = exchange.header("content-type")
    if not is_text(kind):
        return Page()
    try:
        body = unpacked(exchange.body, exchange.header("content-encoding"))
    except NotUnpacked:
        return Page()
    # Twice: some alphabets bring halves of letters, which no other program takes.
    written = body.decode(charset_of(kind, body), "replace").encode("utf-8", "replace").decode().replace("\0", "")
    if "html" not in kind.lower() and "<" not in written[:1000]:
        text = _tidy(written)[:TEXT]
        return Page(text=text, lines=[Line(line) for line in text.split("\n")])
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return reader.page()


def charset_of(kind: str, body: bytes) -> str:
    """Tell in which alphabet a page is written, as its Content-Type or it itself says; UTF-8 when neither does."""
    told = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", kind, re.IGNORECASE)
    found = _CHARSET.search(body[:4096])
    for name in (told[1] if told else "", found[1].decode() if found else ""):
        try:
            # Some names are no alphabets (`hex`, `zip`): those cannot decode into text.
            b"x".decode(name, "replace")
        except (LookupError, TypeError, ValueError):
            continue
        return name
    return "utf-8"


def _tidy(text: str) -> str:
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


class _Reader(HTMLParser):
    """Takes the text out of tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text: list[str] = []
        self._title: list[str] = []
        self._about: dict[str, str] = {}
        self._telegram: dict[str, list[str]] = {}
        self._inside: list[tuple[str, str]] = []
        """The parts of t.me's pages that are open: tag and class."""
        self._unseen = self._in_title = 0
        self._hrefs: list[tuple[int, str]] = []
        """Where links lead, each with how many pieces of text stand before it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        told = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (told.get("property") or told.get("name") or "").lower()
            self._about.setdefault(name, told.get("content", ""))
        if tag == "title":
            self._in_title += 1
        self._unseen += tag in _UNSEEN
        if tag == "body":
            # Heads that nobody closed end here.
            self._unseen = 0
        if tag in _BREAKS:
            self._take("\n")
        if tag == "a" and told.get("href") and not self._unseen and len(self._hrefs) < HREFS:
            self._hrefs.append((len(self._text), told["href"]))
        own = next((each for each in told.get("class", "").split() if each.startswith("tgme_page_")), "")
        if own and len(self._inside) < 50:
            self._telegram.setdefault(own, [])
            self._inside.append((tag, own))
        elif self._inside and tag == self._inside[-1][0]:
            self._inside.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        if tag == "title":
            self._in_title = 0
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in _BREAKS:
            self._take("\n")
        if self._inside and tag == self._inside[-1][0]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._in_title:
            self._title.append(data)
        elif not self._unseen:
            self._take(data)

    def _take(self, text: str) -> None:
        self._text.append(text)
        own = next((name for _, name in reversed(self._inside) if name), "")
        if own:
            self._telegram[own].append(text)

    def page(self) -> Page:
        """Give what was read."""
        title = self._about.get("og:title") or "".join(self._title)
        description = self._about.get("og:description") or self._about.get("description", "")
        return Page(
            " ".join(title.split())[:TITLE],
            _tidy(description)[:DESCRIPTION],
            _tidy("".join(self._text))[:TEXT],
            {name: " ".join("".join(parts).split())[:DESCRIPTION] for name, parts in self._telegram.items()} or None,
            self._lines(),
        )

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        text, hrefs, room = "", [], TEXT
        waiting = deque(self._hrefs)
        for place, piece in enumerate([*self._text, "\n"]):
            while waiting and waiting[0][0] <= place:
                hrefs.append(waiting.popleft()[1])
            head, *others = piece.split("\n")
            text += head
            for other in others:
                if text.strip() or hrefs:
                    lines.append(Line(" ".join(text.split())[:room], tuple(hrefs)))
                    room = max(0, room - len(text))
                text, hrefs = other, []
        return lines
