"""One stage a module: a bot by polling, shared by its journeys. None may leave a refused call behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot import jobs
from bot.delivery import courier, limits, setbacks
from bot.embedded import Embedded
from bot.wording import Wording
from tests.conftest import migrated_database, open_stage
from tests.journeys.acting import Citizen
from tests.stage import Stage


@pytest.fixture(scope="module", autouse=True)
def no_waiting() -> Iterator[None]:
    """Lift the courier's own limits: the journeys of a module would wait minutes for one desk's 20 messages.

    What is tried again is tried soon, and what falls due is seen soon.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GROUP", "PERSON", "ALL"):
            patch.setattr(limits, name, (100_000, 1.0))
        shorten_waits(patch)
        yield


def shorten_waits(patch: pytest.MonkeyPatch) -> None:
    """Make the seconds between looks, and between tries, tenths of seconds."""
    for module in (courier, jobs):
        patch.setattr(module, "LOOK_EVERY", 0.2)
    for module in (setbacks, jobs):
        patch.setattr(module, "LONGEST_PAUSE", 0.2)


@asynccontextmanager
async def module_stage(cluster: Embedded, wording: Wording, **settings: Any) -> AsyncIterator[Stage]:
    """Open a stage on a migrated database of its own."""
    async with migrated_database(cluster) as url, open_stage(url, wording, **settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """The stage of a module, by polling."""
    async with module_stage(cluster, wording) as opened:
        yield opened


@pytest.fixture(scope="module")
async def webhook_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """The stage of a module, by webhook."""
    async with module_stage(cluster, wording, webhook=True) as opened:
        yield opened


@pytest.fixture
async def stage(shared_stage: Stage) -> AsyncIterator[Stage]:
    """The module's stage, watched: no call of this test was refused, riding or not."""
    yield shared_stage
    nothing_refused(shared_stage)


@pytest.fixture
def citizen(stage: Stage) -> Citizen:
    """A citizen with a Russian phone."""
    return Citizen(stage)


def nothing_refused(stage: Stage) -> None:
    """Check that Telegram would have taken every call so far, and forget them for the next test."""
    refused = [(call.method, call.parameters, call.error) for call in stage.sandbox.errors]
    stage.sandbox.calls.clear()
    assert refused == []
    assert stage.sandbox.refused_rides == []
