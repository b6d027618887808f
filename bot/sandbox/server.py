"""The sandbox: a Bot API server on this machine, driven from Python and from its page."""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import orjson
from aiohttp import web

from bot.sandbox import methods, methods_bot, methods_chat, methods_edit, methods_media, methods_send, methods_webhook
from bot.sandbox.core import Fault
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.keeping import Keeper
from bot.sandbox.methods import Uploads
from bot.sandbox.page import Page
from bot.sandbox.people_acts import ActingPeople
from bot.sandbox.signatures import signatures
from bot.sandbox.world import Json, Message

T = TypeVar("T")
# Importing these registers their methods.
_MODULES = (methods_bot, methods_chat, methods_edit, methods_media, methods_send, methods_webhook)
_BODY_LIMIT = 60 * 1024 * 1024


class Sandbox(ActingPeople):
    """A strict Bot API of one bot, for one event loop.

    `limits.enabled = False` lifts the rate limits. With `keep_in` (a folder) people, chats and the token outlive it.
    """

    def __init__(
        self,
        token: str | None = None,
        bot_username: str = "shekteu_test_bot",
        clock: Callable[[], float] = time.time,
        retry_base: float = 1.0,
        keep_in: Path | None = None,
    ) -> None:
        super().__init__(token, bot_username, clock, retry_base)
        self._keeper = Keeper(self, keep_in) if keep_in is not None else None
        if self._keeper is not None and (kept := self._keeper.read()) is not None:
            self.use_token(token or kept["token"])
            self._keeper.load(kept)
        self.url = ""
        self._page = Page(self)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. `url` says where."""
        if not ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback:
            raise ValueError(f"the sandbox listens on this computer only, not on {host}")
        signatures()
        self.postman.ride = self._ride
        app = web.Application(client_max_size=_BODY_LIMIT)
        self._page.add_routes(app)
        app.router.add_route("*", "/bot{token}/{method}", self._api)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{address[1]}"

    async def stop(self) -> None:
        """End deliveries and close the port."""
        await self.postman.set(None)
        self.updates.end_poll()
        self._page.closing = True
        self.changed()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._keeper is not None:
            self._keeper.write()

    def changed(self) -> None:
        """Wake everybody who waits for a change, and have it kept."""
        super().changed()
        if self._keeper is not None and self._runner is not None:
            self._keeper.touch()

    def fail_next(
        self,
        method: str,
        error_code: int,
        description: str,
        parameters: Json | None = None,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """Refuse the next calls of a method ("*": of any), into one chat or any, with this error; they are not done."""
        self.faults.append(Fault(method, times, ApiError(error_code, description, parameters), chat_id=chat_id))

    def hang_up(self, method: str, times: int = 1, before: bool = True) -> None:
        """Cut the connection of the next calls of a method, before or after doing it."""
        self.faults.append(Fault(method, times, before=before))

    def pause_webhook(self) -> None:
        """Deliver nothing to the webhook until it is resumed."""
        self.postman.running.clear()

    def resume_webhook(self) -> None:
        """Deliver to the webhook again."""
        self.postman.running.set()

    def messages(self, chat_id: int) -> list[Message]:
        """All messages of a chat, the oldest first; deleted ones are marked."""
        return self.world.messages(chat_id)

    def last(self, chat_id: int, from_bot: bool = True) -> Message | None:
        """The newest message that still stands, of the bot or of people; service messages do not count."""
        standing = [m for m in self.messages(chat_id) if m.from_bot is from_bot and not m.deleted and not m.service]
        return standing[-1] if standing else None

    async def wait_for(self, predicate: Callable[[], T | bool | None], timeout: float = 60.0) -> T:
        """What the predicate gives as soon as that is true; it is asked at each change."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            change = self.next_change()
            if value := predicate():
                return value  # type: ignore[return-value]
            left = deadline - asyncio.get_running_loop().time()
            done, _ = await asyncio.wait([change], timeout=max(0.0, left))
            if not done:
                raise AssertionError(f"waited {timeout} s in vain; {self._told()}")

    async def wait_text(self, chat_id: int, contains: str, after: int | None = None, timeout: float = 60.0) -> Message:
        """The first message of the bot (after a message's id) whose text or caption contains this."""

        def found() -> Message | None:
            for message in self.messages(chat_id):
                newer = after is None or message.id > after
                if newer and message.from_bot and not message.deleted and contains in message.words:
                    return message
            return None

        return await self.wait_for(found, timeout)

    def _told(self) -> str:
        lines = [
            f"{'bot' if m.from_bot else 'person'} in {chat_id}: {m.words[:200]!r} {list(m.content) or ''}"
            for chat_id in self.world.chats
            for m in self.messages(chat_id)[-4:]
        ]
        refused = [f"{call.method}: {call.error}" for call in self.errors[-4:]]
        return "the last messages are:\n  " + "\n  ".join(lines) + f"\nrefused: {refused}"

    async def _ride(self, name: str, parameters: Json) -> None:
        try:
            await methods.call(self, name, parameters, {}, ride=True)
        except ApiError:
            # Nobody is told: methods.call has put it into `refused_rides`.
            return

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _answer(ApiError(401, "Unauthorized"))
        name = request.match_info["method"]
        if self.take_fault(name, cut=True) is not None:
            return _cut(request)
        try:
            parameters, uploads = await _parameters(request)
            result = await methods.call(self, name, parameters, uploads)
        except ApiError as refusal:
            return _answer(refusal)
        if self.take_fault(name, cut=True, before=False) is not None:
            return _cut(request)
        return _answer(result)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        data = self.files.download(request.match_info["path"])
        if request.match_info["token"] != self.token:
            return _answer(ApiError(401, "Unauthorized"))
        if data is None:
            return _answer(ApiError(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")


async def _parameters(request: web.Request) -> tuple[Mapping[str, Any], Uploads]:
    parameters: Json = dict(request.query)
    uploads: dict[str, tuple[str, str, bytes]] = {}
    if request.content_type == "application/json":
        body = await request.read()
        try:
            given = orjson.loads(body) if body.strip() else {}
        except orjson.JSONDecodeError as error:
            raise bad_request("can't parse request body as JSON") from error
        if not isinstance(given, dict):
            raise bad_request("request body must be a JSON object")
        return parameters | given, uploads
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[key] = (value.filename, value.content_type, value.file.read())
        else:
            parameters[key] = value if isinstance(value, str) else bytes(value).decode()
    return parameters, uploads


def _answer(result: Any) -> web.Response:
    refused = isinstance(result, ApiError)
    body = result.body() if refused else {"ok": True, "result": result}
    status = result.code if refused else 200
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
