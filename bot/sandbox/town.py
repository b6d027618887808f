"""The sandbox as `run` shows it: a desk with two officers, and a citizen of each language."""

from __future__ import annotations

from types import TracebackType
from typing import Final

from bot.sandbox.server import Sandbox

DESK: Final = -1_001_000_000_001
"""The desk keeps its id over restarts: the database remembers it."""


class Town:
    """Starts the sandbox and peoples it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.sandbox = Sandbox(bot_username="shekteu_sandbox_bot")
        self.desk = self.sandbox.add_group("Прокуратура", group_id=DESK)
        for name, status in (("Айгерим", "administrator"), ("Данияр", "member")):
            officer = self.sandbox.add_person(name)
            self.sandbox.join(officer, self.desk, status=status)  # type: ignore[arg-type]
        for name, language in (("Айдана", "kk"), ("Руслан", "ru"), ("Emma", "en")):
            self.sandbox.add_person(name, language_code=language)

    async def __aenter__(self) -> Town:
        await self.sandbox.start(self._host, self._port)
        return self

    async def __aexit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sandbox.stop()
