"""Several desks: each has a line, a minute and shares of its own, and none waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from bot.database import Database, driver
from bot.delivery import couriers
from bot.delivery.courier import Courier
from bot.delivery.couriers import Couriers
from bot.delivery.digest import DIGEST
from bot.delivery.limits import GROUP
from bot.delivery.outbox import CardSort, Recipient, line, of_desk, office_of
from bot.delivery.precedence import KEPT
from bot.delivery.sender import Road, Sender
from bot.sandbox.world import Group
from tests.integration.post import Post, open_post

FREE = GROUP[0] - KEPT
OFFICE = 3


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    """The main desk's courier."""
    async with open_post(database, Recipient.DESK, 1) as opened:
        yield opened


def of_office(post: Post, desk: Group) -> Courier:
    """The courier of an office's desk, beside the main one's: Telegram's limits are the same object."""

    async def address(_: UUID) -> tuple[int, str]:
        return desk.id, "ru"

    road = Road(Recipient.DESK, address, post._message, post._card, post._over, post._migrated, office=OFFICE)
    sender = Sender(post.database, post.ring, post.outbox, post.api, post.limits, road, post.clock, post._sleep)
    return Courier(post.database, sender, Recipient.DESK, 1, post.clock)


async def cards(post: Post, count: int, word: str, desk: str | None = None) -> list[UUID]:
    made = [uuid4() for _ in range(count)]
    async with post.database.transaction() as connection:
        for at, card in enumerate(made):
            post.states[card] = f"{word} {at}"
            await post.outbox.want(
                await driver(connection), Recipient.DESK, CardSort.REPORT, [card], post.clock(), desk=desk
            )
    return made


async def looks(courier: Courier, times: int = 1) -> None:
    for _ in range(times):
        await courier._start_what_is_due()
        await asyncio.gather(*courier._under_way.values())


async def comes(told: Callable[[], bool]) -> None:
    """Wait until something is true that nobody tells of."""
    async with asyncio.timeout(60):
        while not told():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def names(post: Post, desk: Group) -> list[str]:
    return [text for text in post.texts(desk) if not text.startswith("None")]


def test_a_desks_line_tells_its_office() -> None:
    assert [line(office) for office in (None, 0, 3)] == ["desk", "desk", "desk:3"]
    assert [office_of(desk) for desk in ("desk", "desk:3")] == [0, 3]
    assert of_desk(DIGEST, "desk") == DIGEST
    assert len({of_desk(DIGEST, line(office)) for office in range(1000)}) == 1000


async def test_a_desk_whose_minute_is_used_up_holds_up_no_other(post: Post) -> None:
    main, other = post.desk(), post.desk()
    for card in await cards(post, FREE + 10, "main"):
        post.targets[card] = main.id
    await cards(post, 6, "office", line(OFFICE))
    courier, began = of_office(post, other), post.seconds()
    for _ in range(FREE):
        await post.look()
    assert len(post.texts(main)) == FREE
    await looks(courier, 6)
    assert names(post, other) == [f"office {n}" for n in range(6)]
    assert post.seconds() - began < 1, "nothing waited"
    sent = await post.rows("SELECT recipient, count(*) AS many FROM desk_sends GROUP BY recipient ORDER BY recipient")
    assert [tuple(row) for row in sent] == [("desk", FREE), ("desk:3", 6)]


async def test_a_desk_that_cannot_be_reached_holds_up_no_other(post: Post) -> None:
    main, other = post.desk(), post.desk()
    for card in await cards(post, 3, "main"):
        post.targets[card] = main.id
    await cards(post, 2, "office", line(OFFICE))
    post.sandbox.fail_next("sendMessage", 403, "Forbidden: bot was kicked from the supergroup chat")
    courier = of_office(post, other)
    await looks(courier)
    for _ in range(3):
        await post.look()
    assert post.texts(main) == [f"main {n}" for n in range(3)]
    post.clock.forward(minutes=10)
    await looks(courier, 2)
    assert sorted(names(post, other)) == ["office 0", "office 1"], "when the bot is let in again"


async def test_the_next_leader_counts_for_each_desk_what_was_sent_there(post: Post) -> None:
    main, other = post.desk(), post.desk()
    for card in await cards(post, FREE, "main"):
        post.targets[card] = main.id
    for _ in range(FREE):
        await post.look()
    post.lead()
    await post.sender.take_over()
    courier = of_office(post, other)
    await courier._sender.take_over()
    assert post.limits.look(main.id, KEPT + 1) > 0
    assert post.limits.look(other.id, GROUP[0]) == 0
    await cards(post, FREE, "office", line(OFFICE))
    began = post.seconds()
    await looks(courier, FREE)
    assert len(post.texts(other)) == FREE
    assert post.seconds() - began < 1


async def test_each_desk_has_a_digest_of_its_own(post: Post) -> None:
    main, other = post.desk(), post.desk()
    post.targets[DIGEST] = main.id
    await cards(post, 2 * GROUP[0] + 1, "office", line(OFFICE))
    await post.look()
    await looks(of_office(post, other))
    digests = await post.rows("SELECT recipient, subject FROM cards WHERE sort = 'digest'")
    assert [tuple(row) for row in digests] == [("desk:3", of_desk(DIGEST, "desk:3"))]


async def test_couriers_come_and_go_with_their_offices(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couriers, "LOOK_EVERY", 0.01)
    groups: dict[int, Group] = {1: post.desk(), 2: post.desk()}
    opened, made = [1], list[int]()

    def make(office: int) -> Courier:
        made.append(office)
        road = Road(
            *(Recipient.DESK, _to(groups[office]), post._message, post._card, post._over, post._migrated), office=office
        )
        sender = Sender(post.database, post.ring, post.outbox, post.api, post.limits, road, post.clock, post._sleep)
        return Courier(post.database, sender, Recipient.DESK, 1, post.clock)

    everyone = Couriers(post.database, post.courier, of_office(post, post.desk()), make, lambda: list(opened))
    task = asyncio.create_task(everyone.run())
    try:
        await comes(lambda: made == [1])
        opened.append(2)
        await comes(lambda: made == [1, 2])
        await cards(post, 1, "second", line(2))
        everyone.wake()
        await comes(lambda: post.texts(groups[2]) == ["second 0"])
        opened.remove(1)
        await comes(lambda: len(list(everyone)) == 3)
        assert everyone.work
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _to(group: Group) -> Callable[[UUID], Awaitable[tuple[int, str]]]:
    async def address(_: UUID) -> tuple[int, str]:
        return group.id, "ru"

    return address
