"""Several processes of one bot, hurried a little, behind a proxy that takes turns."""

from __future__ import annotations

import base64
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.sandbox.server import Sandbox
from tests.children import PLAIN, Child, start
from tests.stage import free_port
from tests.workbench import until

LONG = 120.0
"""Seconds after which a test that waits in vain ends; nothing is claimed about the time."""


class Member:
    """One `shekteu run`."""

    def __init__(self, process: Child, hook: str, health: str, log: Path) -> None:
        self.process, self.hook, self.health, self.log = process, hook, health, log

    async def seen(self) -> dict[str, Any]:
        """What its health says; nothing when it does not answer."""
        try:
            async with aiohttp.ClientSession() as http, http.get(f"http://{self.health}/healthz") as answer:
                return dict(await answer.json())
        except aiohttp.ClientError:
            assert self.process.returncode is None, self.log.read_text()
            return {}

    async def counts(self, name: str) -> Counter[tuple[str, ...]]:
        """What it counted under a name, by labels."""
        async with aiohttp.ClientSession() as http, http.get(f"http://{self.health}/metrics") as answer:
            page = await answer.text()
        samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
        return Counter({tuple(one.labels.values()): int(one.value) for one in samples if one.name == name})

    async def leads(self) -> bool:
        """Whether it is the leader."""
        return bool((await self.seen()).get("leads"))


class Several:
    """The processes, the sandbox they work for, and the proxy between."""

    def __init__(self, database_url: str, folder: Path, *, webhook: bool) -> None:
        self.sandbox = Sandbox(retry_base=0.05)
        # People write here faster than they can, and a reply that Telegram refuses is lost.
        self.sandbox.limits.enabled = False
        self.desk = self.sandbox.add_group("Прокуратура")
        self.officer = self.sandbox.add_person("Айгерим")
        self.sandbox.join(self.officer, self.desk, status="member")
        self.members: list[Member] = []
        self._url, self._folder, self._webhook = database_url, folder, webhook
        self.finish = list[str]()
        """How many seconds a process that is told to stop waits for what is in hand; as many as in earnest if empty."""
        self.program = ["tests.integration.hurried"]
        """What the next process is, and what it is told beside that."""
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self._door = f"127.0.0.1:{free_port()}"
        self._turn = itertools.count()
        self._http = aiohttp.ClientSession()

    async def start(self, **settings: str) -> Member:
        """Start one more process."""
        hook, health = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        environment = PLAIN | {
            "BOT_TOKEN": self.sandbox.token,
            "STAFF_CHAT_ID": str(self.desk.id),
            "TELEGRAM_API_URL": self.sandbox.url,
            "DATABASE_URL": self._url,
            "SECRET_KEY": self._key,
            "HEALTH_LISTEN": health,
            "FEEDBACK_DELAY_MINUTES": "0-0",
            "UNDO_SECONDS": "0",
        }
        if self._webhook:
            environment |= {
                "WEBHOOK_URL": f"http://{self._door}/hook",
                "WEBHOOK_SECRET": "a-secret-of-the-tests",
                "WEBHOOK_LISTEN": hook,
            }
        log = self._folder / f"bot-{len(self.members)}.log"
        with log.open("wb") as out:
            process = await start(
                *(self.program[0], *self.finish, *self.program[1:]),
                folder=self._folder,
                environment=environment | settings,
                stdout=out,
                stderr=out,
            )
        self.members.append(Member(process, hook, health, log))
        return self.members[-1]

    async def leader(self) -> Member:
        """Wait until one leads, and give it."""
        found: list[Member] = []

        async def one() -> bool:
            found[:] = [each for each in self.members if each.process.returncode is None and await each.leads()]
            return len(found) == 1

        await until(one, LONG)
        return found[0]

    async def works(self, member: Member) -> None:
        """Wait until a process is well."""

        async def well() -> bool:
            seen = await member.seen()
            return bool(seen) and all(seen[name] for name in ("database", "schema", "telegram"))

        await until(well, LONG)

    async def pass_on(self, request: web.Request) -> web.Response:
        """Hand an update to the next process that takes the connection, as a reverse proxy does."""
        body, headers = await request.read(), {"X-Telegram-Bot-Api-Secret-Token": "a-secret-of-the-tests"}
        for _ in self.members:
            member = self.members[next(self._turn) % len(self.members)]
            try:
                async with self._http.post(f"http://{member.hook}/hook", data=body, headers=headers) as answer:
                    return web.Response(
                        body=await answer.read(), status=answer.status, content_type=answer.content_type
                    )
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                break
        return web.Response(status=502)

    async def open(self) -> None:
        """Start sandbox and proxy."""
        await self.sandbox.start()
        app = web.Application()
        app.router.add_post("/hook", self.pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        host, _, port = self._door.partition(":")
        await web.TCPSite(self._runner, host, int(port)).start()

    async def close(self) -> None:
        """End everything."""
        for member in self.members:
            if member.process.returncode is None:
                member.process.kill()
                await member.process.wait()
        await self._runner.cleanup()
        await self._http.close()
        await self.sandbox.stop()


@asynccontextmanager
async def several(
    database_url: str, folder: Path, count: int, *, webhook: bool = True, finish: float | None = None
) -> AsyncIterator[Several]:
    """Open so many processes, all of them at work."""
    opened = Several(database_url, folder, webhook=webhook)
    if finish is not None:
        opened.finish = [str(finish)]
    await opened.open()
    try:
        for _ in range(count):
            await opened.start()
        for member in opened.members:
            await opened.works(member)
        await opened.leader()
        yield opened
    finally:
        await opened.close()
