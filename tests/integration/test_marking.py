"""Marking a batch: cut off at any instant it goes on where it was, and each link is decided once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot import purge_rules
from bot.database import driver
from bot.delivery.errors import TelegramDown
from bot.marking_command import Marked, NotMarked, mark
from bot.purge import Purge
from bot.reports import marking
from bot.reports.batches import ToRead, Wish
from bot.reports.contents import Contents, StoredLink
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision
from bot.settings import Settings
from bot.wording import Wording
from tests.integration.rehearsal import Rehearsal

OFFICER = Officer(7, "Айгерим")
LINKS = [f"https://t.me/link_{n:02}" for n in range(23)]


class Cut(Exception):
    """The process ends here."""


class Office:
    """A desk whose links were all reported, and a list of them."""

    def __init__(self, bot: Rehearsal) -> None:
        self.bot, self.app = bot, bot.app

    async def report(self, *urls: str) -> None:
        links = [StoredLink(platform="telegram", what="channel", url=url) for url in urls]
        draft, now = Contents(kind="link", report_id=uuid4(), links=links), self.app.clock()
        await self.bot.ring.ready(now)
        async with self.bot.database.transaction() as connection:
            await self.app.reports.file(await driver(connection), draft, 1, now, (token_bytes(32), uuid4()))

    async def begin(self, words: str, decision: Decision = Decision.BLOCKED) -> UUID:
        wish = Wish(decision, OFFICER, "desk", 5, to_read=ToRead(words=words))
        async with self.bot.database.transaction() as connection:
            await self.app.batches.begin(await driver(connection), wish, self.app.clock())
        [row] = await self.bot.fetch("SELECT id FROM batches ORDER BY made_at DESC LIMIT 1")
        return UUID(str(row["id"]))

    async def decided(self) -> Counter[str]:
        """How often each link was decided, by the journal."""
        rows = await self.bot.fetch("SELECT url FROM journal JOIN resources ON resources.id = subject")
        return Counter(row["url"] for row in rows)

    async def outcomes(self, batch_id: UUID) -> Counter[str | None]:
        rows = await self.bot.fetch("SELECT outcome FROM batch_links WHERE batch_id = $1", batch_id)
        return Counter(row["outcome"] for row in rows)

    async def state(self, batch_id: UUID) -> str:
        [row] = await self.bot.fetch("SELECT state FROM batches WHERE id = $1", batch_id)
        return str(row["state"])


@pytest.fixture
async def office(database_url: str, wording: Wording) -> AsyncIterator[Office]:
    bot = Rehearsal(database_url, wording)
    await bot.open()
    yield Office(bot)
    await bot.app.api.close()
    await bot.database.close()


async def test_a_marking_that_is_cut_off_anywhere_goes_on_and_marks_each_link_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.report(*LINKS)
    batch_id = await office.begin("\n".join(LINKS))
    monkeypatch.setattr(marking, "AT_ONCE", 4)
    act, seen = office.app.decisions.act, Counter[str]()

    async def falters(*given: Any, **more: Any) -> None:
        await act(*given, **more)
        seen["acts"] += 1
        if seen["acts"] % 6 == 0:
            raise Cut

    monkeypatch.setattr(office.app.decisions, "act", falters)
    cuts = 0
    while await office.state(batch_id) != "done":
        try:
            await office.app.marking.mark(batch_id)
        except Cut:
            cuts += 1
            # A citizen is told how many are closed once it is over.
            assert await office.bot.fetch("SELECT 1 FROM batch_links WHERE outcome IS NULL")
    assert cuts > 3
    assert await office.decided() == Counter(LINKS)
    assert await office.outcomes(batch_id) == {"marked": len(LINKS)}
    await office.app.marking.mark(batch_id)
    assert await office.decided() == Counter(LINKS)


async def test_a_long_list_is_marked_by_several_jobs_one_after_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.report(*LINKS)
    batch_id = await office.begin("\n".join(LINKS))
    monkeypatch.setattr(marking, "AT_ONCE", 2)
    monkeypatch.setattr(marking, "RUNS", 3)
    for done in (6, 12, 18):
        await office.bot.fetch("DELETE FROM jobs.pgqueuer WHERE entrypoint = 'mark_batch' RETURNING 1")
        await office.app.marking.mark(batch_id)
        assert sum((await office.decided()).values()) == done
        assert await office.bot.fetch("SELECT 1 FROM jobs.pgqueuer WHERE entrypoint = 'mark_batch'")
    await office.bot.fetch("DELETE FROM jobs.pgqueuer WHERE entrypoint = 'mark_batch' RETURNING 1")
    await office.app.marking.mark(batch_id)
    await office.app.marking.mark(batch_id)
    assert await office.decided() == Counter(LINKS)
    assert await office.state(batch_id) == "done"


async def test_two_workers_that_have_the_same_job_mark_each_link_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.report(*LINKS)
    batch_id = await office.begin("\n".join(LINKS))
    monkeypatch.setattr(marking, "AT_ONCE", 2)
    await asyncio.gather(*(office.app.marking.mark(batch_id) for _ in range(3)))
    assert await office.decided() == Counter(LINKS)
    assert await office.outcomes(batch_id) == {"marked": len(LINKS)}


async def test_a_reader_that_cannot_be_reached_leaves_the_list_to_be_read_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.report(*LINKS)
    wish = Wish(Decision.BLOCKED, OFFICER, "desk", 5, to_read=ToRead(file_id="a file"))
    async with office.bot.database.transaction() as connection:
        await office.app.batches.begin(await driver(connection), wish, office.app.clock())
    [row] = await office.bot.fetch("SELECT id FROM batches")
    with pytest.raises(TelegramDown):
        await office.app.marking.mark(row["id"])
    assert await office.state(row["id"]) == "waiting"


async def test_a_list_that_trips_the_reader_is_told_of_as_unreadable(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr(marking, "read", trips)
    batch_id = await office.begin(LINKS[0])
    await office.app.marking.mark(batch_id)
    [row] = await office.bot.fetch("SELECT state, reason, sealed FROM batches")
    assert tuple(row) == ("failed", "unreadable", None)


async def test_a_desk_marks_only_what_it_is_shown(office: Office) -> None:
    await office.report(*LINKS[:2])
    await office.bot.fetch("UPDATE resources SET office = 3 WHERE url = $1 RETURNING 1", LINKS[0])
    batch_id = await office.begin("\n".join(LINKS[:2]))
    await office.app.marking.mark(batch_id)
    assert await office.decided() == Counter(LINKS[1:2])


async def test_batches_go_when_their_term_is_over(office: Office) -> None:
    await office.report(*LINKS)
    batch_id = await office.begin("\n".join(LINKS))
    await office.app.marking.mark(batch_id)
    await office.bot.fetch(
        "INSERT INTO desk_posts (chat_id, message_id, sort, subject, posted_at) "
        "VALUES (1, 1, 'batch', $1, now()) RETURNING 1",
        batch_id,
    )
    settings = Settings(_env_file=None, bot_token=None)
    ahead = timedelta(days=1)

    def clock() -> Any:
        return office.app.clock() + ahead

    purge = Purge(office.bot.database, office.bot.ring, clock, settings)
    await purge.run()
    assert await office.state(batch_id) == "done"
    ahead = purge_rules.BATCHES + timedelta(days=1)
    gone = await purge.run()
    assert gone["batches of links"] == 1
    for look in ("batches", "batch_links", "cards WHERE sort = 'batch'", "desk_posts WHERE subject = $1"):
        rows = await office.bot.fetch(f"SELECT 1 FROM {look}", *([batch_id] if "$1" in look else []))
        assert rows == [], look


async def test_a_list_can_be_marked_from_the_command_line(office: Office, tmp_path: Path) -> None:
    await office.report(*LINKS[:3])
    file = tmp_path / "closed.csv"
    file.write_text(f"Ссылка;Статус\n{LINKS[0]};заблокирован\n{LINKS[1]};отказ\nt.me/nobodys;закрыт\n—;закрыт\n")

    async def run(path: Path = file, decision: str = "blocked", officer: str = "Айгерим") -> list[str]:
        asked = Marked(path, decision, officer)
        return await mark(office.bot.database, office.bot.ring, asked, office.app.returned_words, office.app.clock())

    assert await run() == [
        "1 of 3 links are to be marked. The running bot does it, and tells the desk.",
        "Of 1 the list says something else: отказ",
        "Nobody reported 1 of them: t.me/nobodys",
        "No link in row 5",
    ]
    [row] = await office.bot.fetch("SELECT id FROM batches")
    jobs = await office.bot.fetch("SELECT payload FROM jobs.pgqueuer WHERE entrypoint = 'mark_batch'")
    assert [job["payload"] for job in jobs] == [row["id"].bytes]
    await office.app.marking.mark(row["id"])
    assert await office.decided() == Counter(LINKS[:1])
    [entry] = await office.bot.fetch("SELECT officer, officer_name FROM journal")
    assert tuple(entry) == (0, "Айгерим")
    file.write_text(f"1;{LINKS[2]};отказ\n")
    told = ["The file does not say which of its links are closed: the desk is asked whether all 1 are."]
    assert await run() == told
    for wrong, refused in (
        ({"decision": "removed"}, "--as removed: one of sent_to_block, blocked is wanted."),
        ({"officer": " "}, "--officer NAME is wanted"),
        ({"path": tmp_path / "none"}, "No such file"),
    ):
        with pytest.raises(NotMarked, match=refused):
            await run(**wrong)
    for data, refused in ((b"", "is empty"), (b"PK\x03\x04", "is no .txt"), (b"words", "holds no link")):
        file.write_bytes(data)
        with pytest.raises(NotMarked, match=refused):
            await run()
