"""Decisions with which something is said: each form with good and bad input; nothing is decided before it is whole."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Message
from tests.journeys.acting import Citizen, Desk, picture, settled, texts_of, unique
from tests.stage import Stage

ERDR = "227547031000089"


async def reported(stage: Stage, citizen: Citizen, kind: str = "den") -> tuple[Desk, Message, str]:
    desk, mark = Desk(stage), unique()
    if kind == "graffiti":
        citizen.types("/start")
        await citizen.reads(citizen.text("menu"))
        citizen.presses("kind:graffiti")
        await citizen.reads("")
        citizen.photos(1)
        await citizen.reads("Фото получили")
        citizen.presses("done")
        await citizen.reads("Где надпись")
        citizen.presses("skip")
        await citizen.reads("Хотите что-то добавить")
        citizen.types(mark)
        await citizen.reads("Если всё верно")
        receipt = await citizen.sends()
    else:
        receipt = await citizen.files(kind, f"t.me/{mark}" if kind == "link" else f"подъезд, {mark}")
    card = await desk.sees(mark)
    await settled(stage)
    return desk, card, receipt


async def opens(desk: Desk, card: Message, button: str) -> Message:
    before = {post.id for post in desk.replies(card)}
    await desk.press(card, button)
    form = await desk.sandbox.wait_for(
        lambda: next((post for post in desk.replies(card) if post.id not in before and post.inline), None), 15.0
    )
    await settled(desk.stage)
    return form


async def refused(desk: Desk, form: Message, words: str, *why: str) -> Message:
    """Answer a form with what it cannot take, and be told why."""
    answer, shown = desk.answers(form, words), form.words

    def told() -> Message | None:
        replies = (post for post in desk.posts if post.reply_to == answer.id)
        return next((post for post in replies if all(part in post.words for part in why)), None)

    refusal = await desk.sandbox.wait_for(told)
    assert form.words == shown
    return refusal


async def says(desk: Desk, form: Message, words: str, *shown: str) -> None:
    desk.answers(form, words)
    await desk.shows(form, *shown)
    await settled(desk.stage)


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message.inline for button in row]


async def undecided(stage: Stage, card: Message) -> None:
    assert "решено" not in card.words
    made = "SELECT 1 FROM decisions JOIN cards ON cards.subject = decisions.subject WHERE cards.message_id = $1"
    assert not await stage.fetch(made, card.id)


async def test_a_case_is_registered_with_its_number_and_article_and_found_by_it(stage: Stage, citizen: Citizen) -> None:
    desk, card, receipt = await reported(stage, citizen)
    form = await opens(desk, card, "Внесено в ЕРДР")
    assert labels(form) == ["Отмена"], "no article before the number"
    for bad in ("2275470310008", "2275470310000890", "не скажу", "22754703100008O"):
        told = await refused(desk, form, bad, "15 цифр")
    # Whoever replies to what they were told means the form.
    desk.answers(told, "22-7547-031000077")
    await desk.shows(form, "227547031000077")
    await says(desk, form, "ЕРДР № 22-7547 0310-00088", "227547031000088")
    await says(desk, form, ERDR, ERDR)
    await refused(desk, form, "22754703100", "15 цифр")
    await undecided(stage, card)
    assert {"297 · сбыт", "299-1 · пропаганда, реклама"} <= set(labels(form))
    await desk.press(form, "299-1")
    await desk.shows(card, "решено · Айгерим", f"внесено в ЕРДР · ЕРДР {ERDR}, ст. 299-1")
    await desk.shows(form, "решение поставлено")
    answer = await citizen.reads(citizen.text("kinds.den.feedback.registered"))
    assert ERDR not in answer.words
    citizen.types(receipt)
    await citizen.reads(citizen.text("status_decided"))
    assert not [text for text in texts_of(citizen.heard) if "ЕРДР" in text or "299" in text]
    [made] = await stage.fetch("SELECT erdr, article, sealed FROM decisions WHERE erdr IS NOT NULL")
    assert (made["erdr"], made["article"]) == (ERDR, "299-1")
    asked = stage.sandbox.send_text(stage.officer, "/find 22-7547-0310-00089", stage.desk)
    await stage.sandbox.wait_text(stage.desk.id, f"ЕРДР {ERDR}", after=asked.id)
    asked = stage.sandbox.send_text(stage.officer, "/find 227547031000999", stage.desk)
    await stage.sandbox.wait_text(stage.desk.id, "Ничего не найдено", after=asked.id)
    # Of another article it is said in words, which are confirmed.
    desk, card, _ = await reported(stage, Citizen(stage))
    await desk.decide(card, "Внесено в ЕРДР", ERDR, "ст. 303 ч. 2", "Поставить решение")
    await desk.shows(card, f"ЕРДР {ERDR} · ст. 303 ч. 2")
    [made] = await stage.fetch("SELECT article FROM decisions ORDER BY at DESC LIMIT 1")
    assert made["article"] == "other"
    asked = stage.sandbox.send_text(stage.officer, f"/find {ERDR}", stage.desk)
    await stage.sandbox.wait_text(stage.desk.id, "Найдено", after=asked.id)


async def test_to_whom_and_why_are_chosen_or_said_in_words_and_no_citizen_reads_them(stage: Stage) -> None:
    for button, ready, name in (
        ("Передано на проверку", "Полиция", "passed_on"),
        ("Отклонить", "Не о наркотиках", "rejected"),
    ):
        citizen = Citizen(stage)
        desk, card, _ = await reported(stage, citizen)
        await desk.decide(card, button, ready)
        await desk.shows(card, "решено", f"· {ready}")
        await citizen.reads(citizen.text(f"kinds.den.feedback.{name}"))
        other = Citizen(stage)
        desk, card, _ = await reported(stage, other)
        form = await opens(desk, card, button)
        assert "Интернет-провайдер" not in labels(form), "it fits links alone"
        await refused(desk, form, "д" * 121, "до 120")
        own = f"Управление {unique()} <b>"
        await says(desk, form, f"  {own}\n", own)
        await undecided(stage, card)
        await desk.press(form, "Поставить решение")
        await desk.shows(card, "решено", own)
        await other.reads(other.text(f"kinds.den.feedback.{name}"))
        for one in (citizen, other):
            assert not [text for text in texts_of(one.heard) if own in text or ready in text]
        rows = await stage.fetch("SELECT * FROM decisions UNION ALL SELECT * FROM decisions WHERE false")
        assert not [row for row in rows if any("Управление" in str(value) for value in row.values())]


@pytest.mark.parametrize("kind", ["den", "link"])
async def test_a_report_doubles_another_that_there_is(stage: Stage, kind: str) -> None:
    citizen = Citizen(stage)
    _, first, _ = await reported(stage, Citizen(stage), kind)
    number = first.words.split("№")[1].split()[0].rstrip(",")
    desk, card, _ = await reported(stage, citizen, kind)
    own = card.words.split("№")[1].split()[0].rstrip(",")
    form = await opens(desk, card, "Повтор")
    await refused(desk, form, "тот же", "номер карточки цифрами")
    await refused(desk, form, "999999", "Такого номера нет")
    await refused(desk, form, f"№{own}", "то же самое")
    await says(desk, form, f"№ {number}", f"№{number}")
    await undecided(stage, card)
    await desk.press(form, "Поставить решение")
    await desk.shows(card, "решено", f"повтор №{number}")
    await citizen.reads(citizen.text(f"kinds.{kind}.feedback.duplicate"))


async def test_what_was_removed_is_shown_by_a_cleaned_photo_or_by_none(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await reported(stage, citizen, "graffiti")
    form = await opens(desk, card, "Надпись закрашена")
    await refused(desk, form, "закрасили", "нужно фото")
    bad = stage.sandbox.send_document(
        stage.officer, "x.jpg", b"no picture", "image/jpeg", chat=stage.desk, reply_to=form.id
    )
    await desk.shows(form, "не открылось")
    assert bad.id
    await settled(stage)
    stage.sandbox.send_photos(stage.officer, [picture(9)], chat=stage.desk, reply_to=form.id)
    await desk.shows(form, "Фото «после» принято")
    await settled(stage)
    await undecided(stage, card)
    await desk.press(form, "Поставить решение")
    await desk.shows(card, "решено", "есть фото «после»")
    await citizen.reads(citizen.text("kinds.graffiti.feedback.removed"))
    [part] = await stage.fetch(
        "SELECT part.state, part.handle, part.sealed FROM parts AS part JOIN decisions ON decisions.id = part.report_id"
    )
    assert (part["state"], part["handle"]) == ("ready", None)
    assert part["sealed"]
    assert len(texts_of(citizen.heard)) == 2, "of the officer's photo nobody tells the citizen"
    other = Citizen(stage)
    desk, card, _ = await reported(stage, other, "graffiti")
    await desk.decide(card, "Надпись закрашена", "Без фото")
    await desk.shows(card, "решено", "надпись закрашена")
    assert "«после»" not in card.words


async def test_a_form_is_dropped_or_overtaken_and_decides_nothing_then(stage: Stage) -> None:
    desk, card, _ = await reported(stage, Citizen(stage))
    form = await opens(desk, card, "Отклонить")
    await says(desk, form, "не по адресу", "не по адресу")
    confirm = next(b["callback_data"] for row in form.inline for b in row if b["text"] == "Поставить решение")
    await desk.press(form, "Отмена")
    await desk.shows(form, "закрыто")
    assert "изменилась" in await stage.press(stage.officer, form, confirm, outdated=True)
    await undecided(stage, card)
    await refused(desk, form, "и всё же", "Эта форма закрыта")
    # A second press of the button closes the first form.
    form = await opens(desk, card, "Отклонить")
    second = await opens(desk, card, "Отклонить")
    await desk.shows(form, "закрыто")
    ready = next(b["callback_data"] for row in second.inline for b in row if b["text"] == "Не о наркотиках")
    other = stage.sandbox.add_person("Данияр")
    stage.sandbox.join(other, stage.desk, status="member")
    assert await stage.press(other, card, "Не подтвердилось") == "Готово"
    await desk.shows(second, "закрыто")
    await desk.shows(card, "решено · Данияр")
    assert "Данияр" in await stage.press(stage.officer, second, ready, outdated=True)
    # Of a form that was filled in, a second press tells that it is done.
    desk, card, _ = await reported(stage, Citizen(stage))
    form = await opens(desk, card, "Отклонить")
    ready = next(b["callback_data"] for row in form.inline for b in row if b["text"] == "Не о наркотиках")
    await desk.press(form, "Не о наркотиках")
    assert await stage.press(stage.officer, form, ready, outdated=True) == "Это уже сделано"
    assert "Айгерим" in await stage.press(other, form, ready, outdated=True)
    # What is written in a form never becomes a question to the citizen, whatever is forged.
    desk, card, _ = await reported(stage, Citizen(stage))
    form = await opens(desk, card, "Отклонить")
    await says(desk, form, "внутреннее", "внутреннее")
    packed = form.inline[0][0]["callback_data"].split(":")[1]
    for verb in "snwuh":
        assert await stage.press(stage.officer, form, f"f:{packed}:{verb}:", outdated=True) != "Готово"
    assert not await stage.fetch("SELECT 1 FROM messages WHERE template = 'question'")
