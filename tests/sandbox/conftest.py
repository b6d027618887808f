"""A sandbox of its own for each test, on a clock that the test moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Group, Person


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Stand:
    sandbox: Sandbox
    clock: Clock
    http: aiohttp.ClientSession
    citizen: Person = field(init=False)
    desk: Group = field(init=False)

    def __post_init__(self) -> None:
        self.citizen = self.sandbox.add_person("Айгүл", username="aigul", language_code="kk")
        self.citizen.started = True
        self.desk = self.sandbox.add_group("Desk", forum=True)

    @property
    def base(self) -> str:
        return f"{self.sandbox.url}/bot{self.sandbox.token}"

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The whole body of an answer."""
        async with self.http.post(f"{self.base}/{method}", json=parameters) as answer:
            body: dict[str, Any] = await answer.json()
            assert body["ok"] is (answer.status == 200)
            return body

    async def call(self, method: str, **parameters: Any) -> Any:
        """The result of a call that must succeed."""
        body = await self.ask(method, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        """The description of a call that must be refused."""
        body = await self.ask(method, **parameters)
        assert not body["ok"], body
        return str(body["description"])

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **parameters: str) -> dict[str, Any]:
        """The body of the answer to a multipart call."""
        form = aiohttp.FormData(parameters)
        for key, (name, data) in files.items():
            form.add_field(key, data, filename=name)
        async with self.http.post(f"{self.base}/{method}", data=form) as answer:
            body: dict[str, Any] = await answer.json()
            return body


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    clock = Clock()
    sandbox = Sandbox(clock=clock, retry_base=0.01)
    await sandbox.start()
    async with aiohttp.ClientSession() as http:
        yield Stand(sandbox, clock, http)
    await sandbox.stop()


def picture(width: int = 400, height: int = 300, kind: str = "JPEG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), (30, 120, 90)).save(written, kind)
    return written.getvalue()
