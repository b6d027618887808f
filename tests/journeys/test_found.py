"""A channel dies and names its successor: the desk is asked, takes it up and closes it, counted apart from reports."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.purge import Purge
from bot.reports.figures import Figures, Period
from bot.reports.register import Asked, Register, Row
from bot.sandbox.world import Message, Person
from tests.evidence.town import nobody
from tests.evidence.web import Answer, Web, page
from tests.journeys.acting import Citizen, Desk, plain, settled, unique
from tests.journeys.test_captures import shared_stage, web
from tests.stage import Stage

__all__ = ["shared_stage", "web"]
ALREADY, DONE = "Это уже сделано", "Готово"


def channel(name: str, said: str) -> Answer:
    return page(
        f'<title>{name}</title><div class="tgme_page"><div class="tgme_page_title"><span>{name}</span></div>'
        f'<div class="tgme_page_extra">9 412 subscribers</div><div class="tgme_page_description">{said}</div>'
        '<a class="tgme_action_button_new" href="tg://resolve?domain=telegram">View in Telegram</a></div>'
    )


async def reported(stage: Stage, name: str) -> tuple[Message, int]:
    """Have a channel reported; give its card and the №."""
    citizen, desk = Citizen(stage), Desk(stage)
    citizen.types(f"t.me/{name}")
    await citizen.reads(name)
    await citizen.sends()
    card = await desk.sees(f"t.me/{name}", "Сообщили")
    await settled(stage)
    return card, int(re.findall(r"№(\d+)", card.words)[0])


async def captured(stage: Stage, number: int) -> str:
    """Have a report's links captured; give what the officer is told."""
    desk = Desk(stage)
    stage.ahead += timedelta(minutes=3)
    await stage.until("SELECT count(*) > 0 FROM watches")
    stage.sandbox.send_text(stage.officer, f"/capture {number}", chat=stage.desk)
    told = await desk.sees("Снимок сохранён")
    await settled(stage)
    return told.words


async def pressed(stage: Stage, message: Message, button: str, officer: Person | None = None) -> str | None:
    press = stage.sandbox.presses[
        stage.sandbox.press(officer or stage.officer, message.id, button, chat=stage.desk, outdated=button[:2] == "n:")
    ]
    await stage.sandbox.wait_for(lambda: press.answered)
    return press.text


def buttons(message: Message) -> list[str]:
    return [button["text"] for row in message.inline for button in row]


async def figures(stage: Stage) -> Figures:
    # Whatever the time of day: the journey may begin before midnight and end after it.
    today = stage.app.counting.today
    return (await stage.app.counting.figures(Period(today - timedelta(days=7), today + timedelta(days=1))))[0]


async def register(stage: Stage, status: str | None = None) -> list[Row]:
    rows = Register(stage.database, stage.app.ring, ZoneInfo(stage.app.settings.timezone)).rows(Asked(status=status))
    return [row async for row in rows]


async def asked(stage: Stage, command: str, *contains: str, by: Person | None = None) -> Message:
    desk = Desk(stage)
    stage.sandbox.send_text(by or stage.officer, command, chat=stage.desk)
    return await desk.sees(*contains)


async def test_a_channel_that_names_its_successor(stage: Stage, web: Web) -> None:
    old, new, side, shop = unique("old"), unique("new"), unique("side"), unique("shop")
    invite = "AbCdEfGh12345678"
    said = f"Мы переехали: @{new}<br>Отзывы @{side}<br>Новый чат t.me/+{invite}<br>Ещё мы: "
    said += f'<a href="https://instagram.com/{shop}">инста</a>'
    web.sites[f"t.me/{old}"] = channel(old, said)
    desk, second = Desk(stage), stage.sandbox.add_person("Бекзат")
    stage.sandbox.join(second, stage.desk, status="member")
    _, number = await reported(stage, old)
    before = await figures(stage)
    await captured(stage, number)

    post = await desk.sees("Найдено на странице", f"t.me/{old}", f"№{number}", new, side, shop)
    first = next(line for line in post.words.splitlines() if line.startswith("1."))
    assert new in first
    assert "направляет сюда" in first
    assert post.words.count("направляет сюда") == 1
    assert invite not in post.words
    assert len([each for each in desk.posts if "Найдено на странице" in each.words]) == 1, "one message a capture"
    assert len(buttons(post)) == 6
    listed = await asked(stage, "/found", "ждёт решения: 3")
    assert {new, side, shop} <= set(re.findall(r"\w+_\d{4}x", listed.words))
    assert (await figures(stage)).found == before.found + 3

    holder = await taken_once(stage, post, second)
    taken = await desk.sees(f"t.me/{new}", "Никто об этом не сообщал", "в работе")
    assert f"Найдено на странице t.me/{old}" in taken.words
    assert "Сообщили" not in taken.words
    assert not {"Спросить", "Передать", "Скрыть", "Злоупотребление"} & set(buttons(taken))
    await desk.shows(post, "взято в работу")
    assert buttons(post) == ["2 · В работу", "2 · Не то", "3 · В работу", "3 · Не то"]

    assert await pressed(stage, post, "3 · Не то", second) == DONE
    await desk.shows(post, "не то, Бекзат")
    assert "3 · Вернуть" in buttons(post)
    assert await pressed(stage, post, "3 · Вернуть") == DONE
    await stage.sandbox.wait_for(lambda: "3 · Не то" in buttons(post))
    assert await pressed(stage, post, "3 · Не то", second) == DONE
    await desk.shows(post, "не то, Бекзат")

    await seen_again(stage, web, desk, new, side)
    await in_lists(stage, new, holder)
    await captured_by_its_link(stage, web, old, new, number)
    await counted_apart(stage, desk, taken, before, new, holder)
    await reported_by_a_citizen(stage, desk, post, shop)
    await found_and_then_reported(stage, taken, new)
    web.sites[f"t.me/{old}"] = nobody(old)
    await what_goes_with_its_term(stage, side)


async def taken_once(stage: Stage, post: Message, second: Person) -> Person:
    """Two officers press at the same time, and one of them again on a phone that shows what was; give the sooner."""
    data = post.inline[0][0]["callback_data"]
    answers = await asyncio.gather(pressed(stage, post, data, second), pressed(stage, post, data))
    assert sorted(map(str, answers)) == sorted([ALREADY, DONE])
    assert await pressed(stage, post, data) == ALREADY
    assert (await stage.fetch("SELECT count(*) AS many FROM resources WHERE found_at IS NOT NULL"))[0]["many"] == 1
    return second if answers[0] == DONE else stage.officer


async def seen_again(stage: Stage, web: Web, desk: Desk, new: str, side: str) -> None:
    """Another page names the same: nothing is proposed twice, not even what was declined, and the count rises."""
    other = unique("other")
    web.sites[f"t.me/{other}"] = channel(other, f"Резерв: @{new} @{side}")
    _, number = await reported(stage, other)
    posts = len(desk.posts)
    await captured(stage, number)
    places = "SELECT 1 FROM found_places JOIN found_links ON id = found_id WHERE url LIKE $1"
    assert len(await stage.fetch(places, f"%{side}")) == 2
    assert not any("Найдено" in each.words and other in each.words for each in desk.posts[posts:])


async def in_lists(stage: Stage, new: str, holder: Person) -> None:
    await settled(stage)
    # It is watched as any other is.
    await stage.until(
        "SELECT EXISTS (SELECT FROM watches JOIN resources ON id = resource_id WHERE found_at IS NOT NULL)"
    )
    assert "найдено" in (await asked(stage, "/mine", "В работе", by=holder)).words
    await asked(stage, f"/find t.me/{new}", f"t.me/{new}", "Никто об этом не сообщал")


async def captured_by_its_link(stage: Stage, web: Web, old: str, new: str, number: int) -> None:
    """It has no №: an officer who wants its page now names the link; of one that was reported the № is told."""
    web.sites[f"t.me/{new}"] = channel(new, "Снова с вами")
    stage.ahead += timedelta(minutes=3)
    await asked(stage, f"/capture t.me/{new}", f"t.me/{new} · снимаю 1 ссылку")
    told = await Desk(stage).sees("Снимок сохранён", f"t.me/{new}", new, "когда о ссылке кто-нибудь сообщит")
    assert "№" not in told.words
    stage.ahead += timedelta(minutes=3)
    await asked(stage, f"/capture https://telegram.me/{old}", f"№{number} · снимаю 1 ссылку")
    await asked(stage, f"/capture t.me/{unique()}", "Ничего не найдено")
    await asked(stage, "/capture t.me/+AbCdEfGh12345678", "Ничего не найдено")
    await settled(stage)
    noted = "SELECT sort FROM journal WHERE act = 'capture' ORDER BY id DESC LIMIT 2"
    assert [row["sort"] for row in await stage.fetch(noted)] == ["report", "resource"]


async def counted_apart(stage: Stage, desk: Desk, taken: Message, before: Figures, new: str, holder: Person) -> None:
    await sent_by_the_register(stage, desk, taken, holder)
    now = await figures(stage)
    assert await pressed(stage, taken, "Доступ закрыт", holder) == DONE
    await desk.shows(taken, "доступ закрыт")
    await settled(stage)
    assert "гражданин" not in taken.words.lower()
    after = await figures(stage)
    assert (after.found, after.taken, after.found_blocked) == (
        before.found + 3,
        before.taken + 1,
        before.found_blocked + 1,
    )
    for name in (
        "reports",
        "resources",
        "by_platform",
        "blocked",
        "sent_to_block",
        "claim",
        "decide",
        "by_day",
        "reach",
    ):
        assert getattr(after, name) == getattr(now, name), name
    assert "из них взято" in (await asked(stage, "/stats", "Найдено на страницах")).words
    rows = await register(stage)
    assert [(row.link, row.first_reported, row.numbers, row.times_reported, row.status) for row in rows[-1:]] == [
        (f"https://t.me/{new}", None, [], 0, "blocked")
    ]
    assert rows[-1] in await register(stage, "blocked")
    assert rows[-1] not in await register(stage, "open")


async def sent_by_the_register(stage: Stage, desk: Desk, taken: Message, holder: Person) -> None:
    """The register holds it, and tells so; who hands that in marks it with the others."""
    file = await asked(stage, "/register", "никто о них не сообщал: 1", by=holder)
    await settled(stage)
    stage.sandbox.send_text(holder, "/sent", chat=stage.desk, reply_to=file.id)
    await desk.shows(taken, "направлен")
    await settled(stage)
    marked = await stage.fetch("SELECT url, found_at FROM resources WHERE decision = 'sent_to_block'")
    assert len(marked) == 3
    assert (await figures(stage)).sent_to_block == 2, "what nobody reported is none of these"


async def reported_by_a_citizen(stage: Stage, desk: Desk, post: Message, shop: str) -> None:
    """What was found and lies proposed is reported: that is a report like any other, and nothing is asked any more."""
    citizen = Citizen(stage)
    citizen.types(f"instagram.com/{shop}")
    await citizen.reads(shop)
    await citizen.sends()
    card = await desk.sees(f"instagram.com/{shop}", "Сообщили: 1 человек")
    assert "Найдено" not in card.words
    stage.ahead += timedelta(minutes=2)
    await desk.shows(post, "о ней уже сообщили")
    await asked(stage, "/found", "Сейчас таких ссылок нет")


async def found_and_then_reported(stage: Stage, taken: Message, new: str) -> None:
    """What was found, taken up and closed is reported after all: from then on it is a link like any other."""
    citizen, desk, before = Citizen(stage), Desk(stage), await figures(stage)
    citizen.types(f"t.me/{new}")
    await citizen.reads(new)
    await citizen.sends()
    await desk.shows(taken, "Сообщили снова", "Сообщили: 1 человек", "Найдено на странице")
    await settled(stage)
    after = await figures(stage)
    assert (after.resources.total, after.repeats, after.returned) == (
        before.resources.total + 1,
        before.repeats,
        before.returned + 1,
    )
    assert (after.found, after.taken) == (before.found, before.taken)
    row = next(row for row in await register(stage) if new in row.link)
    assert (row.times_reported, len(row.numbers)) == (1, 1)
    assert row.first_reported is not None


async def what_goes_with_its_term(stage: Stage, side: str) -> None:
    """After its term the address of what is nothing is gone, its key stays; then a press changes nothing."""
    await stage.fetch(
        "INSERT INTO found_links (id, key, platform, what, url, resource_id, capture_id, successor, state, at) "
        "SELECT gen_random_uuid(), '\\x01', platform, what, url, resource_id, id, false, 'proposed', at "
        "FROM found_links LIMIT 1"
    )
    stage.ahead += timedelta(days=stage.app.settings.retention_days + 1)
    gone = await Purge(stage.database, stage.app.ring, stage.now, stage.app.settings).run()
    assert gone["addresses of found links that were declined"] == 1
    assert gone["found links that nobody answered"] == 1
    assert await stage.fetch("SELECT 1 FROM cards WHERE sort = 'found'") == []
    rows = await stage.fetch("SELECT state FROM found_links WHERE url IS NULL")
    assert [row["state"] for row in rows] == ["declined"]
    assert await stage.fetch("SELECT 1 FROM found_links WHERE url LIKE $1", f"%{side}") == []


async def test_a_long_list_of_finds_is_turned_over(stage: Stage) -> None:
    word = unique("many")
    await stage.fetch(
        "INSERT INTO found_links (id, key, platform, what, url, resource_id, capture_id, successor, state, at) "
        "SELECT gen_random_uuid(), convert_to($1 || place, 'utf8'), 'telegram', 'channel', "
        "'https://t.me/' || $1 || place, gen_random_uuid(), gen_random_uuid(), false, 'proposed', "
        "date_trunc('minute', now()) - place / 5 * interval '1 minute' "
        "FROM generate_series(10, 32) AS place",
        word,
    )
    listed = await asked(stage, "/found", "ждёт решения: 23")
    pages, data = [], ""
    for _ in range(3):
        pages.append(set(re.findall(rf"{word}\d\d", listed.words)))
        if buttons(listed):
            data = listed.inline[0][0]["callback_data"]
            await turned_over(stage, listed)
    assert [len(each) for each in pages] == [10, 10, 3]
    assert len(set.union(*pages)) == 23, "each link stands on one page"
    assert buttons(listed) == []
    card, _ = await reported(stage, unique())
    changed = plain(stage.wording.texts.render("ru", "desk.answer_list_changed"))
    assert await pressed(stage, card, data) == changed, "a card does not become a list"


async def turned_over(stage: Stage, listed: Message) -> None:
    shown = listed.words
    await pressed(stage, listed, "›")
    await stage.sandbox.wait_for(lambda: listed.words != shown)
