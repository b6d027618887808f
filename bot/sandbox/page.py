"""The page's side of the server: its files, what it shows, and what is done on it. For this computer only."""

import asyncio
import contextlib
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bot.sandbox.errors import ApiError
from bot.sandbox.page_acts import act, upload
from bot.sandbox.page_state import state
from bot.sandbox.people_acts import ActingPeople
from bot.sandbox.world import Json

_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# Changes that come together are told together.
_GATHER = 0.03
_HEARTBEAT = 15.0


class Page:
    """The routes of the page."""

    def __init__(self, people: ActingPeople) -> None:
        self._people = people
        self.closing = False

    def add_routes(self, app: web.Application) -> None:
        """Put the page's routes beside those of the Bot API."""
        app.middlewares.append(local_only)
        app.router.add_get("/", self._index)
        app.router.add_get("/page/{name}", self._static)
        app.router.add_get("/sandbox/state", self._state)
        app.router.add_get("/sandbox/events", self._events)
        app.router.add_get("/sandbox/file/{file_id}", self._file)
        app.router.add_post("/sandbox/act", self._act)
        app.router.add_post("/sandbox/upload", self._upload)

    async def _index(self, _request: web.Request) -> web.Response:
        return _static("index.html")

    async def _static(self, request: web.Request) -> web.Response:
        return _static(request.match_info["name"])

    async def _state(self, _request: web.Request) -> web.Response:
        return _json(state(self._people))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell the number of each new state; the page then asks for it."""
        stream = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await stream.prepare(request)
        told = -1
        while not self.closing:
            change = self._people.next_change()
            if self._people.version != told:
                told = self._people.version
                await stream.write(b"data: %d\n\n" % told)
            done, _ = await asyncio.wait([change], timeout=_HEARTBEAT)
            if done:
                await asyncio.sleep(_GATHER)
            else:
                await stream.write(b": still here\n\n")
        return stream

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._people.files.by_id.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        # What people sent is never given to the browser as anything but a picture or a download.
        picture = _picture_type(stored.data) if stored.kind == "photo" else None
        headers = {**_HEADERS, "Content-Disposition": "inline" if picture else "attachment"}
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return web.Response(body=stored.data, content_type=picture or "application/octet-stream", headers=headers)

    async def _act(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        with _told_kindly():
            order = orjson.loads(await request.read())
            return _json(act(self._people, order))

    async def _upload(self, request: web.Request) -> web.Response:
        if request.content_type != "multipart/form-data":
            raise web.HTTPUnsupportedMediaType
        form = await request.post()
        order = {key: value for key, value in form.items() if isinstance(value, str)}
        parts = [part for part in form.getall("file", []) if isinstance(part, web.FileField)]
        with _told_kindly():
            upload(self._people, order, [(part.filename, part.content_type, part.file.read()) for part in parts])
        return _json({})


@contextlib.contextmanager
def _told_kindly() -> Any:
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:
        raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from error
    except ApiError as refusal:
        raise web.HTTPBadRequest(text=refusal.description) from refusal


@web.middleware
async def local_only(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse requests under a foreign name (rebinding), from a foreign page, and forms that a page could forge."""
    host = urlsplit(f"//{request.host}")
    port = request.transport.get_extra_info("sockname")[1] if request.transport is not None else None
    if host.hostname not in _NAMES or (host.port or 80) != port:
        raise web.HTTPForbidden(text="The sandbox answers under localhost only.")
    if request.path.startswith("/sandbox/"):
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise web.HTTPForbidden(text="The sandbox is driven by its own page only.")
        if request.method == "POST" and request.headers.get("X-Sandbox") != "1":
            raise web.HTTPForbidden(text="The header X-Sandbox: 1 is missing.")
    answer: web.StreamResponse = await handler(request)
    return answer


def _static(name: str) -> web.Response:
    kind = _TYPES.get(name.rsplit(".", 1)[-1])
    file = files("bot.sandbox").joinpath("page", name)
    if kind is None or "/" in name or not file.is_file():
        raise web.HTTPNotFound
    return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8", headers=_HEADERS)


def _json(body: Json) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=_HEADERS)


def _picture_type(data: bytes) -> str | None:
    for start, kind in ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n", "image/png"), (b"GIF8", "image/gif")):
        if data.startswith(start):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
