"""A dump read back: its tables as they stand in it, and which of their rows belong to a report."""

from __future__ import annotations

import re
from binascii import unhexlify
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Value = str | bytes | None
FEW: Final = 8
"""A value that more reports share tells nothing of two of them: the key of a week, a minute, a kind."""
_BLOCK: Final = re.compile(rb"^COPY (\S+) \((.*?)\) FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONG: Final = 8


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a dump and its place in the table's file."""

    table: str
    columns: tuple[str, ...]
    values: tuple[Value, ...]
    place: int


def read(dumped: bytes) -> list[Row]:
    """Give every row of a dump."""
    rows = []
    for match in _BLOCK.finditer(dumped):
        table, columns = match[1].decode(), tuple(match[2].decode().replace('"', "").split(", "))
        for place, line in enumerate(match[3].decode().splitlines()):
            rows.append(Row(table, columns, tuple(map(_value, line.split("\t"))), place))
    return rows


def _value(text: str) -> Value:
    if text == "\\N":
        return None
    return unhexlify(text[3:]) if text.startswith("\\\\x") else text


def rows_of(rows: list[Row], reports: Iterable[str]) -> dict[str, list[Row]]:
    """Give the rows of each report: those that name it, and those that name something of these alone."""
    found: dict[str, dict[int, Row]] = {report: {} for report in reports}
    by_value: defaultdict[Value, list[Row]] = defaultdict(list)
    for row in rows:
        for value in set(row.values):
            if isinstance(value, str) and _UUID.fullmatch(value):
                by_value[value].append(row)
    named = {report: {report} for report in found}
    for _ in range(3):
        for report, ids in named.items():
            for each in ids:
                found[report] |= {id(row): row for row in by_value[each]}
        owners: defaultdict[Value, set[str]] = defaultdict(set)
        for report, own in found.items():
            for row in own.values():
                for value in row.values:
                    if isinstance(value, str) and _UUID.fullmatch(value) and value not in found:
                        owners[value].add(report)
        named = {report: {report} for report in found}
        for value, whose in owners.items():
            if len(whose) == 1 and isinstance(value, str):
                named[next(iter(whose))].add(value)
    return {report: list(own.values()) for report, own in found.items()}


def foreign(rows: list[Row], own: dict[str, list[Row]]) -> dict[str, set[Value]]:
    """Give, for each report, what stands in rows of nobody that share a telling value with its own.

    So is a row found that no id leads to: by the microsecond that two tables wrote down, by a hash that both hold.
    """
    mine = {id(row) for whole in own.values() for row in whole}
    nobody: defaultdict[Value, list[Row]] = defaultdict(list)
    for row in rows:
        if id(row) not in mine:
            for value in set(row.values):
                if value is not None and len(value) >= _LONG:
                    nobody[value].append(row)
    met: dict[str, set[Value]] = {}
    for report, whole in own.items():
        values = {value for row in whole for value in row.values if value in nobody and len(nobody[value]) <= FEW}
        rows_met = [row for value in values for row in nobody[value]]
        met[report] = {value for row in rows_met for value in row.values if value is not None and len(value) >= _LONG}
    often = Counter(value for values in met.values() for value in values)
    return {report: {value for value in values if often[value] <= FEW} for report, values in met.items()}
