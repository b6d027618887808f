"""Work that waits for the database, and what it does not wait for."""

from __future__ import annotations

import pytest

from bot import database
from bot.database import patiently


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAITS", 0)


async def test_work_is_done_again_until_the_database_is_back_and_each_failure_is_told() -> None:
    left, told = [ConnectionRefusedError(), FileNotFoundError()], list[Exception]()

    async def work() -> str:
        if left:
            raise left.pop()
        return "done"

    assert await patiently(work, told.append) == "done"
    assert [type(error) for error in told] == [FileNotFoundError, ConnectionRefusedError]


async def test_what_would_go_wrong_again_is_raised_at_once() -> None:
    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await patiently(work, lambda _: pytest.fail("nothing is waited for"))
