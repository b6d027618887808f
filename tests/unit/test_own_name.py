"""The bot's own name: asked for until Telegram tells it, and told to nobody before."""

from __future__ import annotations

from typing import Any

from bot.delivery.errors import TelegramDown, TelegramRefused
from bot.telegram.own_name import AGAIN, OwnName


class Scripted:
    """A Telegram whose answers are written down."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        assert (method, params) == ("getMe", {})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_it_is_asked_for_until_telegram_tells_it() -> None:
    name, slept = OwnName(), list[float]()

    async def sleep(seconds: float) -> None:
        assert name.get() == ""
        slept.append(seconds)

    refused = TelegramRefused("getMe", 401, "Unauthorized")
    telegram = Scripted(TelegramDown(), refused, True, {"id": 1}, {"id": 1, "username": "ShekteuBot"})
    await name.learn(telegram, sleep)  # type: ignore[arg-type]
    assert name.get() == "ShekteuBot"
    assert telegram.answers == []
    assert slept == [1.0, AGAIN, AGAIN, AGAIN]
