"""The lean webhook: 200 only after the commit, with the reply in its body."""

from __future__ import annotations

import hmac

import orjson
from aiohttp import web

from bot.log import get_logger
from bot.telegram.intake import Intake
from bot.telegram.turn import TryAgain

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 — a header's name
log = get_logger()


def webhook_app(intake: Intake, path: str, secret: str) -> web.Application:
    """Make the application that takes updates on `path`, checking Telegram's secret in constant time."""

    async def take(request: web.Request) -> web.Response:
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
        return web.Response(body=orjson.dumps({"method": method, **body}), content_type="application/json")

    app = web.Application(client_max_size=4 << 20)
    app.router.add_post(path, take)
    return app
