"""The reverse proxy before the bot's webhooks: spreads updates over the processes, loses answers, brings doubles."""

from __future__ import annotations

import asyncio
from random import Random

import aiohttp
from aiohttp import web

from tests.stage import free_port


class Door:
    """Takes Telegram's updates for several processes, and makes trouble for some of them."""

    def __init__(self, backends: list[str], rng: Random) -> None:
        self._backends, self._rng = backends, rng
        self.address = f"127.0.0.1:{free_port()}"
        self.loses = self.doubles = 0.0
        """The share of answers that are lost, and of updates that are brought twice at the same moment."""
        self.lost = self.doubled = 0
        """Answers that Telegram did not get, and updates that two processes were given at the same moment."""
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        app = web.Application()
        app.router.add_post("/hook", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", int(self.address.partition(":")[2])).start()

    async def close(self) -> None:
        """Listen no more."""
        if self._runner and self._session:
            await self._runner.cleanup()
            await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        body, secret = await request.read(), request.headers["X-Telegram-Bot-Api-Secret-Token"]
        lost, doubled = self._rng.random() < self.loses, self._rng.random() < self.doubles
        order = self._rng.sample(self._backends, len(self._backends))
        answer, *_ = await asyncio.gather(
            self._forward(body, secret, order), *([self._forward(body, secret, order[::-1])] if doubled else [])
        )
        self.doubled += doubled
        if lost and answer.status == 200 and request.transport:
            self.lost += 1
            request.transport.abort()
        return answer

    async def _forward(self, body: bytes, secret: str, order: list[str]) -> web.Response:
        """Ask the processes one after another, until one takes the connection."""
        assert self._session
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
        for backend in order:
            try:
                async with self._session.post(f"http://{backend}/hook", data=body, headers=headers) as answer:
                    told = {name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers}
                    content = await answer.read()
                    kind = answer.content_type
                    return web.Response(body=content, status=answer.status, headers=told, content_type=kind)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                # It may have been taken or not: a proxy does not ask another one then.
                break
        return web.Response(status=502)
