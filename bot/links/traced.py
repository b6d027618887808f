"""A text that is rewritten step by step and remembers where in the first one each of its characters stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)


class Traced:
    """A text and its places in the text that was first."""

    __slots__ = ("_ends", "_starts", "text")

    def __init__(self, text: str, starts: list[int] | None = None, ends: list[int] | None = None) -> None:
        """Without places, every character is where it was."""
        self.text, self._starts, self._ends = text, starts, ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the place in the first text of what stands here from `start` to before `end`."""
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]

    def blotted(self, text: str) -> Traced:
        """Give another text of the same length, every position as it was."""
        return Traced(text, self._starts, self._ends)

    def sub(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> Traced:
        """Rewrite what a pattern finds, as `re.sub` does."""
        edits = []
        for found in pattern.finditer(self.text):
            instead = found.expand(new) if isinstance(new, str) else new(found)
            if instead != found[0]:
                edits.append((found.start(), found.end(), instead))
        return self._edited(edits)

    def compatible(self) -> Traced:
        """Give the text with its letters in one spelling each (NFKC): `ｔ` is t, `Ⓐ` is A."""
        if unicodedata.is_normalized("NFKC", self.text):
            return self
        edits = []
        for found in _CLUSTER.finditer(self.text):
            instead = unicodedata.normalize("NFKC", found[0])
            if instead != found[0]:
                edits.append((found.start(), found.end(), instead))
        return self._edited(edits)

    def _edited(self, edits: list[tuple[int, int, str]]) -> Traced:
        if not edits:
            return self
        old, pieces, done = self.text, list[str](), 0
        starts, ends = list[int](), list[int]()
        for start, end, new in edits:
            pieces += [old[done:start], new]
            self._kept(starts, ends, done, start)
            same = _common(old[start:end], new)
            tail = 0 if len(new) == end - start else _common(old[start + same : end][::-1], new[same:][::-1])
            if len(new) == end - start:
                self._kept(starts, ends, start, end)
            else:
                self._kept(starts, ends, start, start + same)
                middle = self._place(start + same, end - tail)
                fresh = len(new) - same - tail
                starts += [middle[0]] * fresh
                ends += [middle[1]] * fresh
                self._kept(starts, ends, end - tail, end)
            done = end
        pieces.append(old[done:])
        self._kept(starts, ends, done, len(old))
        return Traced("".join(pieces), starts, ends)

    def _kept(self, starts: list[int], ends: list[int], start: int, end: int) -> None:
        """Note that the characters from `start` to before `end` stay, or change one for one."""
        starts += self._starts[start:end] if self._starts is not None else range(start, end)
        ends += self._ends[start:end] if self._ends is not None else range(start + 1, end + 1)

    def _place(self, start: int, end: int) -> tuple[int, int]:
        """Give the place of a piece that may be empty: then it stands between two characters."""
        if start < end:
            return self.span(start, end)
        place = self.span(start, start + 1)[0] if start < len(self.text) else self.span(start - 1, start)[1]
        return place, place


def _common(one: str, other: str) -> int:
    """Count the characters with which two texts both begin."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
