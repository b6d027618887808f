"""What `shekteu register mark` does: it reads a list; the running bot marks its links and tells the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.database import Database, driver
from bot.delivery.outbox import Outbox, Recipient
from bot.offices.office import MAIN
from bot.offices.store import Offices
from bot.privacy.keyring import KeyRing
from bot.reports.batches import Batches, BatchState, Found, Wish
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision
from bot.reports.marking import FILE_MOST
from bot.reports.matching import Matching
from bot.reports.returned import EmptyList, Read, UnreadableList, read
from bot.reports.returned_template import ReturnedWords

AS: Final = (Decision.SENT_TO_BLOCK, Decision.BLOCKED)
NOBODY: Final = 0
"""The id that the journal gives to who works on the command line: a name, and no account."""


class NotMarked(Exception):
    """The list cannot be marked as it was asked for; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A list to be marked: the file, as what, and by whom."""

    file: Path
    decision: str
    officer: str

    def checked(self) -> Decision:
        """Give as what its links are marked; raise NotMarked."""
        if self.decision not in AS:
            raise NotMarked(f"--as {self.decision}: one of {', '.join(AS)} is wanted.")
        if not self.officer.strip():
            raise NotMarked("--officer NAME is wanted: who of the office says so? The journal keeps it.")
        return Decision(self.decision)


async def mark(database: Database, ring: KeyRing, asked: Marked, words: ReturnedWords, now: datetime) -> list[str]:
    """Have the links of a list marked; give the lines that tell of it. Raises NotMarked."""
    decision = asked.checked()
    found, offices, batches = _read(asked.file, words, decision), Offices(), Batches(ring, Outbox(ring))
    matching = Matching(ring, batches, lambda _: offices.now.scope(MAIN or None))
    wish = Wish(decision, Officer(NOBODY, asked.officer.strip()[:64]), Recipient.DESK.value, None)
    async with database.transaction() as connection:
        raw = await driver(connection)
        await offices.load(raw)
        batch_id = await batches.begin(raw, wish, now)
        state, told = await matching.hold(raw, batch_id, wish.desk, found)
    return _lines(state, told)


def _read(file: Path, words: ReturnedWords, decision: Decision) -> Read:
    try:
        if file.stat().st_size > FILE_MOST:
            raise NotMarked(f"{file} has more than {FILE_MOST >> 20} MB: split it.")
        found = read(file.read_bytes(), words, with_answers=decision is Decision.BLOCKED)
    except OSError as error:
        raise NotMarked(f"{file}: {error.strerror}.") from None
    except EmptyList:
        raise NotMarked(f"{file} is empty.") from None
    except UnreadableList:
        raise NotMarked(f"{file} is no .txt, .csv or .xlsx that can be read.") from None
    if not found.closed:
        raise NotMarked(f"{file} holds no link.")
    return found


def _lines(state: BatchState, told: Found) -> list[str]:
    """Say what comes of it."""
    due = told.links - told.unknown - told.others
    lines = [f"{due} of {told.links} links are to be marked. The running bot does it, and tells the desk."]
    if state is BatchState.ASKED:
        lines = [f"The file does not say which of its links are closed: the desk is asked whether all {due} are."]
    if told.others:
        lines.append(f"Of {told.others} the list says something else: {'; '.join(told.answers) or '—'}")
    if told.unknown:
        lines.append(f"Nobody reported {told.unknown} of them: {', '.join(told.unknown_links)}")
    if told.bad:
        rows = "row" if told.bad == 1 else "rows"
        lines.append(f"No link in {rows} {', '.join(map(str, told.bad_lines))}{' …' if told.bad > 10 else ''}")
    if told.cut:
        lines.append("The file is too long; its end was not read.")
    return lines
