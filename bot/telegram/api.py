"""Calls to the Bot API: JSON, or multipart with files; each sort of refusal is its own error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from mimetypes import guess_type
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson

from bot.delivery.errors import (
    AnotherPoller,
    ChatMigrated,
    MessageGone,
    NotModified,
    TelegramDown,
    TelegramRefused,
    TooMany,
    TopicClosed,
    Unreachable,
    WrongThread,
)
from bot.telegram.encoder import encode

_HIDDEN_RETRY: Final = re.compile(r"retry after (\d+)")
_UNREACHABLE: Final = (
    *("chat not found", "user is deactivated", "peer_id_invalid"),
    # A desk that took the bot's right to write away may give it back.
    *("have no rights to send", "not enough rights to send", "chat_write_forbidden"),
)
_WRONG_THREAD: Final = ("message thread not found", "topic_deleted", "topic_id_invalid")


class Api:
    """A client of one bot's Bot API."""

    def __init__(self, base_url: str, token: str) -> None:
        self._calls = f"{base_url.rstrip('/')}/bot{token}/"
        self._files = f"{base_url.rstrip('/')}/file/bot{token}/"
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session; inside the running loop."""
        # Not trust_env: aiohttp would look for the proxy at each call, in a thread.
        self._session = aiohttp.ClientSession(
            proxy=_proxy(self._calls), timeout=aiohttp.ClientTimeout(total=30, connect=10), json_serialize=_dumps
        )

    async def close(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        protect: bool = False,
        time_limit: float = 30,
    ) -> Any:
        """Call a method and give its result. `files` are named as `attach://name` in the parameters."""
        body = encode(method, dict(params or {}), protect=protect)
        try:
            async with self._opened.post(
                self._calls + method,
                data=_form(body, files) if files else orjson.dumps(body),
                headers={} if files else {"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=time_limit, connect=10),
            ) as response:
                answer = orjson.loads(await response.read())
                if not isinstance(answer, dict):
                    raise TelegramDown
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as error:
            # The error's text holds the address, and that the token: it goes no further.
            raise TelegramDown from _nameless(error)
        if answer.get("ok"):
            return answer.get("result")
        raise _refusal(method, answer)

    async def download(self, file_id: str, limit: int) -> bytes:
        """Fetch a file of at most `limit` bytes; raise TelegramRefused when it is gone or larger."""
        path = (await self.call("getFile", {"file_id": file_id})).get("file_path", "")
        try:
            async with self._opened.get(self._files + path) as response:
                if response.status >= 500:
                    raise TelegramDown
                if response.status != 200:
                    raise TelegramRefused("download", response.status, "")
                data = bytearray()
                async for chunk in response.content.iter_chunked(1 << 16):
                    data += chunk
                    if len(data) > limit:
                        raise TelegramRefused("download", 413, "file is too big")
                return bytes(data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TelegramDown from _nameless(error)

    @property
    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("Api.open() first")
        return self._session


def _proxy(url: str) -> str | None:
    """Give the proxy that the environment names for an address."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _form(body: Mapping[str, Any], files: Mapping[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in body.items():
        form.add_field(name, value if isinstance(value, str) else _dumps(value))
    for name, data in files.items():
        # A photo is named by its place in an album, a document as it is to be called.
        kind, _ = guess_type(name)
        form.add_field(
            name,
            data,
            filename=name if kind else f"{name}.jpg",
            content_type=kind or "image/jpeg",
        )
    return form


def _nameless(error: BaseException) -> Exception | None:
    return type(error)() if type(error) is TimeoutError else None


def _refusal(method: str, answer: Mapping[str, Any]) -> Exception:
    code, description = int(answer.get("error_code", 0)), str(answer.get("description", ""))
    parameters = answer.get("parameters") or {}
    lowered = description.lower()
    hidden = _HIDDEN_RETRY.search(lowered)
    if code == 429 or hidden:
        return TooMany(float(parameters.get("retry_after") or (hidden[1] if hidden else 1)))
    if "migrate_to_chat_id" in parameters:
        return ChatMigrated(int(parameters["migrate_to_chat_id"]))
    if code >= 500:
        return TelegramDown()
    sort: type[TelegramRefused] = TelegramRefused
    if code == 403 or any(words in lowered for words in _UNREACHABLE):
        sort = Unreachable
    elif "topic_closed" in lowered:
        sort = TopicClosed
    elif any(words in lowered for words in _WRONG_THREAD):
        sort = WrongThread
    elif "not modified" in lowered:
        sort = NotModified
    elif "to edit not found" in lowered or "to be replied not found" in lowered or "can't be edited" in lowered:
        sort = MessageGone
    elif code == 409:
        sort = AnotherPoller
    return sort(method, code, description)
