"""What one chat may send in an hour: nothing is lost, the desk is not buried, and nobody learns whose chat it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from bot.citizen import adding
from bot.citizen.dialogue import Dialogue
from bot.database import driver
from bot.delivery.outbox import CardSort, Recipient
from bot.embedded import Embedded
from bot.privacy import blocks
from bot.reports import guessing
from bot.reports.contents import StoredLink
from bot.reports.deciding import NoSuchCard, Officer
from bot.reports.form_state import FormState
from bot.reports.guessing import WRONG_RECEIPTS
from bot.reports.lifecycle import Act, Decision, IllegalMove, Status
from bot.reports.parts import LINKS
from bot.reports.spreading import Spreader
from bot.telegram.actors import Actor, Side
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal, rehearsal
from tests.workbench import Clock, private

LIMIT = 3
SUMMARY = "«Жіберу» түймесін басыңыз"
OFFICER = Officer(77, "Айгерим")
UPDATES = count(1)
CHATS = count(6_000_000_001)
NAMES = count(1)


class Bot:
    """A bot on a clock that the test moves."""

    def __init__(self, rehearsed: Rehearsal, wording: Wording) -> None:
        self.it, self.wording, self.clock = rehearsed, wording, Clock()
        rehearsed.app.intake._turns._clock = self.clock

    async def act(self, sort: CardSort, subject: UUID, act: Act | Decision) -> None:
        await self.it.ring.ready(self.clock())
        async with self.it.database.transaction() as connection:
            await self.it.app.decisions.act(await driver(connection), sort, subject, act, OFFICER, self.clock())

    async def block(self, report_id: UUID, days: int = blocks.BLOCK_DAYS) -> bool:
        await self.it.ring.ready(self.clock())
        async with self.it.database.transaction() as connection:
            return await blocks.block(await driver(connection), self.it.ring, report_id, self.clock(), days)

    async def is_blocked(self, chat: int) -> bool:
        await self.it.ring.ready(self.clock())
        async with self.it.database.transaction() as connection:
            return await blocks.is_blocked(await driver(connection), self.it.ring, chat, self.clock())

    async def spread(self, report_id: UUID) -> None:
        """What the job does after a resource was decided."""
        spreader = Spreader(self.it.database, self.it.app.decisions, lambda: None, self.clock)
        for row in await self.it.fetch("SELECT resource_id FROM report_links WHERE report_id = $1", report_id):
            await spreader.resource(row["resource_id"])

    async def report(self, report_id: UUID) -> Any:
        [row] = await self.it.fetch("SELECT * FROM reports WHERE id = $1", report_id)
        return row

    async def cards(self, sort: str) -> dict[UUID, int]:
        rows = await self.it.fetch("SELECT subject, wanted_version FROM cards WHERE sort = $1", sort)
        return {row["subject"]: row["wanted_version"] for row in rows}

    async def queued(self, report_id: UUID) -> list[str]:
        rows = await self.it.fetch(
            "SELECT template FROM messages WHERE lane = $1 AND recipient = 'citizen' AND outcome IS NULL", report_id
        )
        return [row["template"] for row in rows]


class Person:
    """A chat; everything it says is one update, and what rides back is what it reads."""

    def __init__(self, bot: Bot) -> None:
        self.bot, self.id = bot, next(CHATS)

    async def says(self, text: str, **content: Any) -> str:
        update = private(next(UPDATES), self.id, text)
        update["message"] |= content
        if content:
            del update["message"]["text"]
        call = await self.bot.it.take(update)
        return str(call[1].get("text", "")) if call else ""

    async def sends(self) -> str:
        return await self.says(self.text("labels.send"))

    async def files(self, *lines: str) -> UUID:
        """Report something in one message, and give the report that it went into."""
        assert SUMMARY in await self.says("\n".join(lines))
        assert await self.sends() in ("", self.reads("folded"))
        sent = (await self.dialogue()).sent
        assert sent
        return sent

    async def dialogue(self) -> Dialogue:
        key = Actor(Side.CITIZEN, self.id, self.id).key
        chat_hash = self.bot.it.ring.hash("chat", *(part.to_bytes(8, "big", signed=True) for part in key))
        [row] = await self.bot.it.fetch("SELECT sealed FROM dialogues WHERE chat_hash = $1", chat_hash)
        return Dialogue.model_validate(self.bot.it.app.intake._turns._records.dialogue(chat_hash, row["sealed"])[1])

    def text(self, name: str, **variables: Any) -> str:
        return self.bot.wording.texts.render("kk", name, **variables)

    def reads(self, *names: str) -> str:
        """The answer that consists of these texts and the menu."""
        return "\n\n".join(self.text(f"citizen.{name}") for name in (*names, "menu"))

    async def receipt(self, report_id: UUID) -> str:
        [row] = await self.bot.it.fetch(
            "SELECT sealed FROM messages WHERE lane = $1 AND template = 'received'", report_id
        )
        return str(self.bot.it.app.outbox.params(report_id, "received", row["sealed"])["receipt"])


@pytest.fixture
async def bot(cluster: Embedded, wording: Wording) -> AsyncIterator[Bot]:
    async with rehearsal(cluster, wording, reports_per_hour=LIMIT) as opened:
        yield Bot(opened, wording)


def link() -> str:
    return f"https://t.me/shop_{next(NAMES):05}"


async def at_the_limit(bot: Bot) -> Person:
    person = Person(bot)
    for _ in range(LIMIT):
        await person.files(link())
    return person


# ---- reports of an hour ----


async def test_links_above_the_limit_go_into_one_list_with_one_card_and_one_code(bot: Bot) -> None:
    person = await at_the_limit(bot)
    before = await bot.cards("resource")
    assert len(before) == LIMIT
    assert await bot.cards("report") == {}
    first = await person.files(link())
    assert await bot.queued(first) == ["received"], "the list gets its code"
    for _ in range(20):
        assert await person.files(link(), link()) == first
    assert await bot.cards("resource") == before, "no card for each"
    assert await bot.cards("report") == {first: 21}, "one card, shown anew each time"
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM report_links WHERE report_id = $1", first)
    assert row["n"] == 41
    [row] = await bot.it.fetch(
        "SELECT count(*) AS n, min(times_reported) AS low, max(times_reported) AS high FROM resources"
    )
    assert tuple(row) == (41 + LIMIT, 1, 1)
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == LIMIT + 1
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM return_addresses")
    assert row["n"] == LIMIT + 1, "a folded draft leaves no address behind"


async def test_a_folded_link_that_has_its_card_refreshes_it_and_counts_a_person_once_a_day(bot: Bot) -> None:
    known, other = link(), Person(bot)
    await other.files(known)
    [(resource, version)] = (await bot.cards("resource")).items()
    person = await at_the_limit(bot)
    the_list = await person.files(known)
    assert (await bot.cards("resource"))[resource] == version + 1
    for _ in range(3):
        assert await person.files(known) == the_list
    assert (await bot.cards("resource"))[resource] == version + 4
    [row] = await bot.it.fetch("SELECT times_reported FROM resources WHERE id = $1", resource)
    assert row["times_reported"] == 2


CLOSED = """
WITH closed AS (
  UPDATE resources SET status = 'decided', decision = 'blocked', decided_at = $2 WHERE url = $1 RETURNING id
)
INSERT INTO decisions (id, sort, subject, decision, officer, officer_name, at, until, status_before, reopened_before,
  withdrew, begun, spread)
SELECT gen_random_uuid(), 'resource', id, 'blocked', 1, 'Айгерим', $2, $2, 'new', false, false, true, true FROM closed
"""


async def test_of_folded_links_those_that_are_closed_are_told(bot: Bot) -> None:
    known = link()
    await Person(bot).files(known)
    person = await at_the_limit(bot)
    await person.files(link())
    await bot.it.fetch(CLOSED, known, bot.clock() - timedelta(hours=1))
    assert "шектеліп қойған" not in await person.says(f"{known} {link()}")
    told = person.text("citizen.closed_already", links=[known.removeprefix("https://")], more=0)
    assert await person.sends() == "\n\n".join([person.text("citizen.folded"), told, person.text("citizen.menu")])


async def test_words_photos_and_places_are_never_folded(bot: Bot) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    worded = await person.files(f"продают у школы {link()}")
    assert worded != the_list
    contents = bot.it.app.reports.open_contents(worded, (await bot.report(worded))["sealed"])
    assert contents.words == "продают у школы"
    # The list of this hour is still known after it.
    assert await person.files(link()) == the_list


async def test_above_twice_the_limit_a_draft_waits_for_the_next_hour_and_nothing_is_lost(bot: Bot) -> None:
    person = Person(bot)
    for _ in range(2 * LIMIT):
        await person.files(f"продают у школы {link()}")
    kept = link()
    await person.says(f"и здесь {kept}")
    assert await person.sends() == person.text("citizen.too_many_reports")
    assert await person.sends() == person.text("citizen.too_many_reports")
    draft = (await person.dialogue()).draft
    assert draft
    assert (draft.words, [one.url for one in draft.links]) == ("и здесь", [kept])
    bot.clock.forward(hours=1)
    assert await person.sends() == ""
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == 2 * LIMIT + 1


async def test_a_new_hour_begins_anew_with_a_card_each(bot: Bot) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    bot.clock.forward(hours=1)
    later = await person.files(link())
    assert later != the_list
    assert list(await bot.cards("report")) == [the_list]
    for _ in range(LIMIT - 1):
        await person.files(link())
    assert await person.files(link()) != the_list, "the list belongs to its hour"


async def test_one_chats_limit_touches_no_other(bot: Bot) -> None:
    await at_the_limit(bot)
    for _ in range(10):
        other = Person(bot)
        await other.files(link())
    assert await bot.cards("report") == {}


async def test_who_has_one_link_in_a_list_is_told_what_was_decided_by_its_card(bot: Bot) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    spreader = Spreader(bot.it.database, bot.it.app.decisions, lambda: None, bot.clock)
    for act, told in ((Act.CLAIM, 0), (Decision.BLOCKED, 1), (Act.REOPEN, 0), (Decision.REJECTED, 1)):
        await bot.act(CardSort.REPORT, the_list, act)
        for _ in range(2):
            await spreader.report(the_list)
        assert await bot.queued(the_list) == ["received", *["feedback"] * told], act
        await bot.it.fetch("UPDATE messages SET outcome = 'sent' WHERE template = 'feedback'")


@pytest.mark.parametrize("how", ["dialogue ended", "forget", "erase", "decided", "abuse"])
async def test_a_new_list_is_begun_where_the_old_one_is_unknown_or_closed(bot: Bot, how: str) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    match how:
        case "dialogue ended":
            await bot.it.fetch("DELETE FROM dialogues")
        case "forget":
            await person.says("/forget")
        case "erase":
            await bot.it.fetch("UPDATE messages SET outcome = 'sent' WHERE template = 'received'")
            await person.says(person.text("labels.erase"))
        case "decided":
            await bot.act(CardSort.REPORT, the_list, Decision.BLOCKED)
            await bot.spread(the_list)
            assert (await bot.report(the_list))["status"] == Status.DECIDED
        case "abuse":
            await bot.act(CardSort.REPORT, the_list, Decision.ABUSE)
    other = await person.files(link())
    assert other != the_list
    assert set(await bot.cards("report")) == {the_list, other}
    assert await person.files(link()) == other


async def test_lists_begun_over_and_over_end_at_twice_the_limit(bot: Bot) -> None:
    """Whoever lets the dialogue forget its list each time does not get a card for each link that way."""
    person = await at_the_limit(bot)
    for _ in range(LIMIT):
        await person.files(link())
        await person.says("/forget")
    await person.says(link())
    assert await person.sends() == person.text("citizen.too_many_reports")


async def test_links_of_a_list_file_are_folded_once_it_was_read(bot: Bot) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    file = {"file_id": "AgAD", "file_unique_id": "u", "file_name": "links.txt", "mime_type": "text/plain"}
    await person.says("", document=file)
    assert await person.sends() == person.text("citizen.list_still_reading")
    [part] = await bot.it.fetch("SELECT id FROM parts")
    stored = [StoredLink(platform="telegram", what="channel", url=link()) for _ in range(30)]
    sealed = bot.it.ring.seal("parts", part["id"].bytes, LINKS.dump_json(stored))
    await bot.it.fetch("UPDATE parts SET state = 'ready', sealed = $1", sealed)
    assert await person.sends() == person.reads("folded")
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM report_links WHERE report_id = $1", the_list)
    assert row["n"] == 31
    assert await bot.it.fetch("SELECT 1 FROM parts") == [], "what was folded leaves no part behind"


@pytest.mark.parametrize("reports", [0, LIMIT, LIMIT + 1], ids=["filed", "listed", "folded"])
async def test_a_list_without_a_link_is_not_sent(bot: Bot, reports: int) -> None:
    person = Person(bot)
    for _ in range(reports):
        await person.files(link())
    file = {"file_id": "AgAD", "file_unique_id": "u", "file_name": "links.txt", "mime_type": "text/plain"}
    await person.says("", document=file)
    await bot.it.fetch("UPDATE parts SET state = 'refused'")
    assert person.text("citizen.list_failed_no_links") in await person.sends()
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == reports


async def test_a_folded_sending_that_is_brought_again_adds_nothing(bot: Bot) -> None:
    person = await at_the_limit(bot)
    the_list = await person.files(link())
    await person.says(link())
    update = private(next(UPDATES), person.id, person.text("labels.send"))
    first = await bot.it.take(update)
    cards = await bot.cards("report")
    assert await bot.it.take(update) == first
    assert await bot.cards("report") == cards == {the_list: 2}
    assert await person.sends() == person.reads("sent_already")


async def test_two_reports_of_one_person_leave_what_two_people_leave(bot: Bot) -> None:
    """From a dump, no number, size or gap in the counters tells how many people sent these reports."""

    async def shape(*people: Person) -> list[tuple[int, int]]:
        await bot.it.fetch("TRUNCATE counters")
        known = link()
        for person in people:
            await person.files(known)
        rows = await bot.it.fetch("SELECT length(hash) AS size, count FROM counters ORDER BY ctid")
        return [(row["size"], row["count"]) for row in rows]

    one, first, second = Person(bot), Person(bot), Person(bot)
    assert await shape(one, one) == await shape(first, second)
    assert len(set(await shape(one))) == 1


# ---- wrong receipts ----


async def guess(person: Person, times: int = 1, command: str = "/status") -> list[str]:
    return [await person.says(f"{command} 7K3M-9QWX-2T8R-{n:04}") for n in range(times)]


async def test_after_too_many_wrong_codes_none_is_looked_up_for_the_rest_of_the_hour(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, guesser = Person(bot), Person(bot)
    right = await person.receipt(await person.files(link()))
    unknown, slowed = guesser.reads("status_unknown"), guesser.reads("too_many_codes")
    commands = ["/status", "/add"] * WRONG_RECEIPTS
    said = [(await guess(guesser, command=commands[n]))[0] for n in range(WRONG_RECEIPTS + 1)]
    assert set(said) == {unknown}
    looked: list[str] = []

    async def looks(_: Any, __: Any, receipt: str, ___: Any) -> None:
        looked.append(receipt)

    with monkeypatch.context() as patched:
        patched.setattr(guessing, "by_receipt", looks)
        for text in (f"/status {right}", f"/add {right}", right, "/status x", *await guess(guesser, 3)):
            if text != slowed:
                assert await guesser.says(text) == slowed
    assert looked == []
    assert person.text("citizen.status_new") in await person.says(right), "others are not slowed"
    bot.clock.forward(hours=1)
    assert guesser.text("citizen.status_new") in await guesser.says(right)


async def test_right_codes_never_count(bot: Bot) -> None:
    person = Person(bot)
    right = await person.receipt(await person.files(link()))
    for _ in range(3 * WRONG_RECEIPTS):
        assert person.text("citizen.status_new") in await person.says(f"/status {right}")
    assert person.reads("too_many_codes") not in await guess(person, WRONG_RECEIPTS)
    assert person.text("citizen.status_new") in await person.says(right)


async def test_what_is_typed_without_being_looked_up_does_not_count(bot: Bot) -> None:
    person = Person(bot)
    for _ in range(WRONG_RECEIPTS + 5):
        await person.says("/status")
        await person.says("/cancel")
        await person.says("сколько стоит")
        await person.says("/cancel")
    assert (await guess(person)) == [person.reads("status_unknown")]


# ---- files ----


async def test_files_above_the_limit_are_not_downloaded_and_it_is_said(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "FILES_PER_HOUR", 4)
    person = Person(bot)
    await person.says(link())

    async def photo(sender: Person) -> str:
        return await sender.says("", photo=[{"file_id": "A", "file_unique_id": "u", "width": 9, "height": 9}])

    for _ in range(4):
        assert person.text("citizen.too_many_files") not in await photo(person)
    assert person.text("citizen.too_many_files") in await photo(person)
    file = {"file_id": "AgAD", "file_unique_id": "u", "file_name": "links.txt", "mime_type": "text/plain"}
    assert person.text("citizen.too_many_files") in await person.says("", document=file)
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM parts")
    assert row["n"] == 4
    draft = (await person.dialogue()).draft
    assert draft
    assert (draft.photos, draft.lists) == (4, 0)
    assert person.text("citizen.too_many_files") not in await photo(Person(bot))
    bot.clock.forward(hours=1)
    assert person.text("citizen.too_many_files") not in await photo(person)


# ---- floods ----


async def test_a_flood_takes_no_turns_and_is_told_once_while_help_is_always_given(bot: Bot) -> None:
    person = Person(bot)
    said = [await person.says(link()) for _ in range(150)]
    flood = person.text("citizen.flood")
    assert said.count(flood) == 1
    assert said.index(flood) == 120
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM handled_updates")
    assert row["n"] == 120
    assert "112" in await person.says(person.text("labels.help"))
    assert "112" in await person.says("у меня передоз")
    assert (await person.dialogue()).draft, "what came before is kept"
    assert await person.sends() == ""
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == 0


async def test_presses_and_the_desk_are_never_a_flood(bot: Bot) -> None:
    person = Person(bot)
    for _ in range(125):
        await person.says(link())
    for _ in range(130):
        press = {"id": "7", "from": {"id": person.id, "is_bot": False, "first_name": "A"}, "data": "x"}
        press["message"] = {"message_id": 1, "date": 1_790_000_000, "chat": {"id": person.id, "type": "private"}}
        press["chat_instance"] = "1"
        assert await bot.it.take({"update_id": next(UPDATES), "callback_query": press})
    asked = private(0, 77, "/help")["message"]
    asked["chat"] = {"id": bot.it.desk.id, "type": "supergroup", "title": "desk"}
    asked["entities"] = [{"type": "bot_command", "offset": 0, "length": 5}]
    # An anonymous administrator: of anybody else Telegram would be asked, who is not there.
    asked["sender_chat"] = asked["chat"]
    for _ in range(130):
        assert await bot.it.take({"update_id": next(UPDATES), "message": asked})


async def test_a_burst_at_a_billboard_is_never_touched(bot: Bot) -> None:
    """Five hundred people within a minute, each with one link and one press: nobody is refused or folded."""
    the_same = link()
    for _ in range(500):
        person = Person(bot)
        assert SUMMARY in await person.says(the_same)
        assert await person.sends() == ""
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == 500
    [row] = await bot.it.fetch("SELECT times_reported FROM resources")
    assert row["times_reported"] == 500
    assert await bot.cards("report") == {}


# ---- blocks ----


async def test_a_block_keeps_only_a_hash_under_the_key_of_its_month(bot: Bot) -> None:
    person, other = Person(bot), Person(bot)
    report_id = await person.files(link())
    assert await bot.block(report_id)
    assert await bot.is_blocked(person.id)
    assert not await bot.is_blocked(other.id)
    [row] = await bot.it.fetch("SELECT * FROM blocks")
    assert row["key_id"] == bot.it.ring.month(bot.clock())[0]
    assert person.id.to_bytes(8, "big", signed=True) not in row["hash"]
    assert report_id.bytes not in row["hash"]
    assert (row["until"] - bot.clock().date()).days == blocks.BLOCK_DAYS


async def test_a_block_holds_over_the_turn_of_the_month_and_ends_with_its_term(bot: Bot) -> None:
    person = Person(bot)
    await bot.block(await person.files(link()))
    bot.clock.forward(days=29)
    assert await bot.is_blocked(person.id)
    bot.clock.forward(days=1)
    assert not await bot.is_blocked(person.id)
    assert (await person.says(link())) != person.reads("blocked")


async def test_a_second_block_of_another_month_is_no_double_of_the_first(bot: Bot) -> None:
    person = Person(bot)
    reports = [await person.files(link()) for _ in range(2)]
    await bot.block(reports[0])
    await bot.block(reports[1], days=3)
    [row] = await bot.it.fetch("SELECT until FROM blocks")
    assert (row["until"] - bot.clock().date()).days == blocks.BLOCK_DAYS, "the longer one stays"
    bot.clock.forward(days=28)
    await bot.block(reports[1])
    hashes = await bot.it.fetch("SELECT DISTINCT hash FROM blocks")
    assert len(hashes) == 2
    bot.clock.forward(days=20)
    assert await bot.is_blocked(person.id)


async def test_nobody_is_blocked_whose_address_was_erased(bot: Bot) -> None:
    person = Person(bot)
    report_id = await person.files(link())
    await bot.it.fetch("DELETE FROM return_addresses")
    assert not await bot.block(report_id)
    assert await bot.it.fetch("SELECT 1 FROM blocks") == []
    assert not await bot.is_blocked(person.id)


async def test_a_blocked_citizen_is_told_plainly_and_help_status_and_forgetting_still_work(bot: Bot) -> None:
    person = Person(bot)
    report_id = await person.files(link())
    receipt = await person.receipt(report_id)
    await bot.block(report_id)
    assert await person.says(link()) == person.reads("blocked")
    draft = await person.says("", location={"latitude": 42.9, "longitude": 71.36})
    assert draft == person.reads("blocked")
    await person.says(person.text("kinds.den.label"))
    assert await person.says("притон в подвале") == person.reads("blocked")
    assert (await person.dialogue()).draft is None
    assert await bot.it.fetch("SELECT 1 FROM parts") == []
    danger = await person.says("помогите, у него передоз, не дышит")
    assert "112" in danger
    assert person.text("citizen.blocked") in danger
    assert "112" in await person.says(person.text("labels.help"))
    assert person.text("citizen.status_new") in await person.says(f"/status {receipt}")
    assert await person.says("/privacy") not in ("", person.reads("blocked"))
    await bot.it.fetch("UPDATE messages SET outcome = 'sent'")
    assert person.text("citizen.forgotten") in await person.says("/forget")
    assert await bot.is_blocked(person.id), "who forgets stays blocked"


async def test_an_album_of_a_blocked_citizen_is_answered_once(bot: Bot) -> None:
    person = Person(bot)
    await bot.block(await person.files(link()))
    photo = [{"file_id": "A", "file_unique_id": "u", "width": 9, "height": 9}]
    said = [await person.says("", photo=photo, media_group_id="g") for _ in range(5)]
    assert said == [person.reads("blocked"), "", "", "", ""]
    assert await bot.it.fetch("SELECT 1 FROM parts") == []


async def test_a_draft_begun_before_the_block_is_not_sent(bot: Bot) -> None:
    person = Person(bot)
    report_id = await person.files(link())
    await person.says(link())
    await bot.block(report_id)
    assert await person.sends() == person.reads("blocked")
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM reports")
    assert row["n"] == 1


async def test_a_blocked_citizen_adds_nothing_to_a_report(bot: Bot) -> None:
    person = Person(bot)
    report_id = await person.files(link())
    receipt = await person.receipt(report_id)
    await person.says(f"/add {receipt}")
    await person.says("ещё кое-что")
    await bot.block(report_id)
    assert await person.sends() == person.reads("blocked")
    await person.says(f"/add {receipt}")
    assert await person.says("и ещё кое-что") == person.reads("blocked")
    assert await bot.it.fetch("SELECT 1 FROM additions") == []


# ---- abuse ----


async def test_abuse_decides_the_report_alone_and_tells_nobody(bot: Bot) -> None:
    shared, abuser, other = link(), Person(bot), Person(bot)
    bad, good = await abuser.files(shared), await other.files(shared)
    receipt = await abuser.receipt(bad)
    [resource] = await bot.it.fetch("SELECT * FROM resources")
    await bot.act(CardSort.REPORT, bad, Decision.ABUSE)
    assert await bot.it.fetch("SELECT * FROM resources") == [resource]
    row = await bot.report(bad)
    assert (row["status"], row["decision"]) == ("decided", "abuse")
    assert row["decided_at"]
    assert await abuser.says(f"/status {receipt}") == abuser.reads("status_decided")
    await bot.act(CardSort.RESOURCE, resource["id"], Decision.BLOCKED)
    for report_id in (bad, good):
        await bot.spread(report_id)
    assert (await bot.report(bad))["decision"] == "abuse"
    assert (await bot.report(good))["decision"] == "blocked"
    assert await bot.queued(bad) == ["received"]
    assert await bot.queued(good) == ["received", "feedback"]
    # The status never tells more, though its link was decided meanwhile.
    assert await abuser.says(f"/status {receipt}") == abuser.reads("status_decided")


async def test_abuse_withdraws_what_was_queued_for_the_citizen(bot: Bot) -> None:
    person = Person(bot)
    report_id = await person.files(*(link() for _ in range(7)))
    async with bot.it.database.transaction() as connection:
        raw, app, now = await driver(connection), bot.it.app, bot.clock()
        for template in ("feedback", "progress"):
            await app.outbox.message(raw, Recipient.CITIZEN, report_id, template, {}, now)
        await app.forms.begin(raw, Act.ASK, CardSort.REPORT, report_id, OFFICER, now, "Где это?")
        await app.forms.ask(raw, await raw.fetchval("SELECT id FROM forms"), None, OFFICER, now)
    assert await bot.queued(report_id) == ["received", "feedback", "progress", "question"]
    await bot.act(CardSort.REPORT, report_id, Decision.ABUSE)
    assert await bot.queued(report_id) == ["received"]
    [form] = await bot.it.fetch("SELECT state FROM forms")
    assert form["state"] == FormState.WITHDRAWN
    receipt = await person.receipt(report_id)
    assert await person.says(f"/status {receipt}") == person.reads("status_decided"), "nor how its links stand"
    [row] = await bot.it.fetch("SELECT count(*) AS n FROM resources WHERE status <> 'new' OR decision IS NOT NULL")
    assert row["n"] == 0, "a list's links are left alone too"
    await bot.spread(report_id)
    assert await bot.queued(report_id) == ["received"]


async def test_a_resource_is_never_abuse(bot: Bot) -> None:
    await Person(bot).files(link())
    [resource] = await bot.it.fetch("SELECT id FROM resources")
    with pytest.raises(IllegalMove):
        await bot.act(CardSort.RESOURCE, resource["id"], Decision.ABUSE)
    with pytest.raises(NoSuchCard):
        await bot.act(CardSort.REPORT, resource["id"], Decision.ABUSE)
    [row] = await bot.it.fetch("SELECT status FROM resources")
    assert row["status"] == "new"
    assert await bot.it.fetch("SELECT 1 FROM journal") == []


async def test_taking_abuse_back_lifts_the_block_and_brings_the_report_to_where_its_links_stand(bot: Bot) -> None:
    shared, person, other = link(), Person(bot), Person(bot)
    bad = await person.files(shared)
    await other.files(shared)
    [resource] = await bot.it.fetch("SELECT id FROM resources")
    await bot.act(CardSort.REPORT, bad, Decision.ABUSE)
    await bot.block(bad)
    await bot.act(CardSort.RESOURCE, resource["id"], Decision.BLOCKED)
    await bot.act(CardSort.REPORT, bad, Act.REOPEN)
    assert not await bot.is_blocked(person.id)
    [row] = await bot.it.fetch("SELECT status FROM resources")
    assert row["status"] == "decided", "others were told that it is closed"
    await bot.spread(bad)
    assert (await bot.report(bad))["decision"] == "blocked"
    assert await bot.queued(bad) == ["received", "feedback"]
