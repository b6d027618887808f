"""On the desk's line what hides goes before everything, and what left at the same moment is taken off again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from bot.database import Database, driver
from bot.delivery.limits import GROUP
from bot.delivery.outbox import CardSort, Recipient
from bot.delivery.precedence import KEPT
from bot.delivery.sender import Outgoing
from bot.delivery.setbacks import NOT_HIDDEN, TRIES
from bot.reports.hiding import WITHDRAW
from tests.integration.post import Post, new_cards, open_post
from tests.journeys.acting import picture

FREE = GROUP[0] - KEPT


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    """The courier of the desk."""
    async with open_post(database, Recipient.DESK, 1) as opened:
        yield opened


async def hide(post: Post, card: UUID, state: str) -> None:
    post.states[card] = state
    async with post.database.transaction() as connection:
        await post.outbox.hide(await driver(connection), CardSort.REPORT, [card], post.clock())


async def withdraw(post: Post, lane: UUID) -> None:
    await post.rows(WITHDRAW, lane, post.clock())


async def test_what_hides_overtakes_all_that_waits(post: Post) -> None:
    desk = post.desk()
    cards = await new_cards(post, desk, FREE + 10)
    for _ in range(FREE):
        await post.look()
    await post.refresh(cards[0], "card 0 changed")
    await post.want(post.lane(desk), "an answer", CardSort.FORM)
    await hide(post, cards[1], "card 1 hidden")
    # What its lane holds, and has been put off, holds nothing back.
    await post.queue(cards[1], "point", after=3600)
    for n in range(KEPT - 1):
        await post.queue(cards[1], "hide_photo", n=n)
    began, calls = post.seconds(), len(post.sandbox.calls)
    for _ in range(KEPT):
        await post.look()
    assert post.seconds() == began, "nothing is kept back from it"
    done = [call.parameters["text"] for call in post.sandbox.calls[calls:]]
    assert done == [f"hide_photo {n}" for n in range(KEPT - 1)] + ["card 1 hidden"]
    await post.look()
    assert post.sandbox.calls[-1].parameters["text"] == "an answer"
    assert await post.rows("SELECT 1 FROM cards WHERE hides") == []
    assert post.sandbox.errors == []


async def test_an_album_that_waits_for_room_does_not_hold_back_what_hides_it(post: Post) -> None:
    desk, waits = post.desk(), asyncio.Event()
    [card] = await new_cards(post, desk, 1)
    await post.until_idle()
    await new_cards(post, desk, FREE - 1)
    for _ in range(FREE - 1):
        await post.look()

    async def album(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if template == "photos":
            media = [{"type": "photo", "media": f"attach://photo{n}"} for n in range(10)]
            return Outgoing("sendMediaGroup", {"media": media}, {f"photo{n}": picture(n) for n in range(10)}, cost=10)
        return Outgoing("sendMessage", {"text": template})

    async def wait_for_ever(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    post.render = album
    whole, post.sender._turnstile._sleep = post.sender._turnstile._sleep, wait_for_ever
    await post.queue(card, "photos")
    await post.courier._start_what_is_due()
    await waits.wait()
    await withdraw(post, card)
    await post.queue(card, "hide_text")
    await post.look()
    assert post.texts(desk)[-1] == "hide_text"
    post.sender._turnstile._sleep = whole
    await post.until_idle()
    assert [message for message in post.sandbox.messages(desk.id) if message.photo] == []


async def test_what_was_on_its_way_when_it_was_hidden_is_taken_off_again(post: Post) -> None:
    desk = post.desk()
    [card] = await new_cards(post, desk, 1)
    await post.until_idle()

    async def hidden_meanwhile(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if template == "photos":
            # It is rendered, and leaves: nobody can stop it any more.
            await withdraw(post, lane)
            media = [{"type": "photo", "media": f"attach://photo{n}"} for n in range(2)]
            return Outgoing("sendMediaGroup", {"media": media}, {f"photo{n}": picture(n) for n in range(2)}, cost=2)
        return Outgoing("deleteMessage", {"message_id": params["message_id"]})

    post.render = hidden_meanwhile
    await post.queue(card, "photos")
    await post.until_idle()
    photos = [message for message in post.sandbox.messages(desk.id) if message.photo]
    assert [photo.deleted for photo in photos] == [True, True]
    outcomes = await post.rows("SELECT template, outcome FROM messages ORDER BY id")
    assert [tuple(row) for row in outcomes] == [("photos", "withdrawn"), ("hide_photo", "sent"), ("hide_photo", "sent")]
    assert await post.rows("SELECT 1 FROM desk_posts WHERE what = 'photo'") == []


async def test_what_could_not_be_hidden_is_told_once(post: Post) -> None:
    desk = post.desk()
    [card] = await new_cards(post, desk, 1)
    await post.until_idle()
    post.sandbox.fail_next("editMessageText", 400, "Bad Request: no", times=3 * TRIES)

    async def render(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if template == NOT_HIDDEN:
            return Outgoing("sendMessage", {"text": template})
        return Outgoing("editMessageText", {"message_id": 1, "text": "grey"})

    post.render = render
    await hide(post, card, "card 0 hidden")
    await post.queue(card, "hide_text")
    await post.until_idle()
    assert post.texts(desk)[1:] == [NOT_HIDDEN]
