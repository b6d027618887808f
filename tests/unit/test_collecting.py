"""Garbage that reference counts do not free is still found, though looked for more rarely."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.collecting import YOUNG, collect_rarely


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Leave the process that tests as it was."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_a_circle_made_after_the_start_is_freed_without_being_asked_for() -> None:
    collect_rarely()
    circle = Circle()
    gone = weakref.ref(circle)
    del circle
    kept: list[list[int]] = []
    while gone() is not None and len(kept) < 2 * YOUNG:
        kept.append([])
    assert gone() is None


def test_what_the_start_made_is_looked_through_no_more() -> None:
    collect_rarely()
    assert gc.get_freeze_count() > 0
    assert len(gc.get_objects()) < gc.get_freeze_count()
