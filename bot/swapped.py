"""A mapping whose whole inside can be put in the place of what it was, while others hold it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TypeVar

T = TypeVar("T")


class Swapped(Mapping[str, T]):
    """Reads like the mapping that it was last given. Who goes through it sees one inside, to the end."""

    def __init__(self, inside: Mapping[str, T]) -> None:
        self._inside = inside

    def replace(self, other: Swapped[T]) -> None:
        """Take the inside of another."""
        self._inside = other._inside

    def __getitem__(self, name: str) -> T:
        return self._inside[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inside)

    def __len__(self) -> int:
        return len(self._inside)

    def values(self) -> ValuesView[T]:
        """Give the values of the present inside."""
        return self._inside.values()

    def items(self) -> ItemsView[str, T]:
        """Give the items of the present inside."""
        return self._inside.items()
