"""Updates that wait for the bot, and getUpdates."""

import asyncio
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.world import Json

PRESS_LIFE = 150.0
MESSAGE_LIFE = 24 * 3600.0
# Told only to those who name them.
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

QueueKey = tuple[str, int]


@dataclass(eq=False)
class Update:
    """One update on its way. Updates of one queue are delivered one after another."""

    id: int
    kind: str
    body: Json
    queue: QueueKey
    expires: float
    again: bool = False


class Updates:
    """The queue: an update stays until the bot has confirmed it, or it has expired."""

    def __init__(self, clock: Callable[[], float], changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self.next_id = secrets.randbelow(500_000_000) + 100_000_000
        self._pending: dict[Update, None] = {}
        self._added: Callable[[Update], None] | None = None
        # The getUpdates that waits; what is set on it is by whom it is ended, or None when something came.
        self._poll: asyncio.Future[str | None] | None = None
        self.known: dict[int, Update] = {}
        self.allowed: frozenset[str] | None = None

    def watch(self, added: Callable[[Update], None] | None) -> None:
        """Call this with each new update (the webhook's postman), or nobody."""
        self._added = added

    @property
    def polling(self) -> bool:
        """Whether a getUpdates waits now."""
        return self._poll is not None and not self._poll.done()

    def pending(self) -> list[Update]:
        """What waits and has not expired, in the order of delivery."""
        for update in [update for update in self._pending if not self.waits(update)]:
            del self._pending[update]
        return list(self._pending)

    def waits(self, update: Update) -> bool:
        """Whether an update has been neither taken nor expired."""
        return update in self._pending and update.expires > self._clock()

    def allow(self, kinds: Collection[str] | None) -> None:
        """Which updates are wanted from now on: None leaves it as it was, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def wanted(self, kind: str) -> bool:
        """Whether the bot has asked for this kind."""
        return kind not in UNASKED if self.allowed is None else kind in self.allowed

    def add(self, kind: str, payload: Json, queue: QueueKey) -> int | None:
        """Queue an update; returns its id, or None for a kind that nobody asked for."""
        if not self.wanted(kind):
            return None
        return self.add_raw({kind: payload}, kind, queue)

    def add_raw(self, body: Json, kind: str, queue: QueueKey) -> int:
        """Queue a body as it is; it gets the next id unless it has one."""
        update_id = body.get("update_id")
        if update_id is None:
            update_id, self.next_id = self.next_id, self.next_id + 1
        life = PRESS_LIFE if kind == "callback_query" else MESSAGE_LIFE
        update = Update(update_id, kind, {"update_id": update_id, **body}, queue, self._clock() + life)
        self.put(update)
        return int(update_id)

    def redeliver(self, update_id: int) -> None:
        """Deliver a known update once more, whatever the bot has confirmed."""
        old = self.known[update_id]
        self.put(Update(old.id, old.kind, old.body, old.queue, self._clock() + MESSAGE_LIFE, again=True))

    def put(self, update: Update) -> None:
        """Put an update at the end of the queue."""
        self.known.setdefault(update.id, update)
        self._pending[update] = None
        if self._added is not None:
            self._added(update)
        self._end_poll(None)

    def done(self, update: Update) -> None:
        """The bot has taken it."""
        self._pending.pop(update, None)
        self._changed()

    def drop_all(self) -> None:
        """Forget what waits."""
        self._pending.clear()

    async def get(self, offset: int, limit: int, wait: float) -> list[Json]:
        """What getUpdates answers; a newer call ends an older one."""
        if self._added is not None:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if not 1 <= limit <= 100:
            raise bad_request("limit must be between 1 and 100")
        self._end_poll("other getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        mine: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        self._changed()
        try:
            if not self.pending() and wait > 0:
                await asyncio.wait([mine], timeout=wait)
        finally:
            if self._poll is mine:
                self._poll = None
        if mine.done() and (by := mine.result()) is not None:
            raise ApiError(409, f"Conflict: terminated by {by}")
        batch = self.pending()[:limit]
        for update in batch:
            if update.again:
                self.done(update)
        return [update.body for update in batch]

    def end_poll(self) -> None:
        """End a waiting getUpdates: the webhook was set, or the sandbox stops."""
        self._end_poll("setWebhook request")

    def _end_poll(self, by: str | None) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(by)

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            self._pending = {update: None for update in self.pending() if update.again or update.id >= offset}
        elif offset < 0:
            self._pending = dict.fromkeys(self.pending()[offset:])
