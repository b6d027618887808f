"""The desk's line: who goes first, what waits is told of, and what was sent or given up is known to whoever leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from bot.database import Database, driver
from bot.delivery.digest import DIGEST, OVER
from bot.delivery.limits import GROUP
from bot.delivery.outbox import CardSort, Outbox, Recipient
from bot.delivery.precedence import KEPT
from bot.delivery.sender import NotYet, Outgoing
from bot.delivery.setbacks import TRIES
from bot.reports import queries
from bot.sandbox.world import Group
from bot.staff.form_acts import FormActs
from bot.wording import Wording
from tests.conftest import open_stage
from tests.integration.post import Post, new_cards, open_post

FREE = GROUP[0] - KEPT


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    """The courier of the desk."""
    async with open_post(database, Recipient.DESK, 1) as opened:
        yield opened


def with_digest(post: Post, desk: Group) -> None:
    """Have the digest say how many cards are not there yet, and a last word."""
    post.targets[DIGEST] = desk.id
    card = post.sender._road.card

    async def render(wanted: Any) -> Outgoing | None:
        if wanted.sort is not CardSort.DIGEST:
            return await card(wanted)
        rows = await post.rows("SELECT 1 FROM cards WHERE message_id IS NULL AND sort <> 'digest'")
        return Outgoing("sendMessage", {"text": f"{len(rows)} wait"})

    async def last(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        return Outgoing("editMessageText", {"message_id": params["message_id"], "text": template})

    object.__setattr__(post.sender._road, "card", render)
    post.render = last


async def test_an_answer_to_an_officer_overtakes_a_new_card_that_waits_for_room(post: Post) -> None:
    desk, waits = post.desk(), asyncio.Event()
    await new_cards(post, desk, FREE + 1)
    for _ in range(FREE):
        await post.look()

    async def wait_for_ever(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    whole, post.sender._turnstile._sleep = post.sender._turnstile._sleep, wait_for_ever
    await post.courier._start_what_is_due()
    await waits.wait()
    await post.courier._start_what_is_due()
    assert len(post.sandbox.calls) == FREE
    form = post.lane(desk)
    await post.want(form, "what is asked?", CardSort.FORM)
    began = post.seconds()
    await post.look()
    assert post.texts(desk)[-1] == "what is asked?"
    assert post.seconds() == began
    post.sender._turnstile._sleep = whole
    await post.until_idle()
    assert post.texts(desk)[FREE:] == ["what is asked?", f"card {FREE}"]
    assert post.sandbox.errors == []


async def test_a_card_that_an_officer_pressed_goes_before_what_others_changed(post: Post) -> None:
    desk = post.desk()
    cards = await new_cards(post, desk, 3)
    await post.until_idle()
    for card in cards:
        await post.refresh(card, f"{post.states[card]} changed")
    await new_cards(post, desk, 1)
    async with post.database.transaction() as connection:
        raw = await driver(connection)
        await post.outbox.for_officer(
            raw, await raw.fetchval("SELECT id FROM cards WHERE subject = $1 AND wanted_version = 2", cards[2])
        )
    await post.until_idle()
    edited = [call.parameters["text"] for call in post.sandbox.calls][3:]
    assert edited == ["card 2 changed", "card 0 changed", "card 1 changed", "card 0"]
    assert await post.rows("SELECT 1 FROM cards WHERE for_officer") == []


async def test_a_press_on_a_card_is_known_as_an_officers(
    database_url: str, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed, whole = list[UUID](), Outbox.for_officer

    async def note(self: Outbox, raw: Any, card_id: UUID) -> None:
        assert await raw.fetchval("SELECT wanted_version > shown_version FROM cards WHERE id = $1", card_id)
        pressed.append(card_id)
        await whole(self, raw, card_id)

    monkeypatch.setattr(Outbox, "for_officer", note)
    async with open_stage(database_url, wording) as stage:
        citizen = stage.citizen()
        sent = stage.sandbox.send_text(citizen, "t.me/shop")
        await stage.says(citizen, "shop", after=sent)
        stage.sandbox.press_reply(citizen, "Отправить")
        card = await stage.card("shop")
        await stage.until("SELECT count(*) = 1 FROM cards WHERE message_id IS NOT NULL")
        await stage.press(stage.officer, card, "Взять")
        assert pressed == [row["id"] for row in await stage.fetch("SELECT id FROM cards")]


async def settle(post: Post, card: UUID, state: str) -> None:
    """Have a card's decision stand: it offers no more to take it back."""
    post.states[card] = state
    async with post.database.transaction() as connection:
        await post.outbox.settle(await driver(connection), CardSort.REPORT, card, post.clock())


async def press(post: Post, card: UUID, state: str) -> None:
    """Have an officer press a card."""
    await post.refresh(card, state)
    async with post.database.transaction() as connection:
        raw = await driver(connection)
        await post.outbox.for_officer(raw, await raw.fetchval("SELECT id FROM cards WHERE subject = $1", card))


async def test_a_desk_in_haste_pays_one_edit_for_a_decision(post: Post) -> None:
    desk = post.desk()
    cards = await new_cards(post, desk, 46)
    await post.until_idle()
    post.clock.forward(minutes=2)
    before = len(post.sandbox.calls)
    for number, card in enumerate(cards):
        await press(post, card, "decided")
        if number >= 8:
            await settle(post, cards[number - 8], "settled")
        await post.look()
        post.clock.forward(seconds=4)
    assert [call.parameters["text"] for call in post.sandbox.calls[before:]] == ["decided"] * len(cards)
    # One that changes again is redrawn for that alone, with what it would have been redrawn for.
    await press(post, cards[0], "decided anew")
    await post.until(lambda: "decided anew" in post.texts(desk))
    for card in cards[-8:]:
        await settle(post, card, "settled")
    await post.until_idle()
    shown = [call.parameters["text"] for call in post.sandbox.calls[before:]]
    assert shown.count("settled") == len(cards) - 1
    assert post.texts(desk) == ["decided anew"] + ["settled"] * 45
    assert post.sandbox.errors == []


async def test_a_settled_card_that_waits_for_room_is_pressed_and_goes_at_once(post: Post) -> None:
    desk, waits = post.desk(), asyncio.Event()
    (card, *others) = await new_cards(post, desk, 12)
    await post.until_idle()
    post.clock.forward(minutes=2)
    for other in others:
        await press(post, other, "pressed")
        await post.look()
    await settle(post, card, "settled")

    async def wait_for_ever(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    post.sender._turnstile._sleep = wait_for_ever
    await post.courier._start_what_is_due()
    await waits.wait()
    await press(post, card, "pressed too")
    async with asyncio.timeout(60):
        await post.look()
    assert post.texts(desk)[0] == "pressed too"


async def test_however_full_a_desk_is_a_card_says_within_ten_minutes_that_its_decision_stands(post: Post) -> None:
    desk = post.desk()
    (card,) = await new_cards(post, desk, 1)
    await post.until_idle()
    await new_cards(post, desk, 400)
    await settle(post, card, "settled")
    began = post.clock()
    await post.until(lambda: post.texts(desk)[0] == "settled")
    assert timedelta(minutes=10) <= post.clock() - began <= timedelta(minutes=12)


async def test_the_edits_of_a_marked_list_keep_back_neither_its_answer_nor_new_cards(post: Post) -> None:
    desk = post.desk()
    cards = await new_cards(post, desk, 60)
    await post.until_idle()
    post.clock.forward(minutes=2)
    began = post.clock()
    for card in cards:
        await post.refresh(card, "marked")
    fresh = [post.lane(desk) for _ in range(6)]
    for card in fresh:
        await post.want(card, "fresh")
    answer = post.lane(desk)
    await post.want(answer, "60 of 60", CardSort.BATCH)
    await post.until(lambda: "60 of 60" in post.texts(desk))
    assert "marked" not in post.texts(desk)
    await post.until(lambda: post.texts(desk).count("fresh") == len(fresh))
    assert post.clock() - began <= timedelta(minutes=2)
    assert 0 < post.texts(desk).count("marked") < len(cards)
    await post.until(lambda: post.texts(desk).count("marked") == len(cards))


async def test_points_and_photos_wait_for_their_card_without_being_tried(post: Post) -> None:
    desk, tried = post.desk(), list[UUID]()
    cards = await new_cards(post, desk, FREE + 5)

    async def under(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        tried.append(lane)
        if not await post.rows("SELECT 1 FROM cards WHERE subject = $1 AND message_id IS NOT NULL", lane):
            raise NotYet
        return Outgoing("sendMessage", {"text": f"under {post.states[lane]}"})

    post.render = under
    for card in cards:
        await post.queue(card, "point")
    await post.until_idle()
    assert len(tried) == len(cards)
    texts = post.texts(desk)
    assert [text for text in texts if not text.startswith("under")] == [f"card {n}" for n in range(len(cards))]
    # New cards get their share of each minute, whatever stands under those that came before.
    assert texts[:4] == ["card 0", "under card 0", "card 1", "under card 1"]


async def test_a_digest_is_posted_before_more_cards_than_two_minutes_let_in(post: Post) -> None:
    desk = post.desk()
    with_digest(post, desk)
    await new_cards(post, desk, 2 * GROUP[0])
    await post.look()
    assert post.texts(desk) == ["card 0"]
    await new_cards(post, desk, 2)
    await post.look()
    assert post.texts(desk) == ["card 0", "41 wait"]
    await post.until_idle()
    assert [text for text in post.texts(desk) if "card" not in text] == [OVER]
    assert await post.rows("SELECT 1 FROM cards WHERE sort = 'digest'") == []
    # The next rush has a digest of its own, below what came in between.
    await new_cards(post, desk, 2 * GROUP[0] + 1)
    await post.until_idle()
    assert [text for text in post.texts(desk) if "card" not in text] == [OVER, OVER]
    assert post.sandbox.errors == []


async def test_a_digest_that_stands_is_edited_by_the_next_leader_once_a_minute(post: Post) -> None:
    desk = post.desk()
    with_digest(post, desk)
    await new_cards(post, desk, 100)
    while len(post.sandbox.calls) < 10:
        await post.look()
    post.lead()
    with_digest(post, desk)
    await post.sender.take_over()
    await post.until_idle()
    digest = [call for call in post.sandbox.calls if "wait" in call.parameters.get("text", "")]
    assert [call.method for call in digest].count("sendMessage") == 1
    assert len(digest) >= 5
    assert all(later.time - earlier.time >= 60 for earlier, later in pairwise(digest))
    assert post.sandbox.errors == []


async def test_a_digest_whose_desk_moved_is_posted_in_the_new_one(post: Post) -> None:
    old, new = post.desk(), post.desk()
    with_digest(post, old)
    cards = await new_cards(post, old, 60)
    await post.look()
    await post.look()
    await post.rows(queries.DESK_MOVED, "desk")
    post.targets = dict.fromkeys([*cards, DIGEST], new.id)
    await post.until_idle()
    assert OVER in post.texts(new)


async def test_a_digest_is_not_over_because_an_outage_has_put_its_cards_off(post: Post) -> None:
    desk = post.desk()
    with_digest(post, desk)
    await new_cards(post, desk, 60)
    await post.look()
    await post.rows("UPDATE cards SET due_at = due_at + interval '5 minutes' WHERE message_id IS NULL")
    await post.look()
    assert post.texts(desk) == ["60 wait"]
    assert await post.rows("SELECT 1 FROM cards WHERE sort = 'digest'")
    await post.until_idle()
    assert post.texts(desk) == [OVER, *(f"card {n}" for n in range(60))]


async def test_a_reply_to_the_digest_is_about_no_report(post: Post) -> None:
    await post.rows(
        "INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at) VALUES (-1, 5, 'digest', $1, now())",
        DIGEST,
    )
    async with post.database.transaction() as connection:
        turn = SimpleNamespace(driver=await driver(connection), actor=SimpleNamespace(chat_id=-1))
        answered = SimpleNamespace(message_id=5, text="№17", caption=None)
        acts = cast(Any, FormActs)(*[None] * len(fields(FormActs)))
        assert await acts._about(turn, SimpleNamespace(reply_to_message=answered)) is None


async def test_what_telegram_refuses_for_good_is_told_to_the_desk_once(post: Post) -> None:
    desk = post.desk()
    card, lane = post.lane(desk), post.lane(desk)
    await post.want(card, "")
    for number in range(2):
        await post.queue(lane, "bad", n=number)

    async def refuse(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if template == "bad":
            return Outgoing("sendMessage", {"text": ""})
        return Outgoing("sendMessage", {"text": f"{template} {'card' if lane == card else 'message'}"})

    post.render = refuse
    await post.until_idle()
    assert sorted(post.texts(desk)) == ["not_shown card", "not_shown message"]
    await post.refresh(card, "")
    await post.until_idle()
    assert len(post.texts(desk)) == 2
    outcomes = await post.rows("SELECT template, outcome FROM messages ORDER BY id")
    assert sorted(tuple(row) for row in outcomes) == [("bad", "failed")] * 2 + [("not_shown", "sent")] * 2


@pytest.mark.parametrize("template", ["empty_photo", "not_shown", OVER])
async def test_what_officers_do_not_miss_is_given_up_without_a_word(post: Post, template: str) -> None:
    desk = post.desk()
    post.sandbox.fail_next("sendMessage", 400, "Bad Request: no", times=TRIES + 1)
    await post.queue(post.lane(desk), template)
    await post.until_idle()
    assert [row["template"] for row in await post.rows("SELECT template FROM messages")] == [template]


async def test_after_a_429_everything_waits_and_comes_in_the_order_it_had(post: Post) -> None:
    desk = post.desk()
    post.sandbox.fail_next("sendMessage", 429, "Too Many Requests", {"retry_after": 40})
    await new_cards(post, desk, 12)
    began = post.seconds()
    await post.until_idle()
    assert post.texts(desk) == [f"card {n}" for n in range(12)]
    assert len(post.sandbox.errors) == 1
    assert min(call.time for call in post.sandbox.calls if not call.error) >= began + 40


async def test_the_next_leader_counts_edits_and_pauses_of_the_one_before(post: Post) -> None:
    desk = post.desk()
    card = post.lane(desk)
    for number in range(7):
        await (post.want if number == 0 else post.refresh)(card, f"state {number}")
        await post.look()
    post.lead()
    await post.sender.take_over()
    assert post.limits.look(desk.id, GROUP[0] - 7) == 0
    assert post.limits.look(desk.id, GROUP[0] - 6) > 0
    post.sandbox.fail_next("editMessageText", 429, "Too Many Requests", {"retry_after": 90})
    await post.refresh(card, "state 7")
    await post.look()
    post.lead()
    await post.sender.take_over()
    assert post.limits.look(desk.id) == pytest.approx(90, abs=1)


async def test_what_was_sent_more_than_two_minutes_ago_is_not_kept(post: Post) -> None:
    desk = post.desk()
    await new_cards(post, desk, 5)
    await post.until_idle()
    post.clock.forward(minutes=5)
    await new_cards(post, desk, 1)
    await post.until_idle()
    assert len(await post.rows("SELECT 1 FROM desk_sends")) == 1
