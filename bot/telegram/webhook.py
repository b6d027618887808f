"""The lean webhook: 200 only after the commit, with the reply in its body."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import orjson
from aiohttp import web

from bot import metrics
from bot.delivery.errors import TelegramRefused
from bot.log import error_fields, get_logger
from bot.telegram.api import Api
from bot.telegram.insisting import Sleep, insist
from bot.telegram.intake import UPDATES, Intake
from bot.telegram.turn import TryAgain

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 — a header's name
LOOK_EVERY: Final = 30.0
"""Seconds between looks at where Telegram brings the updates."""
LARGEST: Final = 4 << 20
"""Bytes of an update."""
_JSON: Final = {"Content-Type": "application/json"}
log = get_logger()


def webhook_server(intake: Intake, path: str, secret: str) -> web.Server:
    """Make the server that takes updates on `path`, checking Telegram's secret in constant time.

    Without an application: there is one path to look up, and every update would pay for more.
    """

    async def take(request: web.BaseRequest) -> web.Response:
        if request.path != path:
            return web.Response(status=404)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        told = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(told, secret.encode()):
            return web.Response(status=403)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            # Bringing it again would not mend it.
            log.warning("update_malformed")
            return web.Response()
        try:
            call = await intake.take(update)
        except TryAgain:
            return web.Response(status=503, headers={"Retry-After": "1"})
        if call is None:
            return web.Response()
        method, body = call
        return web.Response(body=orjson.dumps({"method": method, **body}), headers=_JSON)

    return web.Server(take, request_factory=partial(_request, asyncio.get_running_loop()), access_log=None)


def _request(
    loop: asyncio.AbstractEventLoop, message: Any, body: Any, protocol: Any, writer: Any, task: asyncio.Task[None]
) -> web.BaseRequest:
    return web.BaseRequest(message, body, protocol, writer, task, loop, client_max_size=LARGEST)


async def keep_webhook(
    api: Api, url: str, secret: str, heard: Callable[[], None], sleep: Sleep = asyncio.sleep
) -> None:
    """Have Telegram bring the updates to `url`, for ever: set anew when it is taken away, tried again when refused.

    `heard` is told each time that Telegram says it is so.
    """
    wanted = {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES)}
    stands = False
    while True:
        try:
            if not stands:
                await insist(api, "setWebhook", wanted, sleep)
            info = await insist(api, "getWebhookInfo", {}, sleep)
            stands = info.get("url") == url
            metrics.PENDING.set(info.get("pending_update_count", 0))
            if stands:
                heard()
            else:
                log.warning("webhook_taken_away")
        except TelegramRefused as error:
            # Its name may not resolve yet, or its certificate may still be on the way.
            log.error("webhook_refused", method=error.method, code=error.code, **error_fields(error))
        await sleep(LOOK_EVERY)
