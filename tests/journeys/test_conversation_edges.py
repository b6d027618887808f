"""The edges of a conversation: two officers, a question on its way, an answer left lying, floods, a desk that moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from bot.citizen.upkeep import Upkeep
from bot.embedded import Embedded
from bot.sandbox.world import Message
from bot.staff.words import WORDS_MOST, refused
from bot.wording import Wording
from tests.journeys.acting import Citizen, Desk, picture, settled, unique
from tests.journeys.conftest import module_stage
from tests.journeys.test_conversation import ASKED, WHERE, a_den, ask, inline, toast
from tests.stage import Stage

OTHERS = "Другие ссылки"


@pytest.fixture(scope="module")
async def undo_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where what an officer did can be taken back for half a minute, which passes only when a test says so."""
    async with module_stage(cluster, wording, undo_seconds=30) as opened:
        yield opened


@pytest.fixture(scope="module")
async def delayed_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where two to twenty minutes pass until a phone lights up."""
    async with module_stage(cluster, wording, feedback_delay_minutes="2-20") as opened:
        yield opened


@pytest.fixture(scope="module")
async def narrow_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    """A stage where one report an hour is many, at the beginning of an hour."""
    async with module_stage(cluster, wording, reports_per_hour=1) as opened:
        opened.ahead = timedelta(hours=1) - timedelta(minutes=opened.now().minute, seconds=opened.now().second)
        yield opened


async def links(stage: Stage, *names: str) -> tuple[Citizen, Desk, str]:
    """Report links, and give who did, the desk and the receipt."""
    citizen, desk = Citizen(stage), Desk(stage)
    citizen.types(" ".join(f"t.me/{name}" for name in names))
    await citizen.reads(names[-1])
    return citizen, desk, await citizen.sends()


async def answer(citizen: Citizen, question: Message, words: str) -> None:
    inline(citizen, question, "Ответить")
    await citizen.reads("Напишите ответ")
    citizen.types(words)
    await citizen.reads("Ответ прокурору")


async def sends(citizen: Citizen) -> None:
    citizen.presses("send")
    await citizen.reads("Передали прокурору")


async def statuses(stage: Stage) -> str:
    [row] = await stage.fetch("SELECT status FROM reports ORDER BY number DESC LIMIT 1")
    return str(row["status"])


# What is added


async def test_links_that_answer_a_question_are_reported_too(stage: Stage) -> None:
    citizen, desk, _ = await links(stage, unique())
    await ask(desk, await desk.sees("Сообщили: 1 человек"), OTHERS)
    more, listed = unique(), unique()
    await answer(citizen, await citizen.reads(ASKED), f"ещё вот t.me/{more}")
    citizen.document("list.txt", f"t.me/{listed}\n".encode())
    await citizen.reads("Файлов со списком: 1", "нажмите «Отправить»")
    await citizen.settled()
    await sends(citizen)
    await desk.sees("Сообщили: 1 человек", more)
    await desk.sees("Сообщили: 1 человек", listed)
    await desk.sees("ответ гражданина", more, listed)


async def test_a_list_in_which_there_is_no_link_is_told_and_the_addition_goes_on(stage: Stage) -> None:
    citizen, desk, receipt = await links(stage, unique())
    citizen.types(f"/add {receipt}")
    await citizen.reads("слова, ссылки")
    citizen.document("list.txt", b"nothing to see here\n")
    await citizen.reads("Файлов со списком: 1")
    await citizen.settled()
    citizen.presses("send")
    await citizen.reads(citizen.text("list_failed_no_links"))
    citizen.types("тогда словами: продают там же")
    await citizen.reads("продают там же")
    await sends(citizen)
    await desk.sees("гражданин дополнил", "продают там же")


async def test_many_links_added_by_a_code_make_one_list_and_not_a_card_each(stage: Stage) -> None:
    citizen, desk, receipt = await links(stage, unique())
    stranger, names = Citizen(stage), [unique() for _ in range(30)]
    stranger.types(f"/add {receipt}")
    await stranger.reads("слова, ссылки")
    stranger.types(" ".join(f"t.me/{name}" for name in names))
    await stranger.reads(names[0])
    await sends(stranger)
    await desk.sees("Всего 31 ссылка")
    await stranger.settled()
    assert len([post for post in desk.posts if "Сообщили:" in post.words]) == 1
    await citizen.settled()


async def test_above_the_limit_of_an_hour_an_addition_waits_and_nothing_of_it_is_lost(narrow_stage: Stage) -> None:
    stage, citizen = narrow_stage, Citizen(narrow_stage)
    desk, _, receipt = await a_den(stage, citizen)
    for words in ("первое дополнение", "второе дополнение"):
        citizen.types(f"/add {receipt}")
        await citizen.reads("Пришлите, что хотите добавить")
        citizen.types(words)
        await citizen.reads(words)
        citizen.presses("send")
        await citizen.reads("")
    assert citizen.text("too_many_reports") in citizen.heard[-1].words
    await citizen.settled()
    assert [post for post in desk.posts if "первое дополнение" in post.words]
    assert not [post for post in desk.posts if "второе дополнение" in post.words]
    stage.ahead += timedelta(hours=1)
    await sends(citizen)
    await desk.sees("гражданин дополнил", "второе дополнение")


async def test_the_desk_and_the_citizen_learn_of_photos_that_could_not_be_taken(stage: Stage, citizen: Citizen) -> None:
    desk, card, receipt = await a_den(stage, citizen)
    citizen.types(f"/add {receipt}")
    await citizen.reads("Пришлите, что хотите добавить")
    citizen.document("photo.jpg", b"\xff\xd8\xff not a picture", "image/jpeg")
    await citizen.reads("Фото: 1")
    await citizen.settled()
    citizen.presses("send")
    await citizen.reads("Передали прокурору", "не приняли: 1")
    told = await desk.sees("фото от гражданина, не принято: 1")
    assert told.reply_to == card.id


async def test_an_answer_left_lying_gets_one_reminder_and_goes_after_a_day_with_its_photos(stage: Stage) -> None:
    citizen = Citizen(stage)
    desk, card, _ = await a_den(stage, citizen)
    await ask(desk, card)
    await answer(citizen, await citizen.reads(ASKED), "дописать позже")
    citizen.photos(1)
    await citizen.settled()
    before = stage.ahead
    try:
        for _ in range(3):
            stage.ahead += timedelta(hours=2, minutes=5)
            await drafts(stage)
            await citizen.reads(citizen.text("reminder"))
        assert [heard.words for heard in citizen.heard].count(citizen.text("reminder")) == 1
        stage.ahead += timedelta(hours=20)
        await drafts(stage)
        assert not await stage.fetch("SELECT 1 FROM dialogues")
        assert not await stage.fetch(
            "SELECT 1 FROM parts WHERE NOT EXISTS (SELECT 1 FROM reports WHERE id = parts.report_id) "
            "AND NOT EXISTS (SELECT 1 FROM additions WHERE additions.id = parts.report_id)"
        )
    finally:
        stage.ahead = before


async def drafts(stage: Stage) -> None:
    await Upkeep(stage.database, stage.app.ring, stage.app.outbox, stage.app.reports, stage.now).drafts()
    await settled(stage)


async def test_an_answer_that_arrives_twice_is_one_answer(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    await ask(desk, card)
    await answer(citizen, await citizen.reads(ASKED), "один раз")
    await sends(citizen)
    stage.sandbox.redeliver(max(stage.sandbox.updates.known))
    await citizen.settled()
    assert len([post for post in desk.posts if "один раз" in post.words]) == 1


async def test_whoever_has_not_written_anything_yet_may_answer_another_question(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    await ask(desk, card)
    first = await citizen.reads(ASKED, WHERE)
    await ask(Desk(stage), card, "Что вы видели")
    second = await citizen.reads(ASKED, "что именно вы видели")
    inline(citizen, first, "Ответить")
    await citizen.reads("Напишите ответ")
    await answer(citizen, second, "людей с пакетами")
    await sends(citizen)
    await desk.sees("ответ гражданина", "что именно вы видели", "людей с пакетами")


# What becomes of a question


async def test_a_question_that_still_waits_for_its_answer_is_told_by_the_code_whatever_else_was_done(
    undo_stage: Stage,
) -> None:
    stage, citizen = undo_stage, Citizen(undo_stage)
    desk, card, receipt = await a_den(stage, citizen)
    await ask(desk, card)
    stage.ahead += timedelta(seconds=31)
    await citizen.reads(ASKED, WHERE)
    second = await ask(Desk(stage), card, "Что вы видели")
    await desk.shows(second, "пока его можно отменить")
    await desk.press(second, "Отменить вопрос")
    await desk.shows(second, "отменён")
    assert await statuses(stage) == "needs_info", "one was taken back, the other waits for its answer"
    await desk.press(card, "Взять")
    await desk.shows(card, "в работе")
    citizen.types(receipt)
    await citizen.reads("У прокурора есть вопрос", WHERE)


async def test_a_question_does_not_leave_once_the_link_is_decided(undo_stage: Stage) -> None:
    stage, name = undo_stage, unique()
    citizen, desk, _ = await links(stage, name)
    card = await desk.sees(name)
    form = await ask(desk, card, OTHERS)
    await desk.press(card, "Доступ закрыт")
    stage.ahead += timedelta(seconds=31)
    await desk.shows(form, "отменён")
    await citizen.settled()
    assert not [heard for heard in citizen.heard if ASKED in heard.words]


async def test_whoever_erases_the_address_before_a_question_leaves_never_gets_it(undo_stage: Stage) -> None:
    stage, citizen = undo_stage, Citizen(undo_stage)
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    citizen.types("/forget")
    await citizen.reads("стёрты")
    await citizen.settled()
    assert "пока его можно отменить" in form.words, "nothing tells the desk that somebody has just erased something"
    stage.ahead += timedelta(seconds=31)
    await desk.shows(form, "связи с гражданином нет")
    await desk.sees("ответ не доставлен")
    assert not [heard for heard in citizen.heard if ASKED in heard.words]


async def test_the_desk_cannot_watch_when_a_question_reaches_a_phone(delayed_stage: Stage) -> None:
    stage, citizen = delayed_stage, Citizen(delayed_stage)
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    stage.ahead += timedelta(minutes=21)
    await citizen.reads(ASKED)
    await settled(stage)
    assert "пока его можно отменить" in form.words
    assert await stage.press(stage.officer, form, "Отменить вопрос") == "Карточка изменилась, посмотрите ещё раз"
    stage.ahead += timedelta(minutes=21)
    await desk.shows(form, "спросили, ждём ответа")


async def test_a_question_does_not_wait_behind_what_is_told_tomorrow(stage: Stage) -> None:
    first, second = unique(), unique()
    citizen, desk, _ = await links(stage, first, second)
    await desk.press(await desk.sees(first), "Доступ закрыт")
    await citizen.reads("доступ закрыт к 1")
    card = await desk.sees(second)
    await desk.press(card, "В Кибернадзор")
    await stage.until(
        "SELECT EXISTS (SELECT 1 FROM messages WHERE template = 'progress' AND outcome IS NULL AND due_at > now())"
    )
    await ask(desk, card, OTHERS)
    await citizen.reads(ASKED)
    [row] = await stage.fetch("SELECT count(*) AS n FROM messages WHERE template = 'progress' AND outcome IS NULL")
    assert row["n"] == 1, "it is told tomorrow all the same"


async def test_after_abuse_the_address_can_still_be_erased_by_the_button(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    form = await ask(desk, card)
    question = await citizen.reads(ASKED)
    await desk.press(card, "Злоупотребление")
    confirm = await desk.sees("не принимать новых")
    await desk.press(confirm, "Закрыть и не принимать")
    await desk.shows(confirm, "закрыто")
    await settled(stage)
    assert "не видел" not in form.words, "the citizen has seen it"
    assert "Обратный адрес стёрт" in await toast(citizen, inline(citizen, question, "Стереть мой адрес"))


# Officers


async def test_two_officers_may_ask_about_a_link_that_nobody_holds_but_not_at_once(undo_stage: Stage) -> None:
    stage, name = undo_stage, unique()
    citizen, desk, _ = await links(stage, name)
    card = await desk.sees(name)
    form = await ask(desk, card, OTHERS)
    await desk.shows(form, "пока его можно отменить")
    other = stage.sandbox.add_person("Бекзат")
    stage.sandbox.join(other, stage.desk)
    assert await stage.press(other, card, "Спросить") == "Готово"
    again = await desk.sees("вопрос гражданину", "Выберите готовый")
    assert "Айгерим" in await stage.press(other, again, "Что ещё известно")
    stage.ahead += timedelta(seconds=31)
    question = await citizen.reads(ASKED)
    await desk.shows(form, "спросили")
    await answer(citizen, question, "больше ничего не знаю")
    await sends(citizen)
    posted = await desk.sees("ответ гражданина")
    # The report is nobody's, and a reply to the answer is a reply to the card under which it stands.
    stage.sandbox.send_text(other, "А что на витрине?", chat=stage.desk, reply_to=posted.id)
    own = await desk.sees("это ещё не отправлено", "на витрине")
    assert own.reply_to == card.id
    assert await stage.press(other, own, "Отправить гражданину") == "Готово"
    stage.ahead += timedelta(seconds=31)
    await citizen.reads(ASKED, "на витрине")


async def test_an_officer_who_writes_as_the_desk_can_ask_about_the_card_they_hold(stage: Stage) -> None:
    citizen, anonymous = Citizen(stage), stage.sandbox.add_person("Асель")
    desk, card, _ = await a_den(stage, citizen)
    stage.sandbox.join(anonymous, stage.desk, status="administrator", anonymous=True)
    assert await stage.press(anonymous, card, "Взять") == "Готово"
    await desk.shows(card, "Асель")
    stage.sandbox.send_text(anonymous, "Какой подъезд?", chat=stage.desk, reply_to=card.id)
    form = await desk.sees("это ещё не отправлено", "Какой подъезд?")
    assert "Асель" in await stage.press(stage.officer, form, "Отправить гражданину"), "the card is somebody else's"
    assert await stage.press(anonymous, form, "Отправить гражданину") == "Готово"
    await citizen.reads(ASKED, "Какой подъезд?")


async def test_a_photo_in_reply_to_a_card_is_not_dropped_without_a_word(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    stage.sandbox.send_photos(stage.officer, [picture(1), picture(2)], "этот дом?", chat=stage.desk, reply_to=card.id)
    await desk.sees("Гражданину уходят только слова")
    await settled(stage)
    assert len([post for post in desk.posts if "только слова" in post.words]) == 1
    assert not await stage.fetch("SELECT 1 FROM forms WHERE sealed IS NOT NULL AND state = 'open'")


async def test_a_press_and_a_form_of_one_report_do_not_wait_for_each_other(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_den(stage, citizen)
    [row] = await stage.fetch("SELECT id FROM reports ORDER BY number DESC LIMIT 1")
    form = await asyncpg.connect(stage.url)
    try:
        # The order of a form: the report, then its card.
        await form.execute("BEGIN; SET LOCAL lock_timeout = '500ms'")
        await form.execute("BEGIN; SET LOCAL lock_timeout = '500ms'")
        await form.execute("SELECT 1 FROM reports WHERE id = $1 FOR UPDATE", row["id"])
        query = stage.sandbox.press(stage.officer, card.id, "Взять", chat=stage.desk)
        await stage.until("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        await form.execute("UPDATE cards SET due_at = due_at WHERE subject = $1", row["id"])
        await form.execute("COMMIT")
    finally:
        await form.close()
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[query].answered)
    await desk.shows(card, "в работе")


async def test_a_form_moves_with_the_desk(cluster: Embedded, wording: Wording) -> None:
    async with module_stage(cluster, wording, undo_seconds=30) as stage:
        citizen = Citizen(stage)
        desk, card, _ = await a_den(stage, citizen)
        form = await ask(desk, card)
        await desk.shows(form, "пока его можно отменить")
        stage.desk = stage.sandbox.migrate(stage.desk)
        moved = await Desk(stage).sees("пока его можно отменить")
        assert await stage.press(stage.officer, moved, "Отменить вопрос") == "Готово"
        stage.ahead += timedelta(seconds=31)
        await citizen.settled()
        assert not [heard for heard in citizen.heard if ASKED in heard.words]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("Это было 12.07.2026 или 1.8.26?", None),
        ("Было 12.07.2026.", None),
        ("8.70.11.23.45.67", "words_lead_away"),
        ("пишите ＠prosecutor", "words_lead_away"),
        ("＋７ ７０１ １２３ ４５ ６７", "words_lead_away"),
        ("т" * WORDS_MOST, None),
        ("🚪" * (WORDS_MOST // 2 + 1), "words_long"),
    ],
    ids=("dates", "a-date-at-the-end", "a-phone-as-dates", "wide-at", "wide-digits", "as-long-as-may-be", "emoji"),
)
def test_what_may_stand_in_an_officers_words(words: str, fault: str | None) -> None:
    assert refused(words) == fault
