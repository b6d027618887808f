"""Telegram's side of a measurement: an API that says yes at once, and people who write."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from tests.load.rivals import SECRET, Rival

DESK = -1001234567890
TOKEN = "42:" + "A" * 35
_IDS = itertools.count(1)


class YesMan:
    """A Bot API that takes every call."""

    def __init__(self) -> None:
        self.calls = 0
        self._webhook = ""
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._yes)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner:
            await self._runner.cleanup()

    async def _yes(self, request: web.Request) -> web.Response:
        self.calls += 1
        result: Any = True
        method = request.match_info["method"].lower()
        if method == "setwebhook":
            self._webhook = (await request.json())["url"]
        elif method == "getwebhookinfo":
            result = {"url": self._webhook, "has_custom_certificate": False, "pending_update_count": 0}
        elif method == "getme":
            result = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
        elif method.startswith(("send", "editmessage")):
            result = {"message_id": self.calls, "date": 1, "chat": {"id": 1, "type": "private"}}
        return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


def message(chat: int, text: str) -> dict[str, Any]:
    """Give the update of a message."""
    person = {"id": chat, "is_bot": False, "first_name": "A", "language_code": "ru"}
    number = next(_IDS)
    body = {"message_id": number, "date": 1_790_000_000 + number, "chat": {"id": chat, "type": "private"}}
    return {"update_id": number, "message": {**body, "from": person, "text": text}}


def report(chat: int) -> list[dict[str, Any]]:
    """Give the two updates of a link report: the link, and Send."""
    return [message(chat, f"t.me/bench_{chat:09}"), message(chat, "Отправить")]


def newcomer(chat: int) -> list[dict[str, Any]]:
    """Give the four updates of who comes from a billboard: start, *Link*, the link, and Send."""
    return [message(chat, "/start"), message(chat, "Ссылка"), *report(chat)]


@dataclass
class Answers:
    """How a run went."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile(self, share: float) -> float:
        """Give the milliseconds within which so large a share was answered."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def drive(rival: Rival, talks: list[list[dict[str, Any]]], at_once: int, per_second: float = 0.0) -> Answers:
    """Bring updates: each talk in order, so many talks at once, or so many updates a second."""
    answers, queue = Answers(), iter(talks)
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def bring(update: dict[str, Any]) -> None:
            body = orjson.dumps(update)
            while True:
                began = monotonic()
                async with http.post(rival.url, data=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status == 200:
                        answers.seconds.append(monotonic() - began)
                        return
                answers.refused += 1
                await asyncio.sleep(0.05)

        async def talk_on() -> None:
            for talk in queue:
                for update in talk:
                    await bring(update)

        if per_second:
            await _paced(talks, bring, per_second)
        else:
            await asyncio.gather(*(talk_on() for _ in range(at_once)))
    return answers


async def _paced(talks: list[list[dict[str, Any]]], bring: Callable[..., Any], per_second: float) -> None:
    began, tasks = monotonic(), []
    # First all that begins a talk, then what follows: each talk stays in order, and its parts far apart.
    updates = [talk[step] for step in range(max(map(len, talks))) for talk in talks if step < len(talk)]
    for number, update in enumerate(updates):
        await asyncio.sleep(max(began + number / per_second - monotonic(), 0))
        tasks.append(asyncio.create_task(bring(update)))
    await asyncio.gather(*tasks)
