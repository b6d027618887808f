"""What captures name is proposed to the desk of the page that names it, within bounds, and nothing that is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from bot.database import Database, driver
from bot.delivery.outbox import Outbox
from bot.reports import found_queries
from bot.reports.deciding import Officer
from bot.reports.found_links import OF_PAGE, PACE, FindAnswered, NoSuchFind
from bot.reports.passing import all_to_main
from tests.evidence.town import Town, nobody, open_town
from tests.evidence.web import Answer, leads_to, page
from tests.workbench import until

OFFICE = """
INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)
VALUES ($1, $2, 'ru', '{}', '{}', $3, now()) RETURNING id
"""
AYGERIM, BEKZAT = Officer(1, "Айгерим"), Officer(2, "Бекзат")


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with open_town(database) as opened:
        yield opened


def names(*handles: str) -> Answer:
    return page(f"<title>A shop</title><p>Our new channels: {' '.join('@' + handle for handle in handles)}")


async def found(town: Town) -> list[tuple[str, str]]:
    """What is proposed, and where."""
    rows = await town.rows(
        "SELECT url, recipient FROM found_links JOIN cards ON sort = 'found' AND subject = capture_id ORDER BY url, 2"
    )
    return [(row["url"].removeprefix("https://"), row["recipient"]) for row in rows]


async def test_what_is_known_or_ours_or_stands_on_a_page_that_is_closed_is_not_proposed(town: Town) -> None:
    for url in ("https://t.me/known_shop", "https://shop.kz", "https://gone.kz", "https://wall.kz", "https://old.kz"):
        await town.add(url)
    await town.add("https://t.me/decided_shop", status="decided")
    town.web.sites |= {
        "t.me/known_shop": page('<div class="tgme_page_title">x</div>'),
        "shop.kz": names("known_shop", "decided_shop", "bot_of_this_test", "fresh_shop"),
        "gone.kz": names("gone_shop"),
        "wall.kz": leads_to("https://wall.kz/login"),
        "wall.kz/login": names("wall_shop"),
        "old.kz": leads_to("https://new.kz/"),
        "new.kz/": names("next_shop"),
    }
    town.web.sites["gone.kz"] = page("<p>Доступ к ресурсу ограничен, наш новый канал @gone_shop")
    await town.until(town.clock() + timedelta(hours=14))
    assert await found(town) == [("new.kz", "desk"), ("t.me/fresh_shop", "desk"), ("t.me/next_shop", "desk")]
    rows = await town.rows("SELECT 1 FROM resources WHERE url LIKE '%fresh%' OR url LIKE '%new.kz%'")
    assert rows == [], "nothing is filed by itself"


async def test_what_a_restricted_page_names_is_asked_about_on_its_desk_alone(town: Town) -> None:
    office = {}
    for name, chat, restricted in (("Талас", -2, False), ("Особая", -3, True), ("Закрыта", -4, False)):
        [row] = await town.rows(OFFICE, name, chat, restricted)
        office[name] = row["id"]
    await town.write("UPDATE offices SET closed_at = now() WHERE name = 'Закрыта'")
    # In this order: who names it first is asked about it.
    for number, name in enumerate(office):
        town.web.sites[f"shop{number}.kz"] = names("shared_shop", f"own_shop{number}")
        resource = await town.add(f"https://shop{number}.kz")
        await town.write("UPDATE resources SET office = $2 WHERE id = $1", resource, office[name])
        await town.until(town.clock() + timedelta(hours=14))
    talas, special = f"desk:{office['Талас']}", f"desk:{office['Особая']}"
    assert await found(town) == [
        ("t.me/own_shop0", talas),
        ("t.me/own_shop1", special),
        ("t.me/own_shop2", "desk"),
        ("t.me/shared_shop", talas),
        ("t.me/shared_shop", special),
    ]
    places = await town.rows(
        "SELECT recipient, (SELECT count(*) FROM found_places WHERE found_id = found_links.id) AS places "
        "FROM found_links JOIN cards ON sort = 'found' AND subject = capture_id WHERE url LIKE '%shared%'"
    )
    assert {row["recipient"]: row["places"] for row in places} == {talas: 2, special: 1}
    await pressed_elsewhere(town, talas, special)
    await goes_with_its_office(town, office["Талас"])


async def pressed_elsewhere(town: Town, talas: str, special: str) -> None:
    """A press counts on the desk where the message stands; what was taken up there is that office's."""
    links = town.watching._looking._found
    [row] = await town.rows("SELECT id FROM found_links WHERE url LIKE '%own_shop1'")
    for desk in ("desk", talas):
        with pytest.raises(NoSuchFind):
            await act(town, links.take, row["id"], desk, BEKZAT)
    [other] = await town.rows("SELECT id FROM found_links WHERE url LIKE '%own_shop0'")
    await act(town, links.decline, other["id"], talas, BEKZAT)
    for too_late in (links.take, links.decline):
        with pytest.raises(FindAnswered):
            await act(town, too_late, other["id"], talas, AYGERIM)
    resource_id = await act(town, links.take, row["id"], special, AYGERIM)
    for another in (links.take, links.decline, links.give_back):
        with pytest.raises(FindAnswered):
            await act(town, another, row["id"], special, BEKZAT)
    [opened] = await town.rows("SELECT * FROM resources WHERE id = $1", resource_id)
    assert f"desk:{opened['office']}" == special
    assert (opened["first_reported_at"], opened["times_reported"], opened["claimed_name"]) == (None, 0, "Айгерим")
    acts = await town.rows("SELECT act, officer_name FROM journal ORDER BY id")
    done = [("decline_found", "Бекзат"), ("take_found", "Айгерим"), ("claim", "Айгерим")]
    assert [tuple(each) for each in acts] == done
    [card] = await town.rows("SELECT recipient FROM cards WHERE sort = 'resource' AND subject = $1", resource_id)
    assert card["recipient"] == special


async def goes_with_its_office(town: Town, office: int) -> None:
    """When an office closes, what its desk was asked about is asked on the main one."""
    async with town.database.transaction() as connection:
        await all_to_main(await driver(connection), Outbox(town.ring), office, town.clock())
    assert ("t.me/shared_shop", "desk") in await found(town)
    rows = await town.rows("SELECT office FROM found_links WHERE url LIKE '%shared%' ORDER BY office NULLS FIRST")
    assert rows[0]["office"] is None


async def test_pages_that_name_the_same_links_do_not_wait_for_each_other_in_a_circle(town: Town) -> None:
    async def propose(connection: Any, *keys: bytes) -> int:
        many, ids = len(keys), [uuid4() for _ in keys]
        told = ids, keys, ["telegram"] * many, ["channel"] * many, ["https://t.me/x"] * many, [False] * many
        about = None, uuid4(), uuid4(), town.clock(), OF_PAGE
        return len(await (await driver(connection)).fetch(found_queries.PROPOSE, *told, *about))

    async def page_names(*keys: bytes) -> int:
        async with town.database.transaction() as connection:
            return await propose(connection, *keys)

    async def both_wait() -> bool:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool((await town.rows(waits))[0]["count"] == 2)

    async with town.database.transaction() as connection:
        await propose(connection, b"c")
        others = [asyncio.create_task(page_names(*keys)) for keys in ((b"a", b"c", b"b"), (b"b", b"c", b"a"))]
        await until(both_wait, 15.0)
    assert sorted(await asyncio.gather(*others)) == [0, 2]


async def act(town: Town, done: Any, found_id: Any, desk: str, officer: Officer) -> Any:
    async with town.database.transaction() as connection:
        return await done(await driver(connection), found_id, desk, officer, town.clock())


async def test_a_page_that_names_others_each_day_goes_quiet_and_a_desk_gets_its_messages_one_by_one(town: Town) -> None:
    for number in range(4):
        await town.add(f"https://shop{number}.kz")
    for day in range(6):
        for number in range(4):
            town.web.sites[f"shop{number}.kz"] = names(*(f"shop_{number}_{day}_{each}" for each in range(8)))
        await town.until(town.clock() + timedelta(days=2))
    counted = await town.rows("SELECT count(*) AS many FROM found_links GROUP BY resource_id")
    assert [row["many"] for row in counted] == [OF_PAGE] * 4
    due = [row["due_at"] for row in await town.rows("SELECT due_at FROM cards WHERE sort = 'found' ORDER BY due_at")]
    assert len(due) == 16, "one message a capture: four captures bring what a page may propose"
    assert min(later - sooner for sooner, later in pairwise(due)) >= PACE


async def test_a_page_that_dies_proposes_nothing_more(town: Town) -> None:
    await town.add("https://t.me/old_shop")
    town.web.sites["t.me/old_shop"] = nobody("new_shop")
    await town.until(town.clock() + timedelta(hours=14))
    assert await found(town) == []
