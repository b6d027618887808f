"""What must be so after the hour, compared with the plan: resources, cards, counts, codes and answers."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from typing import Final
from uuid import UUID

from bot.delivery import limits
from bot.reports.figures import Period
from bot.reports.found import receipt_hash
from bot.reports.service import OWN_CARDS
from tests.crowd.crowd import Crowd
from tests.crowd.hour import AT_ONCE
from tests.crowd.sending import Report
from tests.crowd.telegram import DESK, Post
from tests.crowd.things import Thing

_TIMES: Final = re.compile(r"Сообщили: (\d+)")
_NUMBERS: Final = re.compile(r"<b>№\d+</b>")
_OLDER: Final = re.compile(r" и ещё (\d+)$", re.MULTILINE)
_LISTED: Final = re.compile(r"^Всего (\d+) ссыл", re.MULTILINE)
_ADDRESS: Final = re.compile(r"<code>([^<]+)</code>")


class Checks:
    """The plan beside what the bot has made of it."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd, self.hour = crowd, crowd.hour
        self.reports = crowd.plan.reports()
        self.named: dict[Thing, list[Report]] = defaultdict(list)
        for report in self.reports:
            for thing in report.things:
                self.named[thing].append(report)

    @property
    def people(self) -> dict[Thing, int]:
        """How many people named each thing: the same day each of them counts once."""
        return {thing: len({report.person for report in reports}) for thing, reports in self.named.items()}

    async def all(self) -> None:
        """Check everything that can be seen before an officer does anything."""
        self.of_row = await self._each_resource_once()
        self.filed = await self._each_report_has_its_code()
        await self._named_by_whom_it_should()
        await self._cards_of_the_desk()
        await self._figures()
        await self._nothing_left_behind()
        self._limits_kept()

    async def _each_resource_once(self) -> dict[UUID, Thing]:
        """Each thing is one resource, whatever its spellings, and each resource is one thing."""
        found: dict[UUID, Thing] = {}
        by_token = {thing.token: thing for thing in self.crowd.plan.things}
        for row in await self.hour.rows("SELECT id, url, sealed, times_reported FROM resources"):
            url = self.hour.app.reports.open_url(row["id"], row["url"], row["sealed"])
            things = [by_token[token] for token in by_token if token in url]
            assert len(things) == 1, url
            assert not (things[0].invite and row["url"]), "an invite lies open"
            found[row["id"]] = things[0]
            assert row["times_reported"] == self.people[things[0]], (url, row["times_reported"])
        assert Counter(found.values()) == Counter(self.named.keys())
        return found

    async def _each_report_has_its_code(self) -> dict[UUID, Report]:
        """Everybody got a code for each of their reports, once, and by it their own report is found."""
        filed: dict[UUID, Report] = {}
        ids = {row["receipt_hash"]: row["id"] for row in await self.hour.rows("SELECT id, receipt_hash FROM reports")}
        links = await self._links()
        of_person: dict[int, list[Report]] = defaultdict(list)
        for report in self.reports:
            of_person[report.person].append(report)
        for number, person in enumerate(self.crowd.people):
            left = of_person[number]
            assert len(person.codes) == len(set(person.codes)) == len(left), number
            for code in person.codes:
                report_id = ids.pop(receipt_hash(self.hour.app.ring, code))
                own = next(one for one in left if one.things == links[report_id])
                left.remove(own)
                filed[report_id] = own
            folded = sum(len(report.sendings) - 1 for report in self.reports if report.person == number)
            assert person.folded == folded
        assert not ids, "reports of which nobody has a code"
        return filed

    async def _links(self) -> dict[UUID, frozenset[Thing]]:
        """What each report names, as the bot has it; nothing twice."""
        found: dict[UUID, list[Thing]] = defaultdict(list)
        for row in await self.hour.rows("SELECT report_id, resource_id FROM report_links"):
            found[row["report_id"]].append(self.of_row[row["resource_id"]])
        assert all(len(set(things)) == len(things) for things in found.values())
        return {report_id: frozenset(things) for report_id, things in found.items()}

    async def _named_by_whom_it_should(self) -> None:
        """Of those who named a thing one was the first, and nobody was sooner."""
        self.fresh: Counter[UUID] = Counter()
        first: set[Thing] = set()
        for row in await self.hour.rows("SELECT report_id, resource_id FROM report_links WHERE found = 'new'"):
            thing, report = self.of_row[row["resource_id"]], self.filed[row["report_id"]]
            assert thing not in first
            first.add(thing)
            self.fresh[row["report_id"]] += 1
            soonest = min(_named_at(thing, other) for other in self.named[thing])
            assert _named_at(thing, report) <= soonest + 2 * AT_ONCE
        assert first == set(self.named)
        for report_id, report in self.filed.items():
            self.fresh.setdefault(report_id, 0)
            assert self.fresh[report_id] <= len(report.things)

    async def _cards_of_the_desk(self) -> None:
        """One card a resource, or one of a list; each says what is so, and nothing stands there twice."""
        lists = {one for one, report in self.filed.items() if report.listed or self.fresh[one] > OWN_CARDS}
        new = {
            (row["report_id"], self.of_row[row["resource_id"]])
            for row in await self.hour.rows("SELECT report_id, resource_id FROM report_links WHERE found = 'new'")
        }
        own = {
            thing
            for report_id, report in self.filed.items()
            if not report.listed
            for thing in report.things
            if report_id not in lists or (report_id, thing) not in new
        }
        posts = list(self.hour.telegram.chats[DESK].values())
        listed = [post for post in posts if _LISTED.search(post.text)]
        counted = [post for post in posts if _TIMES.search(post.text)]
        shown = {_one(self.crowd.plan.things, post): post for post in counted}
        assert len(shown) == len(counted), "two cards of one resource"
        assert set(shown) == own, [await self._story(thing, thing in shown) for thing in set(shown) ^ own]
        for thing, post in shown.items():
            assert int(_TIMES.findall(post.text)[0]) == self.people[thing], post.text
            older = _OLDER.search(post.text)
            numbers = len(_NUMBERS.findall(post.text)) + int(older[1] if older else 0)
            assert numbers == len(self.named[thing]), post.text
        sizes = Counter(int(_LISTED.findall(post.text)[0]) for post in listed)
        assert sizes == Counter(len(self.filed[one].things) for one in lists)
        assert await self.hour.value("SELECT count(*) FROM cards WHERE sort = 'report'") == len(lists)
        # Whatever else stands there: the digest, and of late codes that they were on a photo.
        others = [post for post in posts if post not in listed and post not in counted]
        assert all(re.search("Очередь снова короткая|№\\d+</b> · (фото|QR)", post.text) for post in others)

    async def _story(self, thing: Thing, shown: bool) -> str:
        """Tell by which reports a thing was named, for a failure's sake."""
        row_id = next(row_id for row_id, other in self.of_row.items() if other is thing)
        found = await self.hour.rows(
            "SELECT report_id, found FROM report_links WHERE resource_id = $1 ORDER BY number", row_id
        )
        told = [f"{thing.token} {'has a card' if shown else 'has none'}"]
        for row in found:
            report = self.filed[row["report_id"]]
            sent = ", ".join(f"{one.way} at {one.sent:.1f}" for one in report.sendings if thing in one.things)
            listed = "listed" if report.listed else f"{self.fresh[row['report_id']]} of {len(report.things)} new"
            told.append(f"{row['found']} to {report.person} ({sent}; {listed})")
        return "; ".join(told)

    async def _figures(self) -> None:
        """The statistics say the same."""
        day = self.hour.clock().date()
        figures = (await self.hour.app.counting.statistics(Period(day, day))).this
        assert figures.reports.total == len(self.reports)
        assert figures.resources.total == len(self.named)
        assert figures.repeats == sum(self.fresh[one] < len(report.things) for one, report in self.filed.items())

    async def _nothing_left_behind(self) -> None:
        """All deliveries arrived, and no draft, counter or return address is left of what was folded."""
        # A photo's code that its citizen answered for before the desk was told of it: then there is nothing to tell.
        unsent = await self.hour.rows("SELECT template, outcome FROM messages WHERE outcome IS DISTINCT FROM 'sent'")
        assert {tuple(row) for row in unsent} <= {("codes", "dropped")}
        assert await self.hour.rows("SELECT 1 FROM cards WHERE wanted_version > shown_version") == []
        assert await self.hour.rows("SELECT 1 FROM cards WHERE sort IN ('counter', 'digest')") == []
        assert await self.hour.value("SELECT count(*) FROM return_addresses") == len(self.reports)
        assert await self.hour.rows("SELECT 1 FROM handled_updates WHERE failures > 0") == []
        sent = await self.hour.value("SELECT count(*) FROM messages WHERE recipient = 'citizen'")
        came = sum(len(person.posts) for person in self.crowd.people)
        counters = sum("Ссылок в сообщении" in post.text for person in self.crowd.people for post in person.posts)
        assert came - counters == sent

    def _limits_kept(self) -> None:
        """Telegram refused nothing, and nobody's phone rang twice within a second."""
        assert self.hour.telegram.refused == []
        _, span = limits.PERSON
        for person in self.crowd.people:
            left = self.hour.telegram.left[person.chat]
            assert all(later - sooner >= span for sooner, later in itertools.pairwise(left))


def _named_at(thing: Thing, report: Report) -> float:
    return min(sending.named_at(thing) for sending in report.sendings if thing in sending.things)


def _one(things: list[Thing], post: Post) -> Thing:
    [address] = _ADDRESS.findall(post.text)[:1]
    [thing] = [thing for thing in things if thing.token in address]
    return thing
