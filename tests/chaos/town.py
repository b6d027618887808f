"""Everything at once: Telegram, PostgreSQL, the bot's processes, the citizens, and what befalls them."""

from __future__ import annotations

import asyncio
import base64
import re
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from bot.database import Database
from bot.delivery.outbox import line
from bot.embedded import Embedded
from bot.migrate import migrate
from bot.reports import following
from bot.sandbox.core import Fault
from bot.sandbox.limits import Limits
from bot.sandbox.world import Group
from bot.wording import Wording
from tests.chaos.door import Door
from tests.chaos.fleet import Fleet
from tests.chaos.plans import lives
from tests.chaos.scale import Scale
from tests.chaos.witness import GaveUp, Witness
from tests.stage import ROOT, Stage, free_port

AT_ONCE: Final = 16
"""Citizens who are at it at the same time."""
STARTS: Final = 120.0
RESTS: Final = 300.0
"""Seconds that a run in vain waits; nothing is claimed about the time."""
LOGGED: Final = re.compile(r"level='(warning|error)' event='(\w+)'(?:.*error='(\w+)')?")
WORK: Final = """
SELECT (SELECT count(*) FROM jobs.pgqueuer) AS jobs,
       (SELECT count(*) FROM messages WHERE outcome IS NULL) AS messages,
       (SELECT count(*) FROM cards WHERE wanted_version > shown_version) AS cards
"""


OFFICE: Final = """
INSERT INTO offices (name, chat_id, language, districts, kinds, restricted, opened_at)
VALUES ('Отдел', $1, 'ru', '{}', '{graffiti}', false, now()) RETURNING id
"""


class HurriedLimits(Limits):
    """Telegram's limits, so many times faster over."""

    def __init__(self, clock: Any, hurry: int) -> None:
        super().__init__(clock)
        self._hurry = max(hurry, 1)

    def _wait(self, key: int | None, count: int, most: int, seconds: float) -> float:
        # All of them: these citizens file in seconds what others file in months.
        return super()._wait(key, count, most, seconds / self._hurry)


class Town(Stage):
    """A stage whose bot is a fleet of processes."""

    def __init__(self, folder: Path, wording: Wording, scale: Scale) -> None:
        super().__init__("", wording, forum=True)
        self.scale, self.folder, self.late = scale, folder, list[str]()
        # The database's own user must get through.
        folder.chmod(0o711)
        self.embedded = Embedded(folder / "data")
        self.url = self.embedded.url()
        # A bot that is killed every few seconds on a busy machine is seldom up: what has failed ten times is brought
        # again within six seconds here, not within Telegram's two minutes.
        self.sandbox.postman.retry_base = 0.05
        self.sandbox.limits = HurriedLimits(self.sandbox.clock, scale.hurry)
        self._take_fault, self.sandbox.take_fault = self.sandbox.take_fault, self.take_fault  # type: ignore[method-assign]
        self.office = self.sandbox.add_group("Отдел")
        self.sandbox.join(self.officer, self.office, status="member")
        self.desks: dict[str, Group] = {"desk": self.desk}
        """The desks by their lines: what the rows of their deliveries bear."""
        self.counts: Counter[str] = Counter()
        self.gave_up: list[str] = []
        self.begun = 0
        """Reports that a citizen has begun."""
        self.troubles: list[tuple[float, str]] = []
        """When a sending may have gone unmarked, and why."""
        self.witnesses = [Witness(self, life, scale.rng("citizen", life.number), self.counts) for life in lives(scale)]
        self.hooks = [f"127.0.0.1:{free_port()}" for _ in range(scale.processes)]
        self.door = Door(self.hooks, scale.rng("door"))
        self.fleet: Fleet

    def take_fault(self, method: str, cut: bool, before: bool = True, chat_id: Any = None) -> Fault | None:
        """Note a connection that is cut when the call is done."""
        fault = self._take_fault(method, cut, before, chat_id)
        if fault and cut and not before:
            self.note("cut")
        return fault

    def note(self, what: str) -> None:
        """Note a moment at which a sending may go unmarked."""
        self.counts[what] += 1
        self.troubles.append((self.sandbox.clock(), what))

    async def start_bot(self) -> None:
        """Start the database, the door and the fleet, and wait until Telegram can reach the bot."""
        self.fleet = Fleet(self.folder, [self._environment(hook) for hook in self.hooks], self.scale.hurry)
        await asyncio.gather(self.fleet.prepare(), self._start_database(), self.door.open())
        await self._open_office()
        await self.fleet.open()
        async with asyncio.timeout(STARTS):
            while not self._reached():
                assert not self.fleet.fell, self.fleet.logs[-2000:]
                await asyncio.sleep(0.05)

    async def _start_database(self) -> None:
        await self.embedded.start()
        await self.embedded.ensure_database()

    async def _open_office(self) -> None:
        """Give graffiti to an office with a desk of its own; other cards come there when they are passed on."""
        database = Database(self.url, pool_size=1)
        await migrate(database)
        await database.close()
        [row] = await self.fetch(OFFICE, self.office.id)
        self.desks[line(row["id"])] = self.office

    async def stop_bot(self) -> None:
        """Stop all."""
        self.late = await self.fleet.close()
        await self.door.close()
        await self.embedded.stop()

    async def restart_database(self) -> None:
        """Have PostgreSQL fall at once, as a crash does; its keeper starts it again."""
        # It may still be rising from the last time.
        while (process := self.embedded._process) is None or process.poll() is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.note("database restart")
        while process.poll() is None:
            # Again: one that has only just begun to start does not hear it.
            process.send_signal(signal.SIGQUIT)
            await asyncio.sleep(0.1)

    async def citizens_file(self) -> None:
        """Have all citizens do what they came for."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(witness: Witness) -> None:
            async with room:
                try:
                    await witness.lives(self._begin)
                except GaveUp:
                    self.gave_up.append(f"citizen {witness.life.number} waited in vain")

        async with asyncio.TaskGroup() as tasks:
            for witness in self.witnesses:
                tasks.create_task(one(witness))

    async def rests(self) -> None:
        """Wait until nothing waits anywhere; raise with what does."""
        left: Any = "the database does not answer"
        counted = following.COUNTED.total_seconds() / max(self.scale.hurry, 1)
        for _ in range(int((RESTS + counted) / 0.2)):
            if not (waiting := self.sandbox.updates.pending()):
                with suppress(OSError, Exception):
                    [left] = await self.fetch(WORK)
                    if not any(left.values()):
                        return
            await asyncio.sleep(0.2)
        raise AssertionError(f"the bot did not come to rest: {left}, {len(waiting)} updates wait")

    @property
    def log_events(self) -> Counter[str]:
        """Count what the processes have logged, by level, event and error."""
        return Counter(" ".join(filter(None, one)) for one in LOGGED.findall(self.fleet.logs))

    def _begin(self) -> None:
        self.begun += 1

    def _reached(self) -> bool:
        return self.sandbox.postman.webhook is not None if self.scale.webhook else self.sandbox.updates.polling

    def _environment(self, hook: str) -> dict[str, str]:
        there = {
            "WEBHOOK_URL": f"http://{self.door.address}/hook",
            "WEBHOOK_SECRET": "a-secret-of-the-chaos",
            "WEBHOOK_LISTEN": hook,
        }
        return {
            "PATH": "/usr/bin:/bin",
            # Told apart from all other photo workers on this machine by it.
            "PYTHONPATH": f"{ROOT}:{self.folder}",
            "BOT_TOKEN": self.sandbox.token,
            "STAFF_CHAT_ID": str(self.desk.id),
            "TELEGRAM_API_URL": self.sandbox.url,
            "DATABASE_URL": self.url,
            "HEALTH_LISTEN": f"127.0.0.1:{free_port()}",
            "DATA_DIR": str(self.folder / "bot"),
            "TEMPLATES_DIR": str(ROOT / "templates"),
            "SECRET_KEY": base64.b64encode(self._key).decode(),
            "FEEDBACK_DELAY_MINUTES": "0-0",
            "UNDO_SECONDS": "0",
            **(there if self.scale.webhook else {}),
        }
