"""How a send can fail: each sort needs another answer from the courier. The Bot API's client raises them."""

from __future__ import annotations


class TelegramRefused(Exception):
    """Telegram refused a call for good."""

    def __init__(self, method: str, code: int, description: str) -> None:
        super().__init__()
        self.method, self.code, self.description = method, code, description


class Unreachable(TelegramRefused):
    """The person blocked the bot, or the chat is gone."""


class NotModified(TelegramRefused):
    """The message already is what the edit asks for."""


class MessageGone(TelegramRefused):
    """The message to edit or to answer is no longer there."""


class WrongThread(TelegramRefused):
    """The topic is gone, or the group has no topics any more."""


class TopicClosed(Unreachable):
    """The topic, or the group's general one, is closed to the bot."""


class AnotherPoller(TelegramRefused):
    """Somebody else polls with this token, or a webhook is set."""


class TooMany(Exception):
    """Telegram asks to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class ChatMigrated(Exception):
    """The group became a supergroup with another id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__()
        self.chat_id = chat_id


class TelegramDown(ConnectionError):
    """Telegram cannot be reached, or fails on its side: try again later, as after any outage."""
