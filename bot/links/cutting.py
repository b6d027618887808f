"""Words without the links that were taken from among them: the links leave cleanly, and no other word is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from bot.links.finding import places
from bot.links.link import Link

_CUT: Final = "\0"
"""Stands where a link stood; no message holds it."""
# No more of them stand beside a link, and looking for more again at each would not be linear.
_MOST: Final = "{0,40}"
_SPACE: Final = r"[^\S\n]"
_DASH: Final = r"\-\u2010-\u2015"
# What stands between links alone is no word.
_BETWEEN_CUTS: Final = re.compile(rf"{_CUT}(?:[\s,;|/+&•·*{_DASH}]*{_CUT})+")
_PAIRS: Final = ("()", "[]", "{}", "<>", "«»", '""', "''", "“”", "„“", "‘’", "``")
_EMPTY_PAIR: Final = re.compile(
    "|".join(rf"{re.escape(pair[0])}\s{_MOST}{_CUT}\s*{re.escape(pair[1])}" for pair in _PAIRS)
)
_EMPTY_LINE: Final = re.compile(rf"^{_SPACE}*+[{_DASH}•·*]?{_SPACE}*+{_CUT}[ \t,;:.]*(?:\n|\Z)", re.MULTILINE)
_FIRST: Final = re.compile(rf"^{_SPACE}*{_CUT}[ \t]*(?:[,;:.{_DASH}]+(?=\s))?{_SPACE}*", re.MULTILINE)
_LAST: Final = re.compile(rf"(?:{_SPACE}|[,;:{_DASH}]){_MOST}{_CUT}{_SPACE}*(?=$|[.!?)\]»…])", re.MULTILINE)
# Of two separators the second stays, and before a bracket none.
_BEFORE_COMMA: Final = re.compile(rf"(?:{_SPACE}{_MOST}[,;:{_DASH}])?{_SPACE}{_MOST}{_CUT}{_SPACE}*(?=[,;:])")
_BEFORE_NEXT: Final = re.compile(rf"(?:{_SPACE}{_MOST}[,;:{_DASH}])?{_SPACE}{_MOST}{_CUT}{_SPACE}*(?=[{_DASH}]\s|\()")
_AMONG: Final = re.compile(rf"{_SPACE}{_MOST}{_CUT}{_SPACE}*")


def without(text: str, wanted: Callable[[Link], bool]) -> str:
    """The text without those of its links that are wanted, and without what only held them: brackets, commas."""
    return cut(text, [(start, end) for start, end, link in places(text) if wanted(link)])


def cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without these pieces; of what is left between two words, one space stays."""
    pieces, done = list[str](), 0
    for start, end in sorted(spans):
        if end > done:
            pieces += [text[done : max(start, done)].replace(_CUT, " "), _CUT]
            done = end
    if not pieces:
        return text
    text = "".join([*pieces, text[done:].replace(_CUT, " ")])
    for _ in range(2):
        text = _EMPTY_PAIR.sub(_CUT, _BETWEEN_CUTS.sub(_CUT, text))
    text = _EMPTY_LINE.sub("", text)
    text = _LAST.sub("", _FIRST.sub("", text))
    return _AMONG.sub(" ", _BEFORE_NEXT.sub(" ", _BEFORE_COMMA.sub("", text)))
