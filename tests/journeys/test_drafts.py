"""A draft takes all that its kind takes, whatever the step: many links, lists, albums; and what it refuses, it says."""

from __future__ import annotations

import pytest

from bot.sandbox.world import Message
from tests.journeys.acting import TARAZ, Citizen, Desk, picture, texts_of, unique
from tests.stage import Stage


async def begin(citizen: Citizen, kind: str) -> None:
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses(f"kind:{kind}")
    await citizen.reads("")


def counters(citizen: Citizen) -> list[Message]:
    return [m for m in citizen.sandbox.messages(citizen.id) if m.from_bot and m.words.startswith("Ссылок в сообщении")]


async def test_all_that_a_kind_takes_is_added_whatever_the_step(stage: Stage, citizen: Citizen) -> None:
    desk, mark = Desk(stage), unique()
    await begin(citizen, "graffiti")
    citizen.types(f"жёлтая краска, {mark}")
    await citizen.reads(citizen.text("missing_photos", count=0, required=True))
    citizen.location()
    await citizen.reads(citizen.text("kinds.graffiti.ask.photos", most=10))
    citizen.photos(2)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.types(f"вход со двора t.me/{mark}")
    await citizen.reads(citizen.text("photos_taken", count=2, most=10))
    citizen.presses("done")
    await citizen.reads("жёлтая краска", f"вход со двора t.me/{mark}", "42.90000, 71.36670", "Фото: 2")
    citizen.photos(1)
    await citizen.reads("Фото: 3")
    citizen.location((42.95, 71.4))
    await citizen.reads("42.95000, 71.40000", "Фото: 3")
    await citizen.sends()
    card = await desk.sees(mark, f"вход со двора t.me/{mark}")
    under = await desk.under(card, 4)
    assert [m.location for m in under if m.location] == [{"latitude": 42.95, "longitude": 71.4}]
    resources = [m for m in desk.posts if m.words.startswith("Telegram")]
    assert resources == [], "a link in another kind's draft stays in its words"


async def test_fifty_messages_of_links_are_one_counter_and_never_fifty_answers(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.types(f"t.me/{name}n0")
    await citizen.reads(f"t.me/{name}n0")
    start = citizen.last
    for number in range(1, 50):
        citizen.types(f"t.me/{name}n{number} t.me/{name}n{number - 1}")
    await stage.sandbox.wait_for(lambda: counters(citizen) and "50" in counters(citizen)[0].words)
    await citizen.settled()
    heard = [m for m in stage.sandbox.messages(citizen.id) if m.from_bot and m.id > start]
    assert len(heard) == 2, texts_of(heard)
    assert counters(citizen)[0].words == citizen.text("counter", links=50)
    assert citizen.buttons[0] == citizen.label("send")
    desk = Desk(stage)
    await citizen.sends()
    card = await desk.sees("50 ссылок")
    await citizen.settled()
    assert desk.posts == [card], "one card for the list"
    rows = await stage.fetch("SELECT 1 FROM cards WHERE recipient = 'citizen'")
    assert rows == [], "no message id of a citizen is kept after sending"


async def test_more_links_than_a_dialogue_holds_overflow_and_doubles_count_once(stage: Stage, citizen: Citizen) -> None:
    name, desk = unique(), Desk(stage)
    for start in range(0, 130, 26):
        citizen.types("\n".join(f"t.me/{name}n{n}" for n in range(max(0, start - 5), start + 26)))
    await stage.sandbox.wait_for(lambda: counters(citizen) and "130" in counters(citizen)[0].words)
    citizen.types("больше не знаю, это всё")
    await citizen.reads("и ещё 125 ссылок", "больше не знаю")
    await citizen.sends()
    await desk.sees("130 ссылок", "больше не знаю")
    [row] = await stage.fetch("SELECT count(*) AS links FROM resources WHERE url LIKE $1", f"https://t.me/{name}n%")
    assert row["links"] == 130


async def test_danger_in_a_message_of_links_is_heard_though_links_are_only_counted(citizen: Citizen) -> None:
    name = unique()
    for number in range(3):
        citizen.types(f"t.me/{name}n{number}")
    citizen.types(f"t.me/{name}n3 мой брат у них купил, он не дышит")
    help_said = await citizen.reads("112", "103")
    assert help_said.words.startswith("Если сейчас чья-то жизнь в опасности")


async def test_a_list_of_640_links_is_one_card_and_each_resource_is_decided_on_its_own(stage: Stage) -> None:
    first, second, name = Citizen(stage), Citizen(stage, "kk"), unique()
    desk = Desk(stage)
    lines = [f"https://t.me/{name}n{n}" for n in range(640)]
    first.document("list.txt", "\n".join([*lines, lines[0], f"@{name}N1"]).encode())
    await first.reads(first.text("list_read", links=640, unread=0))
    receipt = await first.sends()
    card = await desk.sees("Всего 640 ссылок, первые 10")
    await first.settled()
    assert desk.posts == [card]
    second.types(lines[7])
    await second.reads(f"{name}n7")
    await second.sends()
    own = await desk.sees(f"{name}n7", "Сообщили: 2 человека")
    await desk.press(own, "Доступ закрыт")
    await second.reads(second.text("kinds.link.feedback.blocked"))
    await first.reads(first.text("progress", closed=1, sent=0, total=640))
    first.types(receipt)
    await first.reads(first.text("status_in_progress"), first.text("progress", closed=1, sent=0, total=640))


async def test_a_resource_that_another_citizen_reports_keeps_its_card_and_counts(stage: Stage) -> None:
    name, desk = unique(), Desk(stage)
    people = [Citizen(stage), Citizen(stage, "en"), Citizen(stage, "kk")]
    for number, person in enumerate(people):
        person.types(f"t.me/{name} слышал от соседа {number}")
        await person.reads(f"t.me/{name}")
        await person.sends()
        await person.settled()
    # The same person on the same day counts once.
    people[0].types(f"https://telegram.me/{name}/15 и t.me/{name.upper()}")
    await people[0].reads(f"t.me/{name}")
    await people[0].sends()
    await people[0].settled()
    cards = [m for m in desk.posts if f"t.me/{name}\n" in m.words]
    assert len(cards) == 1
    assert "Сообщили: 3 человека" in cards[0].words
    assert all(f"слышал от соседа {number}" in cards[0].words for number in range(3))


async def test_a_decided_resource_that_is_reported_again_reopens(stage: Stage) -> None:
    name, desk = unique(), Desk(stage)
    first, second = Citizen(stage), Citizen(stage, "en")
    first.types(f"t.me/{name}")
    await first.reads(f"t.me/{name}")
    await first.sends()
    card = await desk.sees(f"t.me/{name}")
    await desk.press(card, "Доступ закрыт")
    await first.reads(first.text("kinds.link.feedback.blocked"))
    second.types(f"t.me/{name}")
    await second.reads(f"t.me/{name}")
    await second.sends()
    await desk.shows(card, "Сообщили снова", "новое", "2 человека")
    await desk.press(card, "Взять")
    await second.settled()
    told = second.text("kinds.link.feedback.blocked")
    assert [m.words for m in second.heard if m.words == told] == [], "a claim tells nobody that access is closed"
    await desk.press(card, "Доступ закрыт")
    await second.reads(told)


async def test_claiming_one_of_several_links_tells_the_citizen_nothing(stage: Stage, citizen: Citizen) -> None:
    name, desk = unique(), Desk(stage)
    citizen.types(f"t.me/{name}a t.me/{name}b")
    await citizen.reads(f"t.me/{name}b")
    await citizen.sends()
    card = await desk.sees(f"t.me/{name}a")
    await desk.press(card, "Взять")
    await citizen.settled()
    assert len(citizen.heard) == 1, texts_of(citizen.heard)


# Photos


async def test_an_album_of_ten_is_answered_once_and_the_eleventh_photo_is_refused_once(
    stage: Stage, citizen: Citizen
) -> None:
    desk, mark = Desk(stage), unique()
    await begin(citizen, "graffiti")
    citizen.photos(10)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    await citizen.settled()
    assert len(citizen.heard) == 1
    citizen.photos(2)
    await citizen.reads(citizen.text("photos_too_many", most=10), citizen.text("photos_taken", count=10, most=10))
    await citizen.settled()
    assert len(citizen.heard) == 1
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.location"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.types(mark)
    summary = await citizen.reads("Фото: 10")
    assert "Можно ещё добавить: точку на карте." in summary.words, "no more photos fit, and nobody offers it"
    await citizen.sends()
    card = await desk.sees(mark)
    assert len(await desk.under(card, 10)) == 10


async def test_an_album_over_the_limit_is_told_once(citizen: Citizen) -> None:
    await begin(citizen, "graffiti")
    citizen.photos(5)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.photos(9)
    await citizen.settled()
    said = texts_of(citizen.heard)
    assert len(said) == 2, said
    assert citizen.text("photos_too_many", most=10) in said[1]


async def test_photos_come_as_files_too_and_heic_is_read(stage: Stage, citizen: Citizen) -> None:
    from tests.unit.test_photos import HEIC

    desk, mark = Desk(stage), unique()
    await begin(citizen, "graffiti")
    stage.sandbox.send_documents(
        citizen.person, [("IMG_1.HEIC", HEIC, "image/heic"), ("b.png", picture(3, "PNG"), "image/png")]
    )
    citizen.document("scan.jpg", picture(4), None)
    await citizen.reads(citizen.text("photos_taken", count=3, most=10))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.location"))
    citizen.types(mark)
    await citizen.reads(citizen.text("missing_location"))
    citizen.presses("skip")
    await citizen.reads("Фото: 3")
    await citizen.sends()
    card = await desk.sees(mark)
    photos = await desk.under(card, 3)
    assert all(photo.photo for photo in photos)
    # The photos may stand under the card before its count is edited.
    await desk.stage.sandbox.wait_for(lambda: "Фото: 3" in card.words)


async def test_a_damaged_picture_is_told_and_the_card_shows_it(stage: Stage, citizen: Citizen) -> None:
    desk, mark = Desk(stage), unique()
    await begin(citizen, "graffiti")
    citizen.sent(stage.sandbox.send_photos(citizen.person, [picture(7)[:200]])[0])
    await citizen.reads(citizen.text("photo_refused_damaged"))
    citizen.photos(1)
    await citizen.reads(citizen.text("photos_taken", count=2, most=10))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.location"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.types(mark)
    await citizen.reads(mark)
    await citizen.sends()
    card = await desk.sees(mark)
    await desk.shows(card, "Фото: 1 · не принято: 1")
    assert len(await desk.under(card, 1)) == 1


async def test_a_bad_photo_that_is_found_after_sending_is_told_and_shown(stage: Stage, citizen: Citizen) -> None:
    desk, mark = Desk(stage), unique()
    await begin(citizen, "den")
    citizen.types(f"{mark} на третьем этаже")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.document("photo.jpg", b"\xff\xd8\xff\xe0 not a photo at all", "image/jpeg")
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads("419")
    citizen.presses("send")
    card = await desk.sees(mark)
    await desk.shows(card, "не принято: 1")
    await stage.sandbox.wait_for(
        lambda: any("Одно фото" in m.words or "Один файл" in m.words for m in stage.sandbox.messages(citizen.id)), 15
    )
    await citizen.settled()
    assert desk.replies(card) == []


# What cannot be taken


REFUSED = {
    "send_voice": "refused_voice",
    "send_audio": "refused_voice",
    "send_video": "refused_video",
    "send_video_note": "refused_video",
    "send_animation": "refused_video",
    "send_sticker": "refused_other",
    "send_contact": "refused_contact",
    "send_poll": "refused_other",
    "send_dice": "refused_other",
    "send_story": "refused_other",
}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_what_cannot_be_taken_is_refused_with_the_reason_and_the_draft_stays(stage: Stage, language: str) -> None:
    citizen, mark = Citizen(stage, language), unique()
    await begin(citizen, "stash")
    citizen.types(f"Под трубой, {mark}")
    question = citizen.text("ask_location_or_address")
    await citizen.reads(question)
    for act, told in REFUSED.items():
        citizen.sent(getattr(stage.sandbox, act)(citizen.person))
        await citizen.reads(citizen.text(told), question)
    for name, data, mime in (
        ("a.pdf", b"%PDF", "application/pdf"),
        ("b.exe", b"MZ", None),
        ("c.mp4", b"0", "video/mp4"),
    ):
        citizen.document(name, data, mime)
        await citizen.reads(citizen.text("refused_file"), question)
    citizen.document("list.txt", b"t.me/abcde")
    await citizen.reads(citizen.text("not_taken_links"), question)
    citizen.sent(stage.sandbox.send_document(citizen.person, "a.jpg", b"0", "image/jpeg", size=21 << 20))
    await citizen.reads(citizen.text("refused_photo_big"), question)
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.stash.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads(mark)


async def test_with_no_draft_a_refusal_shows_the_menu(stage: Stage, citizen: Citizen) -> None:
    for act, told in REFUSED.items():
        citizen.sent(getattr(stage.sandbox, act)(citizen.person))
        await citizen.reads(citizen.text(told), citizen.text("menu"))


async def test_words_beside_a_video_are_kept_though_the_video_is_not(stage: Stage, citizen: Citizen) -> None:
    await begin(citizen, "den")
    citizen.document("video.mp4", b"0", "video/mp4", caption="Абая 15, третий этаж")
    await citizen.reads(citizen.text("refused_file"), citizen.text("ask_location_or_address"))


async def test_over_four_thousand_characters_is_told_and_the_rest_is_not_added(stage: Stage, citizen: Citizen) -> None:
    await begin(citizen, "den")
    citizen.types("а" * 3000)
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.types("б" * 3000)
    await citizen.reads(citizen.text("words_full", most=4000))
    citizen.presses("skip")
    await citizen.reads("а" * 300 + "…")
    desk = Desk(stage)
    await citizen.sends()
    card = await desk.sees("а" * 1000)
    assert "б" not in card.words.split("а" * 1000)[0]


async def test_a_long_address_loses_nothing(stage: Stage, citizen: Citizen) -> None:
    await begin(citizen, "den")
    citizen.types("Третий этаж, ходят ночью")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.types("дом за школой, " * 40 + "синяя дверь")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("Третий этаж", "синяя дверь", "Адрес: дом за школой")


async def test_a_link_is_no_address_of_a_house(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    await begin(citizen, "den")
    citizen.types("Третий этаж, ходят ночью")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.types(f"t.me/{name}")
    await citizen.reads(citizen.text("missing_location"), citizen.text("ask_location_or_address"))
    citizen.types("Абая 15")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads(f"t.me/{name}", "Адрес: Абая 15")


async def test_a_point_sent_to_a_link_is_refused_and_a_typed_one_stays_in_its_words(citizen: Citizen) -> None:
    name = unique()
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}")
    citizen.location(TARAZ)
    await citizen.reads(citizen.text("not_taken_location"), f"t.me/{name}")
    citizen.types("42.9, 71.3667")
    summary = await citizen.reads("42.9, 71.3667")
    assert "нельзя" not in summary.words


async def test_a_flood_of_one_citizen_leaves_the_others_served(stage: Stage, citizen: Citizen) -> None:
    other, name = Citizen(stage), unique()
    for number in range(40):
        citizen.types(f"t.me/{name}n{number}")
    other.types(f"t.me/{name}other")
    await other.reads(f"t.me/{name}other")
    await citizen.settled()
