"""The desk's work lists: what is new, in hand and overdue, by pages; cards looked up; a reminder in the morning."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bot.embedded import Embedded
from bot.reports.lists import Key, ListName
from bot.sandbox import render
from bot.sandbox.world import Message, Person
from bot.staff import list_buttons
from bot.staff.list_buttons import Leaf
from bot.texts_wanted import DESK_COMMANDS
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, settled, unique
from tests.journeys.conftest import module_stage, nothing_refused
from tests.stage import Stage

ALMATY = ZoneInfo("Asia/Almaty")
HOURS = {"claim_hours": 8, "decide_days": 3, "office_hours": "Mon-Fri 09:00-18:30", "timezone": "Asia/Almaty"}


@pytest.fixture
async def stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A desk of each test's own: its lists hold what the test has filed."""
    async with module_stage(cluster, wording, **HOURS) as opened:
        await set_clock(opened, 11, 9)
        yield opened
        nothing_refused(opened)


async def set_clock(stage: Stage, hour: int, day: int, minute: int = 0) -> None:
    """Move the stage's clock to an hour of November 2026, whose 9th is a Monday, 13th a Friday."""
    stage.ahead = datetime(2026, 11, day, hour, minute, tzinfo=ALMATY) - datetime.now(UTC)


async def asks(stage: Stage, command: str, officer: Person | None = None, reply_to: int | None = None) -> Message:
    """Send a command on the desk and give the bot's answer."""
    sent = stage.sandbox.send_text(officer or stage.officer, command, chat=stage.desk, reply_to=reply_to)
    return await stage.sandbox.wait_for(lambda: answer_to(stage, sent))


def answer_to(stage: Stage, sent: Message) -> Message | None:
    return next((m for m in stage.sandbox.messages(stage.desk.id) if m.from_bot and m.reply_to == sent.id), None)


def numbers(shown: Message) -> list[int]:
    return [int(number) for number in re.findall(r"№(\d+)", shown.words)]


def links(shown: Message) -> list[str]:
    """Where a message's text and buttons lead to."""
    inside = [entity["url"] for entity in shown.entities or [] if entity["type"] == "text_link"]
    return inside + [button["url"] for row in shown.inline for button in row if "url" in button]


def way_to(stage: Stage, card: Message) -> str:
    return f"https://t.me/c/{str(stage.desk.id).removeprefix('-100')}/{card.id}"


async def press(stage: Stage, shown: Message, button: str, officer: Person | None = None) -> str | None:
    """Press ‹ or › and give what the toast says."""
    query = stage.sandbox.press(officer or stage.officer, shown.id, button, chat=stage.desk)
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[query].answered)
    return stage.sandbox.presses[query].text


async def forge(stage: Stage, shown: Message, data: str, person: Person | None = None) -> str | None:
    """Press a button of one's own making under a message of the bot."""
    query = stage.sandbox.press(person or stage.officer, shown.id, data, chat=stage.desk, outdated=True)
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[query].answered)
    return stage.sandbox.presses[query].text


async def dens(stage: Stage, count: int) -> None:
    for n in range(count):
        await Citizen(stage).files("den", f"притон номер {n}")
        stage.ahead += timedelta(minutes=1)
    await settled(stage)


async def test_the_queue_holds_what_is_new_the_oldest_first_with_a_way_to_each_card(stage: Stage) -> None:
    desk, shop = Desk(stage), unique()
    assert (await asks(stage, "/queue")).words == "Новых нет."
    await Citizen(stage).files("link", f"t.me/{shop}")
    link = await desk.sees(shop)
    # Moments are cut to the minute: of those of one minute the first is that which came first.
    await Citizen(stage).files("den", "притон на углу")
    den = await desk.sees("на углу")
    stage.ahead += timedelta(hours=2)
    # The same link again: it stands where it stood, with its newest №.
    await Citizen(stage).files("link", f"https://t.me/{shop}")
    # Many new links: one list, and one line.
    many = Citizen(stage)
    many.types(" ".join(f"t.me/{unique('list')}" for _ in range(7)))
    await many.reads("")
    await many.sends()
    listed = await desk.sees("Всего 7 ссылок")
    await settled(stage)
    shown = await asks(stage, "/queue")
    assert shown.words.splitlines()[2:] == [
        "№3 · Ссылка · 2 часа",
        "№2 · Притон · 2 часа",
        "№4 · Ссылка · меньше минуты",
    ]
    assert links(shown) == [way_to(stage, card) for card in (link, den, listed)]
    await desk.press(link, "Взять")
    await desk.press(den, "Не подтвердилось")
    assert numbers(await asks(stage, "/queue")) == [4]
    await desk.press(link, "Вернуть")
    assert numbers(await asks(stage, "/queue")) == [3, 4]


async def test_the_card_of_a_list_tells_how_far_it_has_come_and_is_not_edited_at_each_link(stage: Stage) -> None:
    desk, names = Desk(stage), [unique("list") for _ in range(10)]
    for name in names[:3]:
        await Citizen(stage).files("link", f"https://t.me/{name}")
    many = Citizen(stage)
    many.types(" ".join(f"t.me/{name}" for name in names))
    await many.reads("")
    await many.sends()
    listed = await desk.sees("Всего 10 ссылок")
    await settled(stage)
    assert "Направлено" not in listed.words
    blocked, refused = "Доступ закрыт", "Не подтвердилось"
    await desk.press(await desk.sees(f"t.me/{names[0]}\n", "Сообщили: 2"), blocked)
    await settled(stage, 0.3)
    # With the first of them it is in hand, and shown anew anyway.
    await desk.shows(listed, "в работе", "Направлено 0, закрыто 1, осталось 9.")
    for name, decision in ((names[1], blocked), (names[2], refused)):
        await desk.press(await desk.sees(f"t.me/{name}\n", "Сообщили: 2"), decision)
        await settled(stage, 0.3)
    assert "закрыто 1, осталось 9" in listed.words
    edits = "SELECT shown_version FROM cards WHERE message_id = $1"
    [before] = await stage.fetch(edits, listed.id)
    stage.ahead += timedelta(minutes=11)
    await settled(stage)
    await desk.shows(listed, "Направлено 0, закрыто 2, решено иначе 1, осталось 7.")
    [after] = await stage.fetch(edits, listed.id)
    assert after["shown_version"] == before["shown_version"] + 2, "two links, shown by one edit"
    # What is decided by its own card is counted at once.
    await desk.press(listed, stage.wording.texts.plain("ru", "desk.act.sent_to_block"))
    await desk.shows(listed, "Направлено 7, закрыто 2, решено иначе 1.")


async def turns(stage: Stage, shown: Message, button: str, wanted: range) -> None:
    """Turn a list over; the press may be answered before the page is there."""
    assert await press(stage, shown, button) is None
    await stage.sandbox.wait_for(lambda: numbers(shown) == list(wanted))


async def test_a_list_is_turned_over_in_place_ten_a_page(stage: Stage) -> None:
    await dens(stage, 23)
    shown = await asks(stage, "/queue")
    first = shown.words
    assert numbers(shown) == list(range(1, 11))
    assert buttons(shown) == ["›"]
    await turns(stage, shown, "›", range(11, 21))
    assert buttons(shown) == ["‹", "›"]
    await turns(stage, shown, "›", range(21, 24))
    assert buttons(shown) == ["‹"]
    await turns(stage, shown, "‹", range(11, 21))
    # What was taken meanwhile leaves no hole: pages go on from a row, not from a place.
    desk = Desk(stage)
    desk.last = 0
    for number in (1, 2, 3):
        await desk.press(await desk.sees(f"№{number} "), "Взять")
    await turns(stage, shown, "›", range(21, 24))
    await turns(stage, shown, "‹", range(11, 21))
    await turns(stage, shown, "‹", range(4, 14))
    assert buttons(shown) == ["›"]
    assert first != shown.words


def buttons(shown: Message) -> list[str]:
    return [button["text"] for row in shown.inline for button in row]


async def test_by_webhook_the_page_rides_and_the_press_is_answered_too(
    cluster: Embedded, wording: Wording, no_waiting: None
) -> None:
    async with module_stage(cluster, wording, webhook=True, desk_language="kk", **HOURS) as stage:
        await dens(stage, 11)
        shown = await asks(stage, "/queue")
        assert shown.words.splitlines()[0] == "Жаңалары: алдымен шұғылы мен маңыздысы, содан кейін ескісі"
        await turns(stage, shown, "›", range(11, 12))
        nothing_refused(stage)


async def test_a_page_that_is_gone_is_answered_and_changes_nothing(stage: Stage) -> None:
    await dens(stage, 11)
    shown, desk = await asks(stage, "/queue"), Desk(stage)
    desk.last, before = 0, shown.words
    last = await desk.sees("№11 ")
    await desk.press(last, "Взять")
    await settled(stage)
    gone = "Список изменился, вызовите его снова"
    assert await press(stage, shown, "›") == gone
    assert shown.words == before
    # Nor does a button of one's own making, nor one under a card: it would write over it.
    ours = list_buttons.data(Leaf(ListName.QUEUE, False, Key(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=0)), 0))
    card = last.words
    for data in (
        "l:",
        "l:queue:f:0:x:0",
        "l:queue:x:0:AAAAAAAAAAAAAAAAAAAAAA:0",
        "l:all:f:ffffffffffff:A:0",
        "l:" + "f" * 60,
    ):
        assert await forge(stage, shown, data) == gone
    assert await forge(stage, last, ours) == gone
    await settled(stage)
    assert (shown.words, last.words) == (before, card)


async def test_mine_is_what_the_asking_officer_has_in_hand(stage: Stage) -> None:
    other = stage.sandbox.add_person("Берик")
    stage.sandbox.join(other, stage.desk, status="member")
    desk, shop = Desk(stage), unique()
    await Citizen(stage).files("link", f"t.me/{shop}")
    stage.ahead += timedelta(minutes=1)
    await dens(stage, 3)
    link, den, asked = await desk.sees(shop), await desk.sees("номер 0"), await desk.sees("номер 1")
    assert (await asks(stage, "/mine")).words == "У вас в работе ничего нет."
    await desk.press(link, "Взять")
    await desk.press(den, "Взять")
    theirs = stage.sandbox.press(other, asked.id, "Взять", chat=stage.desk)
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[theirs].answered)
    mine = await asks(stage, "/mine")
    assert mine.words.splitlines()[2:] == [
        "№1 · Ссылка · 4 минуты · в работе · Айгерим",
        "№2 · Притон · 3 минуты · в работе · Айгерим",
    ]
    assert numbers(await asks(stage, "/mine", other)) == [3]
    await desk.press(link, "Доступ закрыт")
    assert numbers(await asks(stage, "/mine")) == [2]
    # A link that is reported again once it is decided is new again, and nobody's.
    await settled(stage)
    await Citizen(stage).files("link", f"t.me/{shop}")
    await settled(stage)
    assert numbers(await asks(stage, "/mine")) == [2]
    # That it is there again makes it more urgent than a den of which one person has told.
    assert numbers(await asks(stage, "/queue")) == [5, 4]


async def test_who_writes_as_the_chat_is_told_that_nobody_is_seen(stage: Stage) -> None:
    hidden = stage.sandbox.add_person("Админ")
    stage.sandbox.join(hidden, stage.desk, status="administrator", anonymous=True)
    assert "от имени чата" in (await asks(stage, "/mine", hidden)).words
    assert (await asks(stage, "/queue", hidden)).words == "Новых нет."


async def test_overdue_counts_working_time_over_nights_and_weekends(stage: Stage) -> None:
    desk = Desk(stage)
    await set_clock(stage, 17, 12)  # a Thursday, an hour and a half before the day's end
    await dens(stage, 2)
    taken = await desk.sees("номер 1")
    await set_clock(stage, 15, 13, 20)  # Friday: 1.5 hours of Thursday and 6 h 20 of today
    assert (await asks(stage, "/overdue")).words == "Просроченных нет."
    await set_clock(stage, 15, 13, 35)
    shown = await asks(stage, "/overdue")
    assert shown.words.splitlines()[0] == "Просрочено: не взято за 8 рабочих часов или не решено за 3 рабочих дня"
    assert [line.split(" · ")[0::3] for line in shown.words.splitlines()[2:]] == [
        ["№1", "никто не взял"],
        ["№2", "никто не взял"],
    ]
    await desk.press(taken, "Взять")
    assert numbers(await asks(stage, "/overdue")) == [1]
    # Three working days: the weekend between does not count.
    await set_clock(stage, 16, 17, 50)
    assert numbers(await asks(stage, "/overdue")) == [1]
    await set_clock(stage, 17, 17, 5)
    assert "№2 · Притон · 5 дней · Айгерим" in (await asks(stage, "/overdue")).words
    # Decided, and opened again: its time begins anew.
    await desk.press(taken, "Не подтвердилось")
    await settled(stage)
    assert numbers(await asks(stage, "/overdue")) == [1]
    await desk.press(taken, "Открыть снова")
    assert numbers(await asks(stage, "/overdue")) == [1]
    await set_clock(stage, 18, 20)
    assert numbers(await asks(stage, "/overdue")) == [1, 2]


async def test_the_desk_is_reminded_once_a_working_day_when_something_is_overdue(stage: Stage) -> None:
    desk = Desk(stage)
    await set_clock(stage, 9, 12)
    await stage.app.reminder.look()
    await dens(stage, 3)
    await set_clock(stage, 10, 12)
    await desk.press(await desk.sees("номер 2"), "Взять")

    async def reminders(hour: int, day: int) -> int:
        await set_clock(stage, hour, day)
        await stage.app.reminder.look()
        await settled(stage)
        return sum("Просрочено" in post.words for post in desk.posts)

    assert await reminders(18, 12) == 0, "that day nothing was overdue when the office opened"
    assert await reminders(8, 13) == 0, "the office is closed"
    assert await reminders(9, 13) == 1
    assert await reminders(10, 13) == 1, "once a day"
    assert await reminders(12, 15) == 1, "not on a Sunday"
    assert await reminders(10, 17) == 2
    first, second = [post.words for post in desk.posts if "Просрочено" in post.words]
    assert first.splitlines() == ["Просрочено", "Никто не взял: 2", "Список: /overdue"]
    assert second.splitlines() == ["Просрочено", "Никто не взял: 2", "Взято, но не решено: 1", "Список: /overdue"]


async def test_a_card_is_shown_anew_by_its_number_with_a_way_to_it(stage: Stage) -> None:
    desk, shop = Desk(stage), unique()
    await Citizen(stage).files("link", f"t.me/{shop}")
    await Citizen(stage).files("den", "притон во дворе")
    link, den = await desk.sees(shop), await desk.sees("во дворе")
    await desk.press(den, "Взять")
    await settled(stage)
    for command in ("/report 2", "/report №2", "/report@shekteu_bot #2", "/find 2"):
        shown = await asks(stage, command)
        assert shown.words == den.words
        assert links(shown) == [way_to(stage, den)]
        assert buttons(shown) == ["Открыть карточку"]
    again = await asks(stage, "/report 1")
    assert again.words == link.words
    assert buttons(again) == [f"📋 https://t.me/{shop}", "Открыть карточку"]
    # Typed as a reply to a card it is a command too, and no words to a citizen.
    assert (await asks(stage, "/report 2", reply_to=link.id)).words == den.words
    assert (await asks(stage, "/report 99")).words == "Сообщения №99 в этом чате нет."
    for command in ("/report", "/report притон", "/report -1", "/report 9999999999999"):
        assert (await asks(stage, command)).words == "Напишите номер, например: /report 17"


async def test_a_report_of_several_links_leads_to_the_card_of_each(stage: Stage) -> None:
    desk, one, other = Desk(stage), unique("one"), unique("other")
    await Citizen(stage).files("link", f"t.me/{one} t.me/{other}")
    cards = {(await desk.sees(name)).id for name in (one, other)}
    await settled(stage)
    shown = await asks(stage, "/report 1")
    assert one in shown.words
    assert other in shown.words
    assert buttons(shown) == ["Карточка 1", "Карточка 2"]
    assert {int(url.rsplit("/", 1)[1]) for url in links(shown)} == cards


async def test_links_and_handles_are_found_however_they_are_written(stage: Stage) -> None:
    desk, shop = Desk(stage), unique("bazar")
    await Citizen(stage).files("link", f"t.me/{shop}")
    card = await desk.sees(shop)
    await settled(stage)
    for written in (
        f"t.me/{shop}",
        f"https://T.me/{shop.upper()}?x=1",
        f"@{shop}",
        shop,
        f"tg://resolve?domain={shop}",
    ):
        shown = await asks(stage, f"/find {written}")
        assert shown.words == card.words, written
        assert links(shown) == [way_to(stage, card)]
    invite = "https://t.me/+AbCdEfGhIjKlMnOp"
    await Citizen(stage).files("link", invite)
    await desk.sees("AbCdEfGh")
    await settled(stage)
    assert "AbCdEfGhIjKlMnOp" in (await asks(stage, f"/find {invite}")).words
    assert "AbCdEfGhIjKlMnOp" in (await asks(stage, "/find tg://join?invite=AbCdEfGhIjKlMnOp")).words
    [row] = await stage.fetch("SELECT url FROM resources WHERE sealed IS NOT NULL")
    assert row["url"] is None, "a private address is found by its keyed hash"
    both = await asks(stage, f"/find {invite} и @{shop}")
    assert both.words.splitlines() == [
        "Найдено",
        "",
        "№2 · Ссылка · меньше минуты · новое",
        "№1 · Ссылка · меньше минуты · новое",
    ]
    # A link in a list, which has no card of its own, leads to the list's.
    names = [unique("many") for _ in range(7)]
    many = Citizen(stage)
    many.types(" ".join(f"t.me/{name}" for name in names))
    await many.reads("")
    await many.sends()
    listed = await desk.sees("Всего 7 ссылок")
    await settled(stage)
    assert links(await asks(stage, f"/find @{names[3]}")) == [way_to(stage, listed)]


async def test_what_was_not_reported_and_what_is_sealed_is_not_found(stage: Stage) -> None:
    await Citizen(stage).files("den", "притон у фонтана")
    nothing = "Ничего не найдено: в этот чат об этом не сообщали."
    for asked in ("@nobody_here", "t.me/+AAAAAAAAAAAAAAAA"):
        assert (await asks(stage, f"/find {asked}")).words == nothing
    # That nobody has reported such words would be untrue.
    for asked in ("фонтана", "притон у фонтана", "<b>", "' OR 1=1 --", "%"):
        assert (await asks(stage, f"/find {asked}")).words.endswith("Слова граждан запечатаны, по ним поиска нет.")
    assert (await asks(stage, "/find 2")).words == "Сообщения №2 в этом чате нет."
    assert (await asks(stage, "/find")).words.startswith("Напишите, что искать")


async def test_nobody_but_members_is_shown_anything(stage: Stage) -> None:
    await dens(stage, 11)
    shown = await asks(stage, "/queue")
    before = shown.words
    gone = stage.sandbox.add_person("Ушедший")
    stage.sandbox.join(gone, stage.desk, status="member")
    assert numbers(await asks(stage, "/queue", gone)) == list(range(1, 11))
    stage.sandbox.leave(gone, stage.desk)
    await settled(stage)
    refusal = "Это могут только сотрудники этого чата"
    data = shown.inline[0][0]["callback_data"]
    assert await forge(stage, shown, data, gone) == refusal
    assert shown.words == before
    # In a private chat these are no commands of the desk.
    citizen = Citizen(stage)
    for command in ("/queue", "/mine", "/overdue", "/find 1", "/report 1", "/register"):
        citizen.types(command)
        answer = await citizen.reads("")
        assert "№" not in answer.words
        assert "притон" not in answer.words
    # A channel that writes into the group is no member of it.
    for command in ("/queue", "/mine", "/overdue", "/find 1", "/report 1", "/register"):
        assert await asks_as_a_channel(stage, command) is None


async def asks_as_a_channel(stage: Stage, text: str) -> Message | None:
    """A channel writes into the desk's chat, as one may that discusses there."""
    sent = stage.sandbox.send_text(stage.officer, "просто разговор", chat=stage.desk)
    channel = {"id": -1001999, "type": "channel", "title": "Shop"}
    body = {**render.message(stage.sandbox, sent), "text": text, "sender_chat": channel}
    stage.sandbox.updates.add("message", body, ("message", stage.desk.id))
    await settled(stage)
    return answer_to(stage, sent)


async def test_looking_writes_nothing_into_the_journal(stage: Stage) -> None:
    await dens(stage, 1)
    for command in ("/queue", "/mine", "/overdue", "/report 1", "/find 1"):
        await asks(stage, command)
    assert await stage.fetch("SELECT * FROM journal") == []


async def test_the_commands_are_set_for_the_desk_and_named_in_its_help(stage: Stage) -> None:
    stage.sandbox.send_text(stage.officer, "/help", chat=stage.desk)
    desk = Desk(stage)
    desk.last = 0
    told = (await desk.sees("Работа с карточками")).words
    names = ("queue", "mine", "overdue", "report", "find")
    assert all(f"/{name}" in told for name in names)
    scope = {"type": "chat", "chat_id": stage.desk.id}

    def commands() -> list[str]:
        calls = [call for call in stage.sandbox.calls if call.method == "setMyCommands"]
        return [
            one["command"] for call in calls if call.parameters["scope"] == scope for one in call.parameters["commands"]
        ]

    await stage.sandbox.wait_for(lambda: commands())
    assert commands() == list(DESK_COMMANDS)
    assert {*names, "help"} <= set(DESK_COMMANDS)


async def test_what_was_sent_to_be_blocked_is_overdue_anew_when_no_result_comes(stage: Stage) -> None:
    desk, shop = Desk(stage), unique()
    await Citizen(stage).files("link", f"t.me/{shop}")
    link = await desk.sees(shop)
    number = int(link.words.split("№")[1].split()[0].rstrip(","))
    stage.ahead += timedelta(days=8)
    assert number in numbers(await asks(stage, "/overdue"))
    await desk.press(link, "В Кибернадзор")
    await desk.shows(link, "направлено в «Кибернадзор»")
    assert number not in numbers(await asks(stage, "/overdue")), "its days are counted from the sending"
    stage.ahead += timedelta(days=8)
    shown = await asks(stage, "/overdue")
    [line] = [line for line in shown.words.splitlines() if line.startswith(f"№{number} ")]
    assert line.endswith("направлено на блокировку, результата ещё нет")
