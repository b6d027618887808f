"""Texts made to fit their place: broken into lines, in the largest letters that go there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.qr.errors import DoesNotFit

POINT: Final = 25.4 / 72
"""Millimetres."""
CAPITAL: Final = 0.7
"""A capital's height in PT Sans, in parts of the size of its letters."""
DESCENT: Final = 0.24
"""What hangs under the line, likewise."""
STEP: Final = 0.98
"""By how much letters are made smaller at once."""
Measure = Callable[[str], float]
"""The width of a text in millimetres, in letters of one point."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text broken into lines."""

    lines: tuple[str, ...]
    size: float
    """Of its letters, in points."""
    leading: float
    """From line to line, in parts of the size."""

    @property
    def height(self) -> float:
        """Give its height in millimetres, from the first line's capitals to what hangs under the last."""
        return self.size * POINT * (CAPITAL + (len(self.lines) - 1) * self.leading + DESCENT)

    def baselines(self, top: float) -> list[float]:
        """Give where each line stands."""
        return [top + self.size * POINT * (CAPITAL + line * self.leading) for line in range(len(self.lines))]


@dataclass(frozen=True, slots=True)
class Room:
    """How large a text may be."""

    width: float
    height: float
    least: float
    """Points of the smallest letters that are still read."""
    most: float
    leading: float = 1.25


def fit_one(text: str, measure: Measure, room: Room) -> Fitted:
    """Fit one text; raise DoesNotFit."""
    return fit([text], measure, room)[0]


def fit(texts: list[str], measure: Measure, room: Room) -> list[Fitted]:
    """Fit texts that stand side by side, in letters of one size; raise DoesNotFit."""
    size = room.most
    while True:
        fitted = [_broken(text, measure, room.width, size, room.leading) for text in texts]
        if all(each is not None and each.height <= room.height for each in fitted):
            return [_evened(text, measure, each) for text, each in zip(texts, fitted, strict=True) if each]
        if size == room.least:
            longest = max(texts, key=measure)
            raise DoesNotFit(f"“{longest}” has no place: in letters of {size:.0f} points it is too long. Shorten it.")
        size = max(size * STEP, room.least)


def _broken(text: str, measure: Measure, width: float, size: float, leading: float) -> Fitted | None:
    """Break a text into lines of a width; None where a word is wider than that."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if measure(longer) * size <= width:
                line = longer
                continue
            if not line or measure(word) * size > width:
                return None
            lines.append(line)
            line = word
        lines.append(line)
    return Fitted(tuple(lines), size, leading)


def _evened(text: str, measure: Measure, fitted: Fitted) -> Fitted:
    """Make the lines of a text as even as they go, in no more lines: no word stands alone in the last."""
    narrow, wide = 0.0, max(measure(line) * fitted.size for line in fitted.lines) + 0.01
    for _ in range(12):
        middle = (narrow + wide) / 2
        tried = _broken(text, measure, middle, fitted.size, fitted.leading)
        if tried is not None and len(tried.lines) == len(fitted.lines):
            fitted, wide = tried, middle
        else:
            narrow = middle
    return fitted
