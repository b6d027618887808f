"""For what Telegram would refuse a text: tags that it does not know or that do not close, nothing in it, too much."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

TAGS: Final = frozenset({"b", "i", "u", "s", "code", "pre", "blockquote"})
MOST: Final = 4096
LIMITS: Final = {"bot.description": 512, "bot.short_description": 120}
"""UTF-16 units of texts that are no messages."""


def faults(name: str, rendered: str) -> list[str]:
    """Say what is wrong with a rendered text."""
    parser = _Telegram()
    parser.feed(rendered)
    parser.close()
    found = [*parser.faults, *(f"<{tag}> is never closed" for tag in parser.open)]
    most = LIMITS.get(name, MOST)
    units = len(rendered.encode("utf-16-le")) // 2
    if units > most:
        found.append(f"{units} characters, and Telegram takes {most}")
    if not rendered.strip():
        found.append("it is empty")
    return found


class _Telegram(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and [name for name, _ in attrs] == ["href"]:
            self.open.append(tag)
            return
        if tag not in TAGS or attrs:
            self.faults.append(f"<{tag}> as it stands there is no tag that Telegram takes")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self.faults.append("write &lt; for <")

    def handle_comment(self, data: str) -> None:
        self.faults.append("<!-- is not taken")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("<! is not taken")
