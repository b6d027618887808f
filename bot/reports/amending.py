"""What an officer can still do with a decision that was just made: take it back, or have nothing said of it."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from bot.delivery.outbox import CardSort, Outbox
from bot.privacy.keyring import KeyRing
from bot.reports import decision_queries, form_queries, made, queries
from bot.reports.deciding import AlreadyDone, NoSuchCard, Officer, Taken
from bot.reports.feedback import Feedback
from bot.reports.lifecycle import TRANSITIONS, Amendment, IllegalMove, Status
from bot.reports.made import Made

_OF_LINK: Final = itemgetter("reopened_before", "settled_before")


class TooLate(Exception):
    """This decision can be taken back no more."""


class Amending:
    """Amends decisions, on the driver's connection of an open transaction."""

    def __init__(self, ring: KeyRing, outbox: Outbox, feedback: Feedback) -> None:
        self._ring, self._outbox, self._feedback = ring, outbox, feedback

    async def undo(self, driver: Any, sort: CardSort, subject: UUID, officer: Officer, now: datetime) -> None:
        """Restore what stood before a decision, and withdraw its feedback.

        Raises NoSuchCard, Taken, IllegalMove, TooLate.
        """
        row, decided = await self.open(driver, sort, subject, officer, now)
        if sort is CardSort.REPORT:
            # What was queued for it is withdrawn; links are told of by a job, which finds nothing to tell.
            await self._feedback.withdraw(driver, subject, now, also=decided.also is not None)
            await driver.fetch(queries.RESOURCES_LOCKED, subject)
            await self._restore(driver, CardSort.REPORT, [(subject, decided.row)], officer, now)
            links = await driver.fetch(decision_queries.OF_LIST_STANDING, decided.id)
            await self._restore(driver, CardSort.RESOURCE, [(each["subject"], each) for each in links], officer, now)
            await self._tell_again(driver, row, decided, now)
        else:
            await self._restore(driver, sort, [(subject, decided.row)], officer, now)
        await self._over(driver, sort, subject, now)

    async def silence(self, driver: Any, sort: CardSort, subject: UUID, officer: Officer, now: datetime) -> None:
        """Let a decision stand and tell nobody of it; raise as `undo`, and AlreadyDone."""
        _, decided = await self.open(driver, sort, subject, officer, now)
        if decided.silent:
            raise AlreadyDone
        silent = [decided.id]
        if sort is CardSort.REPORT:
            await self._feedback.withdraw(driver, subject, now, also=decided.also is not None)
            of_list = await driver.fetch(decision_queries.OF_LIST, decided.id)
            silent += [each["id"] for each in of_list]
            links = [each["subject"] for each in of_list]
            await self._journal(driver, CardSort.RESOURCE, links, Amendment.SILENCE, officer, now)
        await driver.execute(decision_queries.END, silent, made.SILENT)
        await self._journal(driver, sort, [subject], Amendment.SILENCE, officer, now)
        await self._over(driver, sort, subject, now)

    async def open(
        self, driver: Any, sort: CardSort, subject: UUID, officer: Officer, now: datetime
    ) -> tuple[Any, Made]:
        """Lock a card's subject and give it with its decision, which this officer may still amend.

        Raises NoSuchCard, Taken, IllegalMove, TooLate.
        """
        on_resource = sort is CardSort.RESOURCE
        row = await driver.fetchrow(queries.RESOURCE_LOCKED if on_resource else queries.REPORT_LOCKED, subject)
        if row is None:
            raise NoSuchCard
        if row["claimed_by"] not in (None, officer.id):
            raise Taken(row["claimed_name"] or "")
        decided = await made.standing(driver, self._ring, subject)
        if decided is None or not TRANSITIONS[decided.decision].feedback:
            raise IllegalMove
        if not decided.open(now):
            raise TooLate
        return row, decided

    async def _restore(
        self, driver: Any, sort: CardSort, decided: list[tuple[UUID, Any]], officer: Officer, now: datetime
    ) -> None:
        """Restore what stood before these decisions, rows by their subjects: a report's, or those of many links."""
        on_resource = sort is CardSort.RESOURCE
        statement = decision_queries.RESTORE_RESOURCE if on_resource else decision_queries.RESTORE_REPORT
        restored = []
        for subject, before in decided:
            status = before["status_before"]
            if status == Status.NEEDS_INFO and not await driver.fetchval(form_queries.QUESTIONS_OPEN, subject):
                # The question that it waited for was answered, or came too late, while it was decided.
                status = Status.IN_PROGRESS.value
            standing = (
                status,
                before["decision_before"],
                before["claimed_by_before"],
                before["claimed_name_before"],
                before["decided_at_before"],
                before["opened_at_before"],
            )
            restored.append((subject, *standing, *(_OF_LINK(before) if on_resource else ())))
        subjects = [subject for subject, _ in decided]
        await driver.executemany(statement, restored)
        await driver.execute(decision_queries.END, [before["id"] for _, before in decided], made.UNDONE)
        await self._journal(driver, sort, subjects, Amendment.UNDO, officer, now)
        await self._outbox.refresh(driver, sort, subjects, now)

    async def _tell_again(self, driver: Any, row: Any, decided: Made, now: datetime) -> None:
        """Queue the feedback of the decision before anew, which had not left and was withdrawn for this one's."""
        if decided.row["withdrew"] and decided.also is None:
            before = await made.standing(driver, self._ring, row["id"])
            if before and not before.silent:
                await self._feedback.tell(driver, row["id"], row["kind"], before.decision, now, 0, before.id)

    async def _over(self, driver: Any, sort: CardSort, subject: UUID, now: datetime) -> None:
        ended = await driver.fetch(decision_queries.END_FORMS, [subject], [Amendment.LINE.value], None)
        await self._outbox.refresh(driver, CardSort.FORM, [each["id"] for each in ended], now)
        await self._outbox.refresh(driver, sort, [subject], now)

    async def _journal(
        self, driver: Any, sort: CardSort, subjects: list[UUID], amendment: Amendment, officer: Officer, now: datetime
    ) -> None:
        entry = now, officer.id, officer.name, amendment.value, sort.value
        await driver.executemany(queries.JOURNAL, [(*entry, subject) for subject in subjects])
