"""Two reports compared in every way that a dump allows, and whether that tells those of one person from others.

A comparison gives each pair a number. Under chance a person's pairs are a random sample of all pairs, so that the sum
over persons is near its mean; Bennett's inequality bounds how far it may stray. Nothing is fitted, and no luck of the
keys trips it: one comparison in a billion.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tests.identities.tables import FEW, Row, Value

CHANCE: Final = 1e-9
"""Of a false alarm, a comparison; there are some hundreds."""
SAMPLES: Final = 2000
LOOKED_AT: Final = 16
"""Bytes of a beginning, and of an end."""
Pair = tuple[str, str]
Values = Sequence[float] | NDArray[Any]
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

    def chance(self, values: Values) -> float:
        """Bound the chance that a person's pairs are as much alike, or as much unlike, as these."""
        ranks = _ranks(values)
        sums = ranks[self.strangers].sum(axis=1)
        mean, variance = float(sums.mean()), float(sums.var())
        strays = float(ranks[self.persons].sum()) - mean * len(self.persons)
        # As far as one person's sum can stray to that side.
        size = self.persons.shape[1]
        most = float(size * ranks.max() - mean if strays > 0 else mean - size * ranks.min())
        return bennett(abs(strays), variance * len(self.persons), most)

    def telling(self, features: Iterable[tuple[str, Values]]) -> list[Telling]:
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


def _ranks(values: Values) -> NDArray[np.int64]:
    """Give each pair twice the count of pairs below it, ties in the middle: then no scale matters.

    Whole numbers, because a person whose pairs are like all others must stray by nothing: by a rounding error in place
    of that, as far as such an error can go, the bound would be passed.
    """
    _, which, counts = np.unique(np.array(values), return_inverse=True, return_counts=True)
    return np.asarray((2 * (np.cumsum(counts) - counts) + counts - 1)[which], np.int64)


def features(
    own: dict[str, list[Row]], met: dict[str, set[Value]], order: Sequence[str], pairs: list[Pair]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Compare all pairs in all ways. `order` is that of arrival, which everybody may know."""
    reports = list(own)
    at = {report: number for number, report in enumerate(reports)}
    a, b = (np.array([at[pair[side]] for pair in pairs]) for side in (0, 1))
    for name, column in _columns(own).items():
        if len({tuple(values) for values in column.values()}) > 1:
            for way, compared in _ways([column[report] for report in reports], np.array([order.index(r) for r in own])):
                values = compared(a, b)
                if values.min() < values.max():
                    yield f"{name}: {way}", values
    shared = _shared([frozenset(met[report]) for report in reports])(a, b)
    if shared.max():
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


Places = NDArray[np.intp]
Compare = Callable[[Places, Places], NDArray[Any]]
"""Gives, for the first and the second of all pairs, how alike they are."""


def _ways(column: list[list[Value]], arrived: Places) -> Iterator[tuple[str, Compare]]:
    """Give the ways in which two reports can be compared by a column."""
    present = [[value for value in values if value is not None] for values in column]
    sets = [frozenset(values) for values in present]
    whose = Counter(value for values in sets for value in values)
    # What is the same for all pairs need not be compared, which is what takes time.
    if any(count > 1 for count in whose.values()):
        yield "a value in common", _shared(sets)
        rare = [frozenset(value for value in values if whose[value] <= 2 * FEW) for values in sets]
        yield "a rare value in common", _shared(rare)
    lengths = [tuple(len(value) for value in values) for values in present]
    if len(set(lengths)) > 1:
        kinds = {sizes: number for number, sizes in enumerate(set(lengths))}
        yield "the same sizes", _equal(np.array([kinds[sizes] for sizes in lengths]))
        yield "sizes apart", _apart(np.array([float(sum(sizes)) for sizes in lengths]))
    first = [values[0] if values else None for values in present]
    raw = [value.encode() if isinstance(value, str) else value or b"" for value in first]
    yield "the same beginning", _common([value[:LOOKED_AT] for value in raw])
    yield "the same end", _common([value[::-1][:LOOKED_AT] for value in raw])
    if all(isinstance(value, bytes) for value in first if value is not None):
        yield "bits in common", _alike(raw)
    numbers = [None if value is None else _number(value) for value in first]
    if len(numbers) - numbers.count(None) > len(arrived) // 2:
        yield from _numeric(numbers, arrived)


def _numeric(numbers: list[float | None], arrived: Places) -> Iterator[tuple[str, Compare]]:
    """Compare numbers and moments once the order of arrival is taken out of them."""
    there = [place for place, number in enumerate(numbers) if number is not None]
    value = np.array([number or 0.0 for number in numbers])
    strays = np.zeros(len(numbers))
    strays[sorted(there, key=lambda r: (value[r], arrived[r]))] += np.arange(len(there))
    strays[sorted(there, key=lambda r: int(arrived[r]))] -= np.arange(len(there))
    yield "places beside the order of arrival", _apart(strays)
    yield "rising with arrival", lambda a, b: np.sign((value[a] - value[b]) * (arrived[a] - arrived[b]))
    whole = [None if number is None else int(number) for number in numbers]
    for bit in (1, 3, 255):
        yield f"the same low bits ({bit})", _equal(np.array([-1 if n is None else n & bit for n in whole]))


def _equal(values: NDArray[Any]) -> Compare:
    return lambda a, b: values[a] == values[b]


def _apart(values: NDArray[Any]) -> Compare:
    return lambda a, b: np.abs(values[a] - values[b])


def _shared(sets: Sequence[frozenset[Any]]) -> Compare:
    """Count the values that two hold both."""
    values = {value: number for number, value in enumerate(frozenset[Any]().union(*sets))}
    held = np.zeros((len(sets), len(values)), np.float32)
    for place, each in enumerate(sets):
        held[place, [values[value] for value in each]] = 1
    both = held @ held.T
    return lambda a, b: both[a, b]


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


def _common(values: list[bytes]) -> Compare:
    """Count the bytes that two begin with."""
    padded = np.array([list(value.ljust(LOOKED_AT, b"\0")) for value in values], np.uint8)
    sizes = np.array([len(value) for value in values])
    return lambda a, b: np.minimum(
        np.logical_and.accumulate(padded[a] == padded[b], axis=1).sum(axis=1), np.minimum(sizes[a], sizes[b])
    )


def _alike(values: list[bytes]) -> Compare:
    """Tell which part of their bits two have in common; those that are not of one size are not compared."""
    bits = [(int.from_bytes(value), len(value)) for value in values]

    def compared(one: tuple[int, int], other: tuple[int, int]) -> float:
        if not one[1] or one[1] != other[1]:
            return -1.0
        return 1.0 - (one[0] ^ other[0]).bit_count() / (8 * one[1])

    return lambda a, b: np.array([compared(bits[x], bits[y]) for x, y in zip(a.tolist(), b.tolist(), strict=True)])
