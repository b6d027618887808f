"""Two reports compared in every way that a dump allows, and whether that tells those of one person from others.

A comparison gives each pair a number. Under chance a person's pairs are a random sample of all pairs, so that the sum
over persons is near its mean; Bennett's inequality bounds how far it may stray. Nothing is fitted, and no luck of the
keys trips it: one comparison in a billion.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.identities.tables import FEW, Row, Value

CHANCE: Final = 1e-9
"""Of a false alarm, a comparison; there are some hundreds."""
SAMPLES: Final = 2000
Pair = tuple[str, str]
Column = dict[str, list[Value]]
"""What a column holds for each report."""


@dataclass(frozen=True)
class Telling:
    """A comparison that tells pairs of one person from others."""

    what: str
    chance: float


class Sampling:
    """The pairs of all reports, in one order, and random persons to compare the real ones with."""

    def __init__(self, people: Sequence[Sequence[str]]) -> None:
        self.reports = sorted(report for whole in people for report in whole)
        self.pairs = list(combinations(self.reports, 2))
        at = {pair: number for number, pair in enumerate(self.pairs)}
        draw, size = random.Random(1), len(people[0])
        assert all(len(whole) == size for whole in people)
        drawn = [draw.sample(self.reports, size) for _ in range(SAMPLES)]
        self.persons, self.strangers = (
            np.array([[at[pair] for pair in combinations(sorted(whole), 2)] for whole in wholes])
            for wholes in (people, drawn)
        )

    def chance(self, values: list[float]) -> float:
        """Bound the chance that a person's pairs are as much alike, or as much unlike, as these."""
        ranks = _ranks(values)
        sums = ranks[self.strangers].sum(axis=1)
        mean, variance = float(sums.mean()), float(sums.var())
        strays = float(ranks[self.persons].sum()) - mean * len(self.persons)
        # As far as one person's sum can stray to that side.
        size = self.persons.shape[1]
        most = float(size * ranks.max() - mean if strays > 0 else mean - size * ranks.min())
        return bennett(abs(strays), variance * len(self.persons), most)

    def telling(self, features: Iterable[tuple[str, list[float]]]) -> list[Telling]:
        """Give the comparisons that tell."""
        found = [Telling(what, self.chance(values)) for what, values in features]
        return sorted((one for one in found if one.chance < CHANCE), key=lambda one: one.chance)


def bennett(strays: float, variance: float, most: float) -> float:
    """Bound the chance that a sum of independent parts strays so far, each part by `most` at the most."""
    if strays <= 0 or most <= 0:
        return 1.0
    # A feature that no sample has met has some variance all the same.
    variance = max(variance, most * most / SAMPLES)
    u = strays * most / variance
    return math.exp(-variance / most**2 * ((1 + u) * math.log1p(u) - u))


def _ranks(values: list[float]) -> NDArray[np.int64]:
    """Give each pair twice the count of pairs below it, ties in the middle: then no scale matters.

    Whole numbers, because a person whose pairs are like all others must stray by nothing: by a rounding error in place
    of that, as far as such an error can go, the bound would be passed.
    """
    _, which, counts = np.unique(np.array(values), return_inverse=True, return_counts=True)
    return np.asarray((2 * (np.cumsum(counts) - counts) + counts - 1)[which], np.int64)


def features(
    own: dict[str, list[Row]], met: dict[str, set[Value]], order: Sequence[str], pairs: list[Pair]
) -> Iterator[tuple[str, list[float]]]:
    """Compare all pairs in all ways. `order` is that of arrival, which everybody may know."""
    for name, column in _columns(own).items():
        if len({tuple(values) for values in column.values()}) > 1:
            for way, compared in _ways(column, order):
                values = [compared(a, b) for a, b in pairs]
                if min(values) < max(values):
                    yield f"{name}: {way}", values
    shared = [float(len(met[a] & met[b])) for a, b in pairs]
    if max(shared):
        yield "rows of nobody that both lead to", shared


def _columns(own: dict[str, list[Row]]) -> dict[str, Column]:
    columns: defaultdict[str, Column] = defaultdict(lambda: {report: [] for report in own})
    for report, rows in own.items():
        counts: defaultdict[str, int] = defaultdict(int)
        for row in sorted(rows, key=lambda row: row.place):
            counts[row.table] += 1
            columns[f"{row.table}, place in the file"][report].append(str(row.place))
            for name, value in zip(row.columns, row.values, strict=True):
                columns[f"{row.table}.{name}"][report].append(value)
        for table, count in counts.items():
            columns[f"{table}, rows"][report].append(str(count))
    return columns


Compare = Callable[[str, str], float]


def _ways(column: Column, order: Sequence[str]) -> Iterator[tuple[str, Compare]]:
    """Give the ways in which two reports can be compared by a column."""
    present = {report: [value for value in values if value is not None] for report, values in column.items()}
    sets = {report: frozenset(values) for report, values in present.items()}
    whose: defaultdict[Value, int] = defaultdict(int)
    for values in sets.values():
        for value in values:
            whose[value] += 1
    rare = {report: frozenset(v for v in values if whose[v] <= 2 * FEW) for report, values in sets.items()}
    # What is the same for all pairs need not be compared, which is what takes time.
    if any(count > 1 for count in whose.values()):
        yield "a value in common", lambda a, b: float(len(sets[a] & sets[b]))
        yield "a rare value in common", lambda a, b: float(len(rare[a] & rare[b]))
    lengths = {report: tuple(len(value) for value in values) for report, values in present.items()}
    if len(set(lengths.values())) > 1:
        yield "the same sizes", lambda a, b: float(lengths[a] == lengths[b])
        total = {report: float(sum(sizes)) for report, sizes in lengths.items()}
        yield "sizes apart", lambda a, b: abs(total[a] - total[b])
    first = {report: values[0] for report, values in present.items() if values}
    raw = {report: value.encode() if isinstance(value, str) else value for report, value in first.items()}
    raw = {report: value for report, value in raw.items() if value}
    yield "the same beginning", lambda a, b: _common(raw.get(a, b""), raw.get(b, b""))
    yield "the same end", lambda a, b: _common(raw.get(a, b"")[::-1], raw.get(b, b"")[::-1])
    if all(isinstance(value, bytes) for value in first.values()):
        bits = {report: (int.from_bytes(value), len(value)) for report, value in raw.items()}
        yield "bits in common", lambda a, b: _alike(bits.get(a), bits.get(b))
    numbers = {report: number for report, value in first.items() if (number := _number(value)) is not None}
    if len(numbers) > len(order) // 2:
        yield from _numeric(numbers, order)


def _numeric(numbers: dict[str, float], order: Sequence[str]) -> Iterator[tuple[str, Compare]]:
    """Compare numbers and moments once the order of arrival is taken out of them."""
    arrived = {report: place for place, report in enumerate(order)}
    ranked = {report: place for place, report in enumerate(sorted(numbers, key=lambda r: (numbers[r], arrived[r])))}
    among = {report: place for place, report in enumerate(sorted(numbers, key=arrived.__getitem__))}
    strays = {report: ranked[report] - among[report] for report in numbers}
    yield "places beside the order of arrival", lambda a, b: float(abs(strays.get(a, 0) - strays.get(b, 0)))

    def with_arrival(a: str, b: str) -> float:
        apart = numbers.get(a, 0.0) - numbers.get(b, 0.0)
        return math.copysign(1.0, apart * (arrived[a] - arrived[b])) if apart else 0.0

    yield "rising with arrival", with_arrival
    for bit in (1, 3, 255):
        low = {report: int(number) & bit for report, number in numbers.items()}
        yield f"the same low bits ({bit})", lambda a, b, low=low: float(low.get(a) == low.get(b))  # type: ignore[misc]


def _number(value: Value) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None


def _common(a: bytes, b: bytes) -> float:
    """Count the bytes that two begin with, up to 16."""
    same = 0
    for x, y in zip(a[:16], b[:16], strict=False):
        if x != y:
            break
        same += 1
    return float(same)


def _alike(a: tuple[int, int] | None, b: tuple[int, int] | None) -> float:
    if a is None or b is None or a[1] != b[1]:
        return -1.0
    return 1.0 - (a[0] ^ b[0]).bit_count() / (8 * a[1])
