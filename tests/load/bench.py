"""`make bench`: what the bot costs, side by side with a bare aiogram echo in the same run, as ratios."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from os import chmod, environ
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import asyncpg

from bot.database import Database
from bot.embedded import Embedded
from bot.migrate import migrate
from tests.load.links import Campaign
from tests.load.rivals import Rival, echo, shekteu
from tests.load.stored import fill
from tests.load.telegram import DESK, TOKEN, Answers, YesMan, drive, message, newcomer, report

UPDATES = int(environ.get("UPDATES", "2000"))
ROUNDS = int(environ.get("ROUNDS", "3"))
REPORTS = int(environ.get("REPORTS", "10000"))
LINKS = int(environ.get("LINKS", "1000"))
STORED = int(environ.get("STORED", "1000000"))
AT_ONCE = 16
REST = 20.0
"""Seconds."""
_CHATS = itertools.count(500_000_000)
STRAIGHT_IN = "a link sent straight in"
DIALOGUES = {STRAIGHT_IN: (2, report), "a newcomer's report": (4, newcomer)}
"""What an update of ours is a part of, the heaviest first: how many updates it takes, and what makes them."""


@dataclass
class Line:
    """One line of the table."""

    what: str
    measured: str
    ratio: float
    reach: float

    def __str__(self) -> str:
        verdict = "reached" if self.ratio <= self.reach else "not reached"
        return f"{self.what:74} {self.measured:34} {self.ratio:6.2f} × (to reach ≤ {self.reach:.1f}: {verdict})"


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def talks(name: str, updates: int, dialogue: str = STRAIGHT_IN) -> list[list[dict[str, Any]]]:
    """Give what a rival is asked: link reports by one of the dialogues, or single messages."""
    if name == "shekteu":
        steps, talk = DIALOGUES[dialogue]
        return [talk(next(_CHATS)) for _ in range(updates // steps)]
    return [[message(next(_CHATS), "t.me/bench_123456789")] for _ in range(updates)]


async def drained(url: str) -> None:
    """Wait until nothing that is due waits for a citizen."""
    connection = await asyncpg.connect(url)
    waiting = "SELECT count(*) FROM messages WHERE recipient = 'citizen' AND outcome IS NULL"
    while await connection.fetchval(waiting):  # noqa: ASYNC110 — the database tells
        await asyncio.sleep(0.2)
    await connection.close()


async def cost(
    rival: Rival, url: str | None, updates: int = UPDATES, dialogue: str = STRAIGHT_IN
) -> tuple[float, Answers]:
    """Give the milliseconds of CPU an update costs, its deliveries included."""
    spent, answers = await spend(rival, url, talks(rival.name, updates, dialogue))
    return spent / updates, answers


async def spend(rival: Rival, url: str | None, asked: list[list[dict[str, Any]]]) -> tuple[float, Answers]:
    """Give the milliseconds of CPU that these talks cost, their deliveries included."""
    began, before = monotonic(), rival.cpu
    answers = await drive(rival, asked, AT_ONCE)
    if url and rival.name == "shekteu":
        await drained(url)
    # Telegram's 30 a second spread the deliveries over a minute, in which the bot also does what it does when idle.
    return 1000 * (rival.cpu - before - rival.idle * (monotonic() - began)), answers


async def of_links(bot: Rival, url: str, baseline: float) -> None:
    """Print what a link costs, sent one by one and pasted by the fifty, against `baseline` milliseconds."""
    campaign = Campaign()
    for what, at_once, links in (("a report each", 1, LINKS), ("50 in a message, one report", 50, 10 * LINKS)):
        rounds = []
        for _ in range(ROUNDS):
            asked = campaign.reports(_CHATS, links, at_once)
            rounds.append((await spend(bot, url, asked))[0] / (len(asked) * at_once))
        ms = median(rounds)
        say(f"CPU of one link, 7 of 10 named before, {what}: {ms:.2f} ms, {ms / baseline:.2f} x an echo with an insert")


async def rest(rival: Rival) -> None:
    """Measure what a rival uses while nothing is asked of it."""
    before = rival.cpu
    await asyncio.sleep(REST)
    rival.idle = (rival.cpu - before) / REST


async def start_up(rival: Rival) -> float:
    """Give the seconds until a bot takes its first update, against `import aiogram` alone."""
    began = monotonic()
    await (await asyncio.create_subprocess_exec(sys.executable, "-c", "import aiogram")).wait()
    alone = monotonic() - began
    await rival.start()
    return rival.started_in / alone


def memory_of_aiogram() -> float:
    """Give the MB of a process that has only imported aiogram."""
    script = "import aiogram, re; print(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    return int(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout) / 1024


async def measure(cluster: Embedded, api: YesMan) -> list[Line]:
    """Measure all, and give the table."""
    own, other = await made(cluster, "bench"), cluster.url("echo")
    connection = await asyncpg.connect(other)
    await connection.execute("CREATE TABLE echo (id bigserial PRIMARY KEY, chat_id bigint, words text)")
    await connection.close()
    bot, bare, insert = shekteu(own, api.url, TOKEN, DESK), echo(None), echo(other)
    lines = [Line("start until the first update, database migrated", "", await start_up(bot), 1.5)]
    lines[0].measured = f"{bot.started_in:.1f} s"
    await bare.start()
    await insert.start()
    for rival in (bot, bare, insert):
        await cost(rival, own, 200)  # warm up
        await rest(rival)
    say(
        "idle, ms of CPU a second: "
        + ", ".join(f"{rival.name} {1000 * rival.idle:.1f}" for rival in (bare, insert, bot))
    )
    costs: dict[str, list[float]] = {what: [] for what in (bare.name, insert.name, *DIALOGUES)}
    for _ in range(ROUNDS):
        for rival in (bare, insert):
            costs[rival.name].append((await cost(rival, own))[0])
        for what in DIALOGUES:
            costs[what].append((await cost(bot, own, dialogue=what))[0])
    one = {name: median(each) for name, each in costs.items()}
    say("CPU of the bot's process, ms an update: " + ", ".join(f"{name} {ms:.2f}" for name, ms in one.items()))
    whole = (f"{what} {steps * one[what]:.2f} ms" for what, (steps, _) in DIALOGUES.items())
    say("CPU of a whole report, its code delivered: " + ", ".join(whole))
    lines += [
        Line(
            f"CPU of one update, durable, deliveries included: {what}",
            f"{one[what]:.2f} ms, echo + insert {one[insert.name]:.2f} ms",
            one[what] / one[insert.name],
            1.2,
        )
        for what in DIALOGUES
    ]
    paced = await drive(bot, talks(bot.name, 600), AT_ONCE, per_second=30)
    most = await drive(bot, talks(bot.name, UPDATES), 64)
    rate = len(most.seconds) / sum(most.seconds) * 64
    say(
        f"update to reply: at 30 a second p50 {paced.percentile(0.5):.1f} ms, p99 {paced.percentile(0.99):.1f} ms; "
        f"at the limit, ~{rate:.0f} a second, p50 {most.percentile(0.5):.0f} ms, p99 {most.percentile(0.99):.0f} ms"
    )
    for rival in (bare, insert):
        rival.stop()
    await of_links(bot, own, one["echo + insert"])
    before = bot.memory
    await drive(bot, talks(bot.name, 2 * REPORTS), AT_ONCE)
    base, after = memory_of_aiogram(), bot.memory
    say(f"memory: {before:.0f} MB before {REPORTS} reports, {after:.0f} MB after; import aiogram alone {base:.0f} MB")
    lines.append(Line(f"memory after {REPORTS} reports", f"{after:.0f} MB of {base:.0f} MB", after / base, 1.3))
    bot.stop()
    lines.append(await with_many_stored(cluster, api))
    return lines


async def with_many_stored(cluster: Embedded, api: YesMan) -> Line:
    """Measure an update with a thousand reports stored, and with a million: CPU of the bot, and time to the reply."""
    found: dict[str, tuple[float, float]] = {}
    for name, stored in (("few", 1000), ("many", STORED)):
        url = await made(cluster, name)
        bot = shekteu(url, api.url, TOKEN, DESK)
        await bot.start()
        # After its start: the bot refuses a database that holds something and no keys.
        await fill(url, stored)
        await cost(bot, url, 200)
        await rest(bot)
        rounds = [await cost(bot, url, 1000) for _ in range(ROUNDS)]
        found[name] = median(ms for ms, _ in rounds), median(answers.percentile(0.5) for _, answers in rounds)
        bot.stop()
    (few, few_p50), (many, many_p50) = found["few"], found["many"]
    say(f"time to the reply at 16 at once: {few_p50:.1f} ms with 1,000 stored, {many_p50:.1f} ms with {STORED:,}")
    return Line(
        f"CPU of an update, {STORED:,} reports stored against 1,000", f"{many:.2f} / {few:.2f} ms", many / few, 1.1
    )


async def made(cluster: Embedded, name: str) -> str:
    """Make a migrated database."""
    await cluster.ensure_database(name)
    database = Database(cluster.url(name), pool_size=2)
    await migrate(database)
    await database.close()
    return cluster.url(name)


async def main() -> None:
    """Measure and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="shekteu-bench-"))
    chmod(folder, 0o711)
    cluster, api = Embedded(folder), YesMan()
    await cluster.start()
    await cluster.ensure_database("echo")
    await api.start()
    try:
        lines = await measure(cluster, api)
    finally:
        await api.stop()
        await cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    say("")
    for line in lines:
        say(str(line))


if __name__ == "__main__":
    asyncio.run(main())
