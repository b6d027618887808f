"""The courier on a strict Bot API: what must arrive arrives, in order, once, and within Telegram's limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.database import Database, driver
from bot.delivery import courier as courier_module
from bot.delivery import marks as marks_module
from bot.delivery import sender as sender_module
from bot.delivery.outbox import CardSort, Recipient
from bot.delivery.sender import NotYet, Outgoing
from bot.delivery.setbacks import TRIES
from bot.reports import queries
from tests.integration.post import Post, open_post
from tests.sandbox.conftest import picture
from tests.workbench import until


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses after trouble with the database are real ones: leave them out."""
    monkeypatch.setattr(courier_module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(marks_module, "AGAIN", 0.01)


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    """The courier of citizens."""
    async with open_post(database) as opened:
        yield opened


@pytest.fixture
async def desk_post(database: Database) -> AsyncIterator[Post]:
    """The courier of the desk: one delivery at a time."""
    async with open_post(database, Recipient.DESK, 1) as opened:
        yield opened


async def test_a_message_is_sent_once_and_its_parameters_are_wiped(post: Post) -> None:
    person = post.person()
    await post.queue(post.lane(person), "received", code="ABCD")
    (row,) = await post.rows("SELECT sealed, outcome FROM messages")
    assert b"ABCD" not in row["sealed"]
    for _ in range(3):
        await post.look()
        post.clock.forward(minutes=5)
    assert post.texts(person) == ["received ABCD"]
    (row,) = await post.rows("SELECT sealed, outcome, done_at FROM messages")
    assert (row["sealed"], row["outcome"], row["done_at"] is not None) == (None, "sent", True)


async def test_what_is_due_later_leaves_later(post: Post) -> None:
    person = post.person()
    await post.queue(post.lane(person), "feedback", after=600)
    await post.look()
    assert post.texts(person) == []
    post.clock.forward(seconds=601)
    await post.look()
    assert post.texts(person) == ["feedback"]


async def test_a_lane_keeps_its_order_when_its_first_message_is_put_off(post: Post) -> None:
    person, other = post.person(), post.person()
    lane = post.lane(person)
    post.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=3)
    for number in range(5):
        await post.queue(lane, "m", n=number)
    await post.look()
    await post.queue(post.lane(other), "other")
    await post.until_idle()
    assert post.texts(person) == [f"m {n}" for n in range(5)]
    assert post.texts(other) == ["other"]


async def test_a_message_due_early_waits_for_one_of_its_lane_that_is_due_later(post: Post) -> None:
    person = post.person()
    lane = post.lane(person)
    await post.queue(lane, "first", after=60)
    await post.queue(lane, "second")
    await post.look()
    assert post.texts(person) == []
    await post.until_idle()
    assert post.texts(person) == ["first", "second"]


async def test_a_hundred_wishes_make_one_card_and_a_hundred_changes_one_edit(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    for number in range(100):
        await post.want(card, f"state {number}")
    await post.look()
    await post.look()
    assert post.texts(desk) == ["state 99"]
    for number in range(100):
        await post.refresh(card, f"change {number}")
    await post.look()
    await post.look()
    assert post.texts(desk) == ["change 99"]
    assert [call.method for call in post.sandbox.calls] == ["sendMessage", "editMessageText"]


async def test_a_card_that_waited_for_its_turn_shows_the_newest_state(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "as it was queued")
    for _ in range(20):
        assert post.limits.wait(desk.id) == 0
    whole = post.sender._turnstile._sleep

    async def change(seconds: float) -> None:
        post.sender._turnstile._sleep = whole
        await post.refresh(card, "as it is now")
        await whole(seconds)

    post.sender._turnstile._sleep = change
    await post.look()
    await post.look()
    assert post.texts(desk) == ["as it is now"]
    assert [call.method for call in post.sandbox.calls] == ["sendMessage"]
    assert post.rendered[0].version == 2


async def test_a_card_that_was_ended_while_it_waited_is_not_sent(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "x")
    for _ in range(20):
        post.limits.wait(desk.id)
    whole = post.sender._turnstile._sleep

    async def end(seconds: float) -> None:
        await post.rows("DELETE FROM cards")
        await whole(seconds)

    post.sender._turnstile._sleep = end
    await post.look()
    assert post.texts(desk) == []


async def test_an_edit_of_what_has_not_changed_is_done(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "same")
    await post.look()
    post.sender._faces.doubt_all()  # another process sent it: this one has to ask
    await post.refresh(card, "same")
    await post.look()
    (row,) = await post.rows("SELECT wanted_version, shown_version, attempts FROM cards")
    assert tuple(row) == (2, 2, 0)
    await post.look()
    assert [call.method for call in post.sandbox.calls] == ["sendMessage", "editMessageText"]


async def test_what_shows_already_costs_no_call(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "same")
    await post.look()
    await post.refresh(card, "same")
    await post.look()
    assert tuple((await post.rows("SELECT wanted_version, shown_version FROM cards"))[0]) == (2, 2)
    await post.refresh(card, "other")
    await post.look()
    assert [call.method for call in post.sandbox.calls] == ["sendMessage", "editMessageText"]


async def test_what_an_edit_showed_is_not_trusted_when_its_answer_was_lost(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "free")
    await post.look()
    post.sandbox.hang_up("editMessageText", before=False)
    await post.refresh(card, "taken")
    await post.look()
    assert post.texts(desk) == ["taken"]
    await post.refresh(card, "free")
    await post.until_idle()
    assert post.texts(desk) == ["free"]


async def test_what_another_courier_showed_meanwhile_is_not_taken_for_what_this_one_did(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "free")
    await post.look()
    (row,) = await post.rows("SELECT message_id FROM cards")
    await post.api.call("editMessageText", {"chat_id": desk.id, "message_id": row["message_id"], "text": "taken"})
    await post.refresh(card, "free")
    run = asyncio.create_task(post.courier.run())
    await post.sandbox.wait_for(lambda: post.texts(desk) == ["free"])
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


async def test_a_card_whose_message_was_deleted_is_posted_anew(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "one")
    await post.look()
    post.sandbox.delete(post.sandbox.messages(desk.id)[-1])
    await post.refresh(card, "two")
    await post.until_idle()
    assert post.texts(desk) == ["two"]
    (row,) = await post.rows("SELECT message_id FROM cards")
    assert row["message_id"] == post.sandbox.messages(desk.id)[-1].id
    assert len(await post.rows("SELECT 1 FROM desk_posts WHERE subject = $1", card)) == 2


async def test_a_new_card_that_telegram_calls_gone_is_given_up_rather_than_sent_in_a_circle(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    post.sandbox.fail_next("sendMessage", 400, "Bad Request: message to be replied not found", times=100)
    await post.want(post.lane(desk), "x")
    await post.until_idle()
    # And that it was, is told the desk; which is given up as well.
    assert [call.parameters["text"] for call in post.sandbox.calls] == ["x"] * (TRIES + 1) + ["not_shown"] * (TRIES + 1)


async def test_the_number_of_a_citizens_message_is_sealed(post: Post) -> None:
    person = post.person()
    subject = post.lane(person)
    await post.want(subject, "1 link", CardSort.COUNTER)
    await post.look()
    (row,) = await post.rows("SELECT id, message_id, sealed FROM cards")
    number = post.sandbox.messages(person.id)[-1].id
    assert row["message_id"] is None
    assert post.ring.open("cards", row["id"].bytes, row["sealed"]) == str(number).encode()
    await post.refresh(subject, "2 links", CardSort.COUNTER)
    await post.look()
    assert post.texts(person) == ["2 links"]
    assert await post.rows("SELECT 1 FROM desk_posts") == []


@pytest.mark.parametrize("hidden", [False, True])
async def test_too_many_requests_are_waited_for_as_long_as_telegram_says(post: Post, hidden: bool) -> None:
    person, other = post.person(), post.person()
    if hidden:
        words = "Bad Request: failed to send message #1 with the error message: Too Many Requests: retry after 40"
        post.sandbox.fail_next("sendMessage", 400, words)
    else:
        post.sandbox.fail_next("sendMessage", 429, "Too Many Requests: retry after 40", {"retry_after": 40})
    began = post.seconds()
    await post.queue(post.lane(person), "one")
    await post.look()
    await post.queue(post.lane(person), "two")
    await post.queue(post.lane(other), "other")
    await post.look()
    # The pause is that of the chat: other lanes of it wait as well, other chats do not.
    assert (post.texts(person), post.texts(other)) == ([], ["other"])
    await post.until(lambda: len(post.texts(person)) == 2)
    sent = [call.time for call in post.sandbox.calls if call.parameters.get("chat_id") == person.id and not call.error]
    assert min(sent) - began >= 40
    assert len(post.sandbox.errors) == 1
    assert [row["attempts"] for row in await post.rows("SELECT attempts FROM messages")] == [0, 0, 0]


async def test_when_several_chats_are_told_to_wait_all_do(post: Post) -> None:
    people = [post.person() for _ in range(4)]
    post.sandbox.fail_next("sendMessage", 429, "Too Many Requests", {"retry_after": 30}, times=3)
    for person in people[:3]:
        await post.queue(post.lane(person), "x")
    await post.look()
    began = post.seconds()
    await post.queue(post.lane(people[3]), "x")
    await post.until(lambda: all(post.texts(person) for person in people))
    sent = [call.time for call in post.sandbox.calls if not call.error]
    assert min(sent) - began >= 30


@pytest.mark.parametrize("trouble", ["500", "502", "before", "after"])
async def test_an_outage_of_telegram_loses_nothing_and_is_not_counted(post: Post, trouble: str) -> None:
    person = post.person()
    if trouble.isdigit():
        post.sandbox.fail_next("sendMessage", int(trouble), "Bad Gateway", times=12)
    else:
        post.sandbox.hang_up("sendMessage", times=12, before=trouble == "before")
    lane = post.lane(person)
    await post.queue(lane, "one")
    await post.queue(lane, "two")
    await post.until_idle()
    # Who cuts the connection after the send has doubled it: nobody can know.
    texts = post.texts(person)
    assert texts == ["one"] * (13 if trouble == "after" else 1) + ["two"]
    assert {row["outcome"] for row in await post.rows("SELECT outcome FROM messages")} == {"sent"}


async def test_pauses_grow_to_five_minutes_and_no_further(post: Post) -> None:
    person = post.person()
    post.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=12)
    await post.queue(post.lane(person), "x")
    await post.until(lambda: post.texts(person))
    times = [call.time for call in post.sandbox.calls]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(earlier < later for earlier, later in pairwise(gaps[:8]))
    assert all(300 <= gap <= 377 for gap in gaps[9:])


async def test_an_outage_for_days_ends_without_a_number_that_is_too_large(post: Post) -> None:
    person = post.person()
    await post.queue(post.lane(person), "x")
    await post.rows("UPDATE messages SET attempts = 5")
    for _ in range(1100):
        post.sender._setbacks._longer({"id": 1}, 300.0)
    post.sandbox.fail_next("sendMessage", 502, "Bad Gateway")
    await post.until_idle()
    assert post.texts(person) == ["x"]


async def test_outages_do_not_use_up_the_patience_with_refusals(post: Post) -> None:
    person = post.person()
    post.sandbox.fail_next("sendMessage", 502, "Bad Gateway", times=15)
    post.sandbox.fail_next("sendMessage", 400, "Bad Request: something odd", times=TRIES - 1)
    await post.queue(post.lane(person), "x")
    await post.until(lambda: post.texts(person) == ["x"])


async def test_what_is_refused_for_good_is_given_up_and_the_lane_goes_on(post: Post) -> None:
    person = post.person()
    lane = post.lane(person)
    post.sandbox.fail_next("sendMessage", 400, "Bad Request: can't parse entities", times=TRIES + 1)
    await post.queue(lane, "bad")
    await post.queue(lane, "good")
    await post.until_idle()
    assert post.texts(person) == ["good"]
    rows = await post.rows("SELECT outcome, sealed FROM messages ORDER BY id")
    assert [tuple(row) for row in rows] == [("failed", None), ("sent", None)]


async def test_a_token_that_was_revoked_gives_nothing_up(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    post.sandbox.fail_next("sendMessage", 401, "Unauthorized", times=20)
    await post.want(post.lane(desk), "card")
    await post.until(lambda: post.texts(desk) == ["card"])


async def test_a_message_that_cannot_be_rendered_is_given_up_and_nobody_else_waits(post: Post) -> None:
    person = post.person()
    whole = post.render

    async def break_on(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if template == "broken":
            raise KeyError("what people wrote")
        return await whole(lane, template, params)

    post.render = break_on
    lane = post.lane(person)
    await post.queue(lane, "broken")
    await post.queue(lane, "next")
    await post.queue(post.lane(post.person()), "other")
    await post.until_idle()
    assert post.texts(person) == ["next"]


async def test_parameters_that_no_key_opens_do_not_hold_up_their_lane_for_ever(post: Post) -> None:
    person = post.person()
    lane = post.lane(person)
    await post.queue(lane, "one")
    await post.queue(lane, "two")
    await post.rows("UPDATE messages SET sealed = 'rubbish'::bytea WHERE template = 'one'")
    await post.until_idle()
    assert post.texts(person) == ["two"]


async def test_a_card_that_cannot_be_rendered_is_given_up_until_it_changes(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    card = post.lane(desk)
    await post.want(card, "")
    await post.until_idle()
    assert post.texts(desk) == ["not_shown"]
    await post.refresh(card, "good again")
    await post.until_idle()
    assert post.texts(desk) == ["not_shown", "good again"]


@pytest.mark.parametrize("how", ["blocked", "deactivated", "unknown"])
async def test_what_cannot_reach_a_citizen_is_over_each_in_its_turn(post: Post, how: str) -> None:
    person = post.person()
    lane = post.lane(person)
    if how == "unknown":
        post.targets[lane] = 4_999_999_999
    else:
        setattr(person, how, True)
    for template in ("received", "erased", "feedback"):
        await post.queue(lane, template)
    await post.until_idle()
    rows = await post.rows("SELECT outcome, sealed FROM messages")
    assert [tuple(row) for row in rows] == [("unreachable", None)] * 3
    # What belongs to the end of each happens all the same: an erasure that was asked for is one of them. None is given
    # up before it is due, as none is to an erased address: the moment would tell one from the other.
    assert post.ended == [(lane, template, "unreachable") for template in ("received", "erased", "feedback")]
    assert len(post.sandbox.calls) == 3


async def test_an_address_that_is_gone_closes_its_messages(post: Post) -> None:
    lane = post.lane(None)
    await post.queue(lane, "feedback")
    await post.look()
    assert [tuple(row) for row in await post.rows("SELECT outcome, sealed FROM messages")] == [("closed", None)]
    assert post.ended == [(lane, "feedback", "closed")]
    assert post.sandbox.calls == []


async def test_a_desk_that_put_the_bot_out_gets_everything_when_it_lets_it_in_again(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    by = post.person()
    card = post.lane(desk)
    post.sandbox.set_bot_status(desk, by, "kicked")
    await post.want(card, "card")
    await post.queue(card, "point")
    for _ in range(60):
        await post.look()
        post.clock.forward(minutes=3)
    assert post.texts(desk) == []
    post.sandbox.set_bot_status(desk, by, "administrator")
    await post.until(lambda: len(post.texts(desk)) == 2)
    assert sorted(post.texts(desk)) == ["card", "point"]


async def test_a_desk_that_took_the_right_to_write_away_loses_no_card(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    words = "Bad Request: not enough rights to send text messages to the chat"
    post.sandbox.fail_next("sendMessage", 400, words, times=TRIES * 3)
    await post.want(post.lane(desk), "card")
    await post.until(lambda: post.texts(desk) == ["card"])


async def test_a_desk_that_became_a_supergroup_is_followed_when_the_courier_learns_it_first(desk_post: Post) -> None:
    post = desk_post
    old = post.sandbox.add_group("Desk", supergroup=False)
    post.sandbox.join(post.person(), old)
    card = post.lane(old)
    await post.want(card, "one")
    await post.look()
    new = post.sandbox.migrate(old)
    await post.refresh(card, "two")
    await post.until_idle()
    assert post.moved == [new.id]
    # The old message is none of the new chat's: it is posted anew there.
    assert post.texts(new) == ["two"]


async def test_a_card_that_was_on_its_way_when_the_desk_moved_is_posted_in_the_new_chat(desk_post: Post) -> None:
    post, old, new = desk_post, desk_post.desk(), desk_post.desk()
    card, whole = post.lane(old), post.api.call

    async def move_meanwhile(method: str, *args: Any, **more: Any) -> Any:
        result = await whole(method, *args, **more)
        # An update tells of the move while the answer of the send is on its way: the card has no number yet.
        await post.rows(queries.DESK_MOVED, "desk")
        post.targets[card] = new.id
        post.api.call = whole  # type: ignore[method-assign]
        return result

    post.api.call = move_meanwhile  # type: ignore[method-assign]
    await post.want(card, "card")
    await post.until_idle()
    await post.look()
    assert (post.texts(old), post.texts(new)) == (["card"], ["card"])
    (row,) = await post.rows("SELECT message_id FROM cards")
    assert row["message_id"] == post.sandbox.messages(new.id)[-1].id


async def test_a_citizens_chat_never_moves_the_desk(post: Post) -> None:
    person = post.person()
    post.sandbox.fail_next(
        "sendMessage", 400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100500}, times=2
    )
    await post.queue(post.lane(person), "x")
    await post.until_idle()
    assert (post.moved, post.texts(person)) == ([], ["x"])


async def test_photos_wait_for_their_card_without_using_up_the_desks_minute(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    posted = False

    async def under(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        if not posted:
            raise NotYet
        return Outgoing("sendMessage", {"text": template})

    post.render = under
    await post.queue(post.lane(desk), "photos")
    for _ in range(200):
        await post.look()
        post.clock.forward(seconds=1)
        assert post.limits.look(desk.id, 20) == 0
    posted = True
    await post.until_idle()
    assert post.texts(desk) == ["photos"]


async def test_every_part_of_an_album_counts_and_is_remembered(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    photo = picture()

    async def album(lane: UUID, template: str, params: dict[str, Any]) -> Outgoing | None:
        files = {f"photo{n}": photo for n in range(10)}
        media = [{"type": "photo", "media": f"attach://{name}"} for name in files]
        return Outgoing("sendMediaGroup", {"media": media}, files, cost=10)

    post.render = album
    lanes = [post.lane(desk) for _ in range(5)]
    for lane in lanes:
        await post.queue(lane, "photos")
    began = post.seconds()
    await post.until_idle()
    assert post.sandbox.errors == []
    assert post.seconds() - began >= 120
    posts = await post.rows("SELECT count(*) AS n FROM desk_posts WHERE subject = $1", lanes[0])
    assert posts[0]["n"] == 10


async def test_a_desk_that_is_offered_ten_times_the_limit_is_never_refused_and_gets_all_in_order(
    desk_post: Post,
) -> None:
    post, desk = desk_post, desk_post.desk()
    cards = [post.lane(desk) for _ in range(200)]
    for number, card in enumerate(cards):
        await post.want(card, f"card {number}")
    await post.until_idle()
    assert post.sandbox.errors == []
    assert post.texts(desk) == [f"card {number}" for number in range(200)]


async def test_citizens_are_told_within_the_limits_of_telegram(database: Database) -> None:
    async with open_post(database, at_once=1) as post:
        people = [post.person() for _ in range(60)]
        for person in people:
            lane = post.lane(person)
            for words in ("one", "two", "three"):
                await post.queue(lane, words)
        await post.until_idle()
        assert post.sandbox.errors == []
        assert all(post.texts(person) == ["one", "two", "three"] for person in people)


async def test_one_citizen_with_many_reports_does_not_hold_up_the_others(database: Database) -> None:
    async with open_post(database, at_once=4) as post:
        busy, other, awake = post.person(), post.person(), asyncio.Event()
        whole = post.sender._turnstile._sleep

        async def sleep_deeply(seconds: float) -> None:
            await awake.wait()
            await whole(seconds)

        post.sender._turnstile._sleep = sleep_deeply
        for _ in range(30):
            await post.queue(post.lane(busy), "x")
        await post.queue(post.lane(other), "y")
        run = asyncio.create_task(post.courier.run())
        await post.sandbox.wait_text(other.id, "y")
        assert post.texts(busy) == ["x"]
        awake.set()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await post.until_idle()
        assert len(post.texts(busy)) == 30


async def test_a_row_that_was_read_while_its_delivery_ended_is_not_sent_again(post: Post) -> None:
    person = post.person()
    entered, go_on, whole = asyncio.Event(), asyncio.Event(), post.api.call

    async def hold(method: str, *args: Any, **more: Any) -> Any:
        entered.set()
        await go_on.wait()
        return await whole(method, *args, **more)

    post.api.call = hold  # type: ignore[method-assign]
    await post.queue(post.lane(person), "once")
    await post.courier._start_what_is_due()
    (under_way,) = post.courier._under_way.values()
    await entered.wait()

    class EndsMeanwhile:
        """Rows are read, and before they are looked at the delivery that was under way ends."""

        @asynccontextmanager
        async def lend(self) -> AsyncIterator[Any]:
            async with post.database.lend() as raw:
                yield raw
            go_on.set()
            await under_way

    post.courier._database = EndsMeanwhile()  # type: ignore[assignment]
    await post.look()
    post.courier._database = post.database
    await post.look()
    assert post.texts(person) == ["once"]


async def test_a_message_that_was_sent_while_the_database_went_away_is_not_sent_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, whole, broken = post.person(), Database.lend, list[int]()

    def away(self: Database) -> Any:
        if post.texts(person) and len(broken) < 5:
            broken.append(1)
            raise ConnectionRefusedError
        return whole(self)

    monkeypatch.setattr(Database, "lend", away)
    await post.queue(post.lane(person), "once")
    await post.look()
    await post.look()
    assert (post.texts(person), len(broken)) == (["once"], 5)
    assert [row["outcome"] for row in await post.rows("SELECT outcome FROM messages")] == ["sent"]


async def test_an_outage_of_the_database_before_the_send_changes_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, whole, broken = post.person(), post._address, list[int]()

    async def away(lane: UUID) -> tuple[int, str] | None:
        if len(broken) < TRIES * 3:
            broken.append(1)
            raise ConnectionRefusedError
        return await whole(lane)

    object.__setattr__(post.sender._road, "address", away)
    await post.queue(post.lane(person), "x")
    await post.until_idle()
    assert post.texts(person) == ["x"]
    assert len(broken) == TRIES * 3


async def test_what_follows_a_message_happens_before_it_is_marked(post: Post) -> None:
    person, outcomes = post.person(), []

    async def over(lane: UUID, template: str, outcome: str) -> None:
        outcomes.append((await post.rows("SELECT outcome FROM messages"))[0]["outcome"])
        if len(outcomes) == 1:
            raise ConnectionRefusedError

    object.__setattr__(post.sender._road, "over", over)
    await post.queue(post.lane(person), "erased")
    await post.look()
    assert outcomes == [None, None]
    assert post.texts(person) == ["erased"]
    assert (await post.rows("SELECT outcome FROM messages"))[0]["outcome"] == "sent"


async def test_a_message_is_marked_even_when_what_follows_it_breaks(post: Post) -> None:
    person = post.person()

    async def over(lane: UUID, template: str, outcome: str) -> None:
        raise KeyError

    object.__setattr__(post.sender._road, "over", over)
    await post.queue(post.lane(person), "erased")
    await post.look()
    await post.look()
    assert post.texts(person) == ["erased"]


async def test_a_courier_that_is_stopped_finishes_what_it_is_sending_and_leaves_the_rest(
    desk_post: Post,
) -> None:
    post, desk = desk_post, desk_post.desk()
    entered, go_on, whole = asyncio.Event(), asyncio.Event(), post.api.call

    async def hold(method: str, *args: Any, **more: Any) -> Any:
        entered.set()
        await go_on.wait()
        return await whole(method, *args, **more)

    post.api.call = hold  # type: ignore[method-assign]
    lane = post.lane(desk)
    await post.queue(lane, "one")
    await post.queue(lane, "two")
    run = asyncio.create_task(post.courier.run())
    await entered.wait()
    run.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert post.texts(desk) == ["one"]
    rows = await post.rows("SELECT outcome FROM messages ORDER BY id")
    assert [row["outcome"] for row in rows] == ["sent", None]
    # The same courier leads again later.
    again = asyncio.create_task(post.courier.run())
    await post.sandbox.wait_text(desk.id, "two")
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    assert post.texts(desk) == ["one", "two"]


@pytest.mark.parametrize("process_stops", [False, True])
async def test_what_is_sent_is_marked_however_long_the_database_is_away_unless_the_process_stops(
    desk_post: Post, monkeypatch: pytest.MonkeyPatch, process_stops: bool
) -> None:
    monkeypatch.setattr(sender_module, "SETTLE", 0.05)
    monkeypatch.setattr(marks_module, "AGAIN", 0.01)
    post, desk = desk_post, desk_post.desk()
    away, tries = True, 0
    whole = post.sender._marks._database.lend

    def lend() -> Any:
        nonlocal tries
        if away and post.texts(desk):
            tries += 1
            raise ConnectionRefusedError
        return whole()

    monkeypatch.setattr(post.sender._marks._database, "lend", lend)
    await post.queue(post.lane(desk), "one")
    run = asyncio.create_task(post.courier.run())

    async def tried() -> bool:
        return tries >= 2

    await until(tried)
    run.cancel()
    if process_stops:
        post.courier.hurry()
        await asyncio.gather(run, return_exceptions=True)
    else:
        before = tries

        async def tried_again() -> bool:
            return tries > before

        await until(tried_again)
        assert not run.done()
    away = False
    await asyncio.gather(run, return_exceptions=True)
    assert (await post.rows("SELECT outcome FROM messages"))[0]["outcome"] == (None if process_stops else "sent")


async def test_a_courier_that_is_stopped_while_it_waits_sends_nothing_any_more(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    waits = asyncio.Event()

    async def wait_for_ever(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    post.sender._turnstile._sleep = wait_for_ever
    for _ in range(20):
        post.limits.wait(desk.id)
    await post.want(post.lane(desk), "x")
    run = asyncio.create_task(post.courier.run())
    await waits.wait()
    tasks = list(post.courier._under_way.values())
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert all(task.cancelled() for task in tasks)
    assert post.courier._under_way == {}
    assert post.sandbox.calls == []


async def test_a_new_courier_counts_what_the_one_before_has_posted(desk_post: Post) -> None:
    post, desk = desk_post, desk_post.desk()
    for number in range(15):
        await post.want(post.lane(desk), f"card {number}")
        await post.look()
    async with open_post(post.database, Recipient.DESK, 1) as successor:
        successor.clock.now = post.clock.now
        await successor.sender.take_over()
        assert successor.limits.look(desk.id, 5) == 0
        assert successor.limits.look(desk.id, 6) > 0
        # Once: who leads again knows better what it has sent itself.
        await successor.sender.take_over()
        assert successor.limits.look(desk.id, 5) == 0


async def test_a_wake_up_is_enough_to_send_at_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "LOOK_EVERY", 3600)
    run = asyncio.create_task(post.courier.run())
    person = post.person()
    await asyncio.sleep(0)
    await post.queue(post.lane(person), "x")
    post.courier.wake()
    await post.sandbox.wait_text(person.id, "x")
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


@pytest.mark.parametrize("recipient", [Recipient.DESK, Recipient.CITIZEN])
async def test_a_courier_with_nothing_to_do_asks_one_thing_and_sees_all_the_same_what_others_queue(
    database: Database, recipient: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "LOOK_EVERY", 0.01)
    async with open_post(database, recipient, 1) as post:
        whole, asked, looked, enough = post.courier._start_what_is_due, post.courier._anything, [0], asyncio.Event()

        async def look() -> None:
            looked[0] += 1
            await whole()

        async def ask() -> bool:
            looks.append(None)
            if len(looks) == 20:
                enough.set()
            return await asked()

        looks = list[None]()
        monkeypatch.setattr(post.courier, "_start_what_is_due", look)
        monkeypatch.setattr(post.courier, "_anything", ask)
        run = asyncio.create_task(post.courier.run())
        await enough.wait()
        assert looked == [1], "the first time it looks at everything"
        # Another process has queued something: nobody wakes this one.
        chat = post.desk() if recipient is Recipient.DESK else post.person()
        await post.queue(post.lane(chat), "x")
        await post.sandbox.wait_text(chat.id, "x")
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


async def test_two_wishes_for_the_same_cards_in_other_orders_do_not_block_each_other(post: Post) -> None:
    subjects = [uuid4() for _ in range(20)]

    async def want(wanted: list[UUID]) -> None:
        for _ in range(20):
            async with post.database.transaction() as connection:
                raw = await driver(connection)
                await post.outbox.want(raw, Recipient.DESK, CardSort.RESOURCE, wanted, post.clock())

    await asyncio.gather(want(subjects), want(subjects[::-1]))
    rows = await post.rows("SELECT wanted_version FROM cards")
    assert [row["wanted_version"] for row in rows] == [40] * 20
