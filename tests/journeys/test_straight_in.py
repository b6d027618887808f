"""Sent with no dialogue open: a link, a list, a photo, a place, words. Each starts the right report."""

from __future__ import annotations

import pytest

from tests.journeys.acting import MOSCOW, TARAZ, Citizen, Desk, unique
from tests.journeys.conftest import nothing_refused
from tests.stage import Stage


async def test_a_pasted_link_is_one_message_and_one_press(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    desk = Desk(stage)
    citizen.types(f"смотрите https://t.me/{name}")
    summary = await citizen.reads(f"t.me/{name}")
    assert citizen.keyboard == [
        [citizen.label("send")],
        [citizen.label("restricted")],
        [citizen.label("back"), citizen.label("cancel")],
    ]
    assert "смотрите" in summary.words
    await citizen.sends()
    await citizen.settled()
    assert len(citizen.heard) == 1, "Send is answered by the acknowledgement alone"
    card = await desk.sees(f"t.me/{name}")
    assert "слова гражданина:\nсмотрите" in card.words
    copies = [button["copy_text"]["text"] for row in card.inline for button in row if "copy_text" in button]
    assert copies == [f"https://t.me/{name}"]
    assert not any(entity["type"] in ("url", "text_link", "mention") for entity in card.entities)


async def test_it_goes_by_webhook_too(webhook_stage: Stage) -> None:
    citizen, name = Citizen(webhook_stage, "kk"), unique()
    citizen.types(f"@{name}")
    await citizen.reads(f"t.me/{name}")
    await citizen.sends()
    nothing_refused(webhook_stage)


async def test_links_of_one_message_all_count(stage: Stage, citizen: Citizen) -> None:
    names = [unique() for _ in range(7)]
    text = f"t.me/{names[0]} @{names[1]}, https://www.instagram.com/{names[2]}/ и t.me/{names[0]}"
    entities = [
        {"type": "text_link", "offset": 0, "length": 4, "url": f"https://t.me/{names[3]}"},
        {"type": "text_link", "offset": 5, "length": 4, "url": f"https://t.me/{names[4]}"},
    ]
    citizen.types(text, entities=entities)
    await citizen.reads(f"t.me/{names[0]}", f"t.me/{names[1]}", names[2], f"t.me/{names[3]}", f"t.me/{names[4]}")
    await citizen.sends()
    await citizen.settled()
    assert len({m.id for n in names[:5] for m in Desk(stage).sandbox.messages(stage.desk.id) if n in m.words}) == 5


async def test_a_link_in_a_caption_takes_its_photo_as_the_screenshot(stage: Stage, citizen: Citizen) -> None:
    name, desk = unique(), Desk(stage)
    citizen.photos(1, caption=f"вот их канал t.me/{name}")
    await citizen.reads(f"t.me/{name}", "Фото: 1", "вот их канал")
    await citizen.sends()
    card = await desk.sees(f"t.me/{name}")
    [photo] = await desk.under(card, 1)
    assert photo.photo
    assert photo.spoiler


async def test_a_forwarded_post_names_its_channel_and_what_its_buttons_open(stage: Stage, citizen: Citizen) -> None:
    channel, shop, hidden = unique("channel"), unique(), unique()
    citizen.sent(
        stage.sandbox.forward_channel_post(
            citizen.person,
            "Магазин",
            channel,
            17,
            text="Жмите сюда, всё есть",
            buttons=[[("Купить", f"https://t.me/{shop}")]],
            entities=[{"type": "text_link", "offset": 6, "length": 4, "url": f"https://t.me/{hidden}?start=1"}],
        )
    )
    await citizen.reads(f"t.me/{channel}", f"t.me/{shop}", f"t.me/{hidden}", f"t.me/{channel}/17", "Жмите сюда")
    citizen.presses("cancel")
    await citizen.reads(citizen.text("cancelled"))
    citizen.sent(stage.sandbox.forward_channel_post(citizen.person, "Магазин", channel, 18))
    await citizen.reads(f"t.me/{channel}", f"t.me/{channel}/18")


async def test_a_forwarded_post_is_no_press_whatever_it_says(stage: Stage, citizen: Citizen) -> None:
    channel = unique("channel")
    citizen.sent(stage.sandbox.forward_channel_post(citizen.person, "Магазин", channel, 5, text="Лаборатория"))
    await citizen.reads(f"t.me/{channel}", "Лаборатория")


async def test_a_link_behind_a_slash_is_a_link_all_the_same(citizen: Citizen) -> None:
    name = unique()
    citizen.types(f"/sell t.me/{name}")
    await citizen.reads(f"t.me/{name}")


async def test_a_private_channel_names_nothing_but_its_post_is_kept(stage: Stage, citizen: Citizen) -> None:
    citizen.sent(
        stage.sandbox.forward_channel_post(
            citizen.person, "Закрытый", None, 3, text="Работаем по городу, пишите в личку"
        )
    )
    await citizen.reads(citizen.text("menu"))
    assert citizen.buttons[:6] == [citizen.label(f"kind:{kind}") for kind in stage.wording.kinds]
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("careful"), citizen.text("ask_location_or_address"))


LISTS = {
    "list.txt": ("t.me/{0}\r\nhttps://t.me/{1}\r\n\r\n@{2}\r\n", "utf-8", "text/plain"),
    "list.csv": ("имя;адрес\nпервый;t.me/{0}\nвторой;t.me/{1}\nтретий;@{2}\n", "cp1251", "text/csv"),
    "export.TXT": ("t.me/{0} t.me/{1} @{2}", "utf-16", "application/octet-stream"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_file_is_read_and_sent_with_one_press(stage: Stage, citizen: Citizen, name: str) -> None:
    text, encoding, mime = LISTS[name]
    names = [unique() for _ in range(3)]
    desk = Desk(stage)
    citizen.document(name, text.format(*names).encode(encoding), mime)
    await citizen.reads(citizen.text("list_reading"))
    await citizen.reads(citizen.text("list_read", links=3, unread=0))
    assert citizen.keyboard == [
        [citizen.label("send")],
        [citizen.label("restricted")],
        [citizen.label("back"), citizen.label("cancel")],
    ]
    await citizen.sends()
    for shop in names:
        await desk.sees(f"t.me/{shop}")


async def test_send_comes_only_when_the_list_was_read(stage: Stage, citizen: Citizen) -> None:
    citizen.document("list.txt", f"t.me/{unique()}".encode())
    reading = await citizen.reads(citizen.text("list_reading"))
    assert citizen.label("send") not in str(reading.markup)
    assert "Отправить" not in reading.words
    await citizen.reads(citizen.text("list_read", links=1, unread=0))
    citizen.presses("cancel")
    await citizen.reads(citizen.text("cancelled"))


async def test_of_a_long_list_the_first_thousand_lines_are_read(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.document("list.txt", "\n".join(f"t.me/{name}{n}" for n in range(1500)).encode())
    await citizen.reads(citizen.text("list_read", links=1000, unread=500))
    citizen.presses("cancel")
    await citizen.reads(citizen.text("cancelled"))


@pytest.mark.parametrize(
    "name,data,told",
    [
        ("list.txt", b" \r\n\r\n", "list_failed_empty"),
        ("list.txt", bytes(range(256)) * 9, "list_failed_unreadable"),
        ("list.csv", "просто слова\nи ещё слова".encode(), "list_failed_no_links"),
    ],
)
async def test_a_list_that_cannot_be_read_is_told_and_the_draft_goes_on(
    stage: Stage, citizen: Citizen, name: str, data: bytes, told: str
) -> None:
    citizen.document(name, data)
    await citizen.reads(citizen.text(told))
    shop = unique()
    citizen.types(f"t.me/{shop}")
    await citizen.reads(f"t.me/{shop}")
    await citizen.sends()


async def test_a_list_of_no_bytes_or_of_five_megabytes_is_refused_at_once(stage: Stage, citizen: Citizen) -> None:
    citizen.sent(stage.sandbox.send_document(citizen.person, "list.txt", b"", size=0))
    await citizen.reads(citizen.text("list_failed_empty"), citizen.text("menu"))
    citizen.sent(stage.sandbox.send_document(citizen.person, "list.txt", b"x", size=5 << 20))
    await citizen.reads(citizen.text("refused_list_big"), citizen.text("menu"))


async def test_a_list_that_hides_its_size_is_refused_when_it_is_read(stage: Stage, citizen: Citizen) -> None:
    citizen.sent(stage.sandbox.send_document(citizen.person, "list.txt", b"t.me/abcde\n" * 110_000, size=1000))
    await citizen.reads(citizen.text("refused_list_big"))


async def test_a_photo_asks_what_it_shows(stage: Stage, citizen: Citizen) -> None:
    citizen.photos(1)
    await citizen.reads(citizen.text("which_kind_photos"))
    wanted = [citizen.label(f"kind:{kind}") for kind in ("graffiti", "stash", "lab", "den")]
    assert citizen.keyboard == [wanted[:2], wanted[2:], [citizen.label("cancel")]]
    citizen.presses("kind:graffiti")
    await citizen.reads(citizen.text("kinds.graffiti.ask.location"))


async def test_a_location_asks_what_is_there(stage: Stage, citizen: Citizen) -> None:
    citizen.location()
    await citizen.reads(citizen.text("which_kind_location"))
    wanted = [citizen.label(f"kind:{kind}") for kind in ("place", "graffiti", "stash", "lab", "den")]
    assert citizen.buttons == [*wanted, citizen.label("cancel")]
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("kinds.place.ask.words"))


async def test_photo_and_place_together_leave_the_kinds_that_take_both(stage: Stage, citizen: Citizen) -> None:
    citizen.photos(1)
    await citizen.reads(citizen.text("which_kind_photos"))
    citizen.location()
    await citizen.reads(citizen.text("which_kind_photos"))
    wanted = [citizen.label(f"kind:{kind}") for kind in ("place", "graffiti", "stash", "lab", "den")]
    assert citizen.buttons == [*wanted, citizen.label("cancel")]


async def test_of_a_live_location_the_first_point_counts(stage: Stage, citizen: Citizen) -> None:
    live = citizen.location(live_period=900)
    await citizen.reads(citizen.text("which_kind_location"))
    stage.sandbox.move_live_location(citizen.person, live, 43.3, 77.0)
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("careful"))
    await citizen.settled()
    assert len(citizen.heard) == 1
    citizen.types("Третий этаж")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("42.90000, 71.36670")


async def test_a_venue_brings_its_point_and_its_name(stage: Stage, citizen: Citizen) -> None:
    citizen.sent(stage.sandbox.send_venue(citizen.person, *TARAZ, "Кафе Достык", "Абая 15"))
    await citizen.reads(citizen.text("which_kind_location"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads("42.90000, 71.36670", "Кафе Достык, Абая 15")


PLACES = [
    "42.9, 71.3667",
    "42,9000 71,3667",
    "42°54'00\"N 71°22'00\"E",
    "с.ш. 42.9 в.д. 71.3667",
    "geo:42.9,71.3667",
    "https://www.google.com/maps/@42.9,71.3667,17z",
    "https://yandex.kz/maps/?pt=71.3667,42.9&z=16",
    "https://2gis.kz/taraz/geo/71.3667,42.9",
    "https://maps.apple.com/?ll=42.9,71.3667",
    "https://www.openstreetmap.org/?mlat=42.9&mlon=71.3667#map=17/42.9/71.3667",
]


@pytest.mark.parametrize("place", PLACES)
async def test_typed_coordinates_and_map_links_are_places(citizen: Citizen, place: str) -> None:
    citizen.types(place)
    await citizen.reads(citizen.text("which_kind_location"))
    citizen.presses("kind:graffiti")
    await citizen.reads(citizen.text("kinds.graffiti.ask.photos", most=10))
    citizen.photos(1)
    await citizen.reads(citizen.text("photos_taken", count=1, most=10))
    citizen.presses("done")
    await citizen.reads(citizen.text("kinds.graffiti.ask.words"))
    citizen.presses("skip")
    summary = await citizen.reads("42.90000, 71.366")
    assert "blockquote" not in (summary.html or ""), "coordinates are no words"


async def test_a_short_map_link_is_kept_as_words_and_coordinates_are_asked_for(citizen: Citizen) -> None:
    citizen.types("https://go.2gis.com/abcde")
    await citizen.reads(citizen.text("short_map_link"), citizen.text("menu"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_location"))
    citizen.types("https://maps.app.goo.gl/AbCdEf123")
    await citizen.reads(citizen.text("short_map_link"), citizen.text("ask_location"))
    citizen.location()
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads("https://go.2gis.com/abcde", "https://maps.app.goo.gl/AbCdEf123")


async def test_coordinates_out_of_range_are_told_and_kept_nowhere(citizen: Citizen) -> None:
    citizen.types("95.1234, 200.5678")
    await citizen.reads(citizen.text("out_of_range"), citizen.text("menu"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_location"))
    citizen.types("95.1234, 200.5678")
    await citizen.reads(citizen.text("out_of_range"), citizen.text("ask_location"))
    citizen.location()
    asked = await citizen.reads(citizen.text("kinds.place.ask.words"))
    assert "95.1" not in asked.words


async def test_a_point_outside_the_country_is_asked_to_be_confirmed(stage: Stage, citizen: Citizen) -> None:
    desk, mark = Desk(stage), unique()
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_location"))
    citizen.location(MOSCOW)
    await citizen.reads(citizen.text("outside_country", latitude=MOSCOW[0], longitude=MOSCOW[1]))
    assert citizen.buttons == [citizen.label(name) for name in ("yes", "other_place", "cancel")]
    citizen.types(f"торгуют с грузовика, {mark}")
    await citizen.reads("55.7558, 37.6173")
    citizen.presses("yes")
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads("55.75580, 37.61730", mark)
    await citizen.sends()
    await desk.sees(mark, "55.75580, 37.61730")


async def test_words_first_are_kept_and_the_kind_is_asked(stage: Stage, citizen: Citizen) -> None:
    desk, mark = Desk(stage), unique()
    citizen.types(f"Здравствуйте, во дворе что-то прячут, {mark}")
    await citizen.reads(citizen.text("menu"))
    assert citizen.buttons == [*(citizen.label(f"kind:{k}") for k in stage.wording.kinds), citizen.label("cancel")]
    citizen.presses("kind:stash")
    await citizen.reads(citizen.text("careful"), citizen.text("ask_location_or_address"))
    citizen.types("Абая 15")
    await citizen.reads(citizen.text("kinds.stash.ask.photos", most=10))
    citizen.presses("skip")
    await citizen.reads("419", mark)
    await citizen.sends()
    await desk.sees(mark, "Абая 15")


async def test_a_greeting_alone_begins_nothing(citizen: Citizen) -> None:
    citizen.types("Салем!")
    await citizen.reads(citizen.text("menu"))
    assert citizen.label("help") in citizen.buttons


async def test_words_and_then_a_link_are_a_report_of_the_link(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.types("Здравствуйте, хочу сообщить о продаже наркотиков")
    await citizen.reads(citizen.text("menu"))
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}", "Здравствуйте, хочу сообщить")
    assert citizen.buttons[0] == citizen.label("send")
    await citizen.sends()


async def test_a_screenshot_and_then_its_link_are_a_report_of_the_link(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.photos(1)
    await citizen.reads(citizen.text("which_kind_photos"))
    citizen.types(f"t.me/{name}")
    await citizen.reads(f"t.me/{name}", "Фото: 1")


async def test_a_link_about_a_place_stays_in_its_words(stage: Stage, citizen: Citizen) -> None:
    name = unique()
    citizen.location()
    await citizen.reads(citizen.text("which_kind_location"))
    citizen.types(f"t.me/{name}")
    await citizen.reads(citizen.text("which_kind_location"))
    citizen.presses("kind:place")
    await citizen.reads(citizen.text("ask_photos", most=10))
    citizen.presses("skip")
    await citizen.reads(f"t.me/{name}", "42.90000, 71.36670")


async def test_a_screenshot_where_a_link_is_asked_asks_for_what_it_shows(citizen: Citizen) -> None:
    citizen.types("/start")
    await citizen.reads(citizen.text("menu"))
    citizen.presses("kind:link")
    await citizen.reads(citizen.text("ask_links"))
    citizen.types("там продают")
    await citizen.reads(citizen.text("missing_links"), citizen.text("ask_links"))
    citizen.photos(1)
    await citizen.reads(citizen.text("screenshot_taken"))
    name = unique()
    citizen.types(f"@{name}")
    await citizen.reads(f"t.me/{name}", "Фото: 1", "там продают")


async def test_a_link_with_a_login_code_is_refused_and_kept_nowhere(stage: Stage, citizen: Citizen) -> None:
    citizen.types("помогите https://t.me/login/48213 пришло от них")
    await citizen.reads(citizen.text("refused_login_link"))
    citizen.presses("kind:den")
    await citizen.reads(citizen.text("ask_location_or_address"))
    citizen.presses("skip")
    await citizen.reads(citizen.text("kinds.den.ask.photos", most=10))
    citizen.presses("skip")
    summary = await citizen.reads("помогите", "пришло от них")
    assert "48213" not in summary.words
    desk = Desk(stage)
    await citizen.sends()
    card = await desk.sees("помогите", "пришло от них")
    assert "48213" not in card.words
    [row] = await stage.fetch("SELECT id, sealed FROM reports ORDER BY number DESC LIMIT 1")
    filed = stage.app.reports.open_contents(row["id"], row["sealed"])
    assert filed.words.split() == ["помогите", "пришло", "от", "них"]
    for dialogue in await stage.fetch("SELECT chat_hash, sealed FROM dialogues"):
        assert b"48213" not in stage.app.ring.open("dialogues", dialogue["chat_hash"], dialogue["sealed"])
    assert not await stage.fetch("SELECT 1 FROM resources WHERE url LIKE '%48213%'")
