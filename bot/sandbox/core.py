"""What all parts of the sandbox share: the bot, the world, the queue of updates, and what was called."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from bot.sandbox import render
from bot.sandbox.errors import ApiError
from bot.sandbox.files import Files
from bot.sandbox.limits import Limits
from bot.sandbox.updates import QueueKey, Updates
from bot.sandbox.webhook import Postman
from bot.sandbox.world import Group, Json, Message, World

PRESS_ANSWER_LIFE = 900.0


@dataclass
class Call:
    """One call of the bot: its result, or how it was refused. `ride` is one that came in a webhook's answer."""

    method: str
    parameters: Json
    time: float
    ride: bool = False
    result: Any = None
    error: ApiError | None = None


@dataclass
class Fault:
    """A refusal or a cut connection that a test has ordered for the next calls of a method (or of "*")."""

    method: str
    times: int
    error: ApiError | None = None
    before: bool = True
    chat_id: int | None = None
    """Only calls into this chat, if it is given."""


@dataclass(eq=False)
class Press:
    """A press of an inline button, and the bot's answer to it."""

    id: str
    person_id: int
    message: Message
    data: str
    time: float
    answered: bool = False
    text: str | None = None
    alert: bool = False
    url: str | None = None


@dataclass
class BotProfile:
    """What the bot has told about itself, by language and scope."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)


class Core:
    """The state of one sandbox."""

    def __init__(self, token: str | None, bot_username: str, clock: Callable[[], float], retry_base: float) -> None:
        # Telegram's tokens have 35 characters after the bot's id.
        self.use_token(token or f"{secrets.randbelow(900_000_000) + 7_000_000_000}:AA{secrets.token_hex(17)[:33]}")
        self.bot_username = bot_username
        self.bot_name = "Shekteu (sandbox)"
        self.profile = BotProfile()
        self.clock = clock
        self.zone: tzinfo = UTC
        """By which the page tells the time."""
        self.world = World()
        self.files = Files(clock)
        self.limits = Limits(clock)
        self.updates = Updates(clock, self.changed)
        self.postman = Postman(self, retry_base)
        self.presses: dict[str, Press] = {}
        self.typing: dict[int, float] = {}
        self.calls: list[Call] = []
        self.refused_rides: list[Call] = []
        self.faults: list[Fault] = []
        self.version = 0
        self._waiters: list[asyncio.Future[None]] = []

    def use_token(self, token: str) -> None:
        """Be the bot of this token."""
        self.token = token
        self.bot_id = int(token.split(":")[0])

    @property
    def errors(self) -> list[Call]:
        """The calls that were refused."""
        return [call for call in self.calls if call.error is not None]

    def me(self) -> Json:
        """The bot as a User object."""
        return {"id": self.bot_id, "is_bot": True, "first_name": self.bot_name, "username": self.bot_username}

    def now(self) -> int:
        """The time of the handed-in clock in whole seconds, as the Bot API has it."""
        return int(self.clock())

    def changed(self) -> None:
        """Wake everybody who waits for a change."""
        self.version += 1
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def next_change(self) -> asyncio.Future[None]:
        """Done as soon as anything changes."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def take_fault(self, method: str, cut: bool, before: bool = True, chat_id: Any = None) -> Fault | None:
        """The ordered fault that this call meets, if any; it is used up."""
        for fault in self.faults:
            if fault.chat_id is not None and str(fault.chat_id) != str(chat_id):
                continue
            if fault.method in (method, "*") and (fault.error is None) is cut and (not cut or fault.before is before):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def tell(self, kind: str, payload: Json, queue: QueueKey) -> int | None:
        """Queue an update for the bot."""
        update_id = self.updates.add(kind, payload, queue)
        self.changed()
        return update_id

    def tell_message(self, message: Message, kind: str = "message") -> int | None:
        """Queue a person's message, if the bot can see it."""
        if not self.sees(message):
            self.changed()
            return None
        return self.tell(kind, render.message(self, message), ("chat", message.chat_id))

    def sees(self, message: Message) -> bool:
        """Administrators see all of a group; a plain member only what privacy mode lets through."""
        group = self.world.groups.get(message.chat_id)
        if group is None:
            person = self.world.people.get(message.chat_id)
            return person is None or not person.blocked
        if group.bot_status in ("left", "kicked"):
            return False
        if group.bot_status == "administrator" or message.service:
            return True
        replied = self.world.find(message.chat_id, message.reply_to) if message.reply_to is not None else None
        words = message.words
        return words.startswith("/") or (replied is not None and replied.from_bot) or f"@{self.bot_username}" in words

    def group(self, chat_id: int) -> Group | None:
        """The group of this id."""
        return self.world.groups.get(chat_id)
