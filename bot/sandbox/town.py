"""The sandbox as `run` shows it: a desk with two officers, and a citizen of each language."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import Final

from bot.sandbox.server import Sandbox

DESK: Final = -1_001_000_000_001


class Town:
    """Starts the sandbox and, the first time, peoples it. Chats are kept in a folder, as the bot's database is."""

    def __init__(self, host: str, port: int, folder: Path, zone: tzinfo) -> None:
        self._host, self._port = host, port
        self.sandbox = Sandbox(bot_username="shekteu_sandbox_bot", keep_in=folder)
        self.sandbox.zone = zone
        if DESK not in self.sandbox.world.groups:
            self._people()
        self.desk = self.sandbox.world.groups[DESK]

    def _people(self) -> None:
        desk = self.sandbox.add_group("Прокуратура", group_id=DESK)
        for name, status in (("Айгерим", "administrator"), ("Данияр", "member")):
            officer = self.sandbox.add_person(name)
            self.sandbox.join(officer, desk, status=status)  # type: ignore[arg-type]
        for name, language in (("Айдана", "kk"), ("Руслан", "ru"), ("Emma", "en")):
            self.sandbox.add_person(name, language_code=language)

    async def __aenter__(self) -> Town:
        await self.sandbox.start(self._host, self._port)
        return self

    async def __aexit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sandbox.stop()
