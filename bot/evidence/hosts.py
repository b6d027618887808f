"""How often a host is asked: one request at a time, some seconds between two, and long pauses when it wants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

GAP: Final = timedelta(seconds=5)
"""Between two requests to one host: 17,000 a day, enough for as many channels of Telegram looked at daily."""
LONGEST: Final = timedelta(hours=1)
"""However long a host asks to be left alone, after so long it is asked again."""
APART: Final = 4
"""Gaps between two of those that other hosts lead to one."""
TOO_MANY: Final = frozenset({429, 503})


@dataclass(slots=True)
class _Host:
    free_at: datetime
    gap: timedelta = GAP
    busy: bool = False
    turns: dict[UUID, datetime] = field(default_factory=dict)
    """When those come again whom another host led here while it was not free."""

    def is_free(self, now: datetime) -> bool:
        return not self.busy and self.free_at <= now

    def is_kept(self, now: datetime) -> bool:
        """Tell whether it is kept for one of them, who would meet whoever asked now."""
        return any(at - self.gap < now < at + self.gap for at in self.turns.values())


class Hosts:
    """Knows of each host when it may be asked again. One process asks: the leader."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def not_free(self, now: datetime) -> list[str]:
        """List the hosts that may not be asked now."""
        for host in self._hosts.values():
            host.turns = {who: at for who, at in host.turns.items() if at + host.gap > now}
        self._hosts = {
            name: host for name, host in self._hosts.items() if not host.is_free(now) or host.gap > GAP or host.turns
        }
        return [name for name, host in self._hosts.items() if not host.is_free(now) or host.is_kept(now)]

    def take(self, name: str, now: datetime) -> None:
        """Begin to ask a host."""
        host = self._hosts.setdefault(name, _Host(now))
        host.busy = True

    def led(self, name: str, who: UUID, now: datetime) -> datetime | None:
        """Let a look go on to a host that it was led to, and give None; or give when to come again for that."""
        host = self._hosts.setdefault(name, _Host(now))
        kept = host.turns.pop(who, None)
        if host.is_free(now) and (kept is not None or not host.is_kept(now)):
            host.free_at = now + host.gap
            return None
        # Far enough apart that whoever is reported at this host itself comes in between.
        last = max(host.turns.values(), default=now)
        at = host.turns[who] = min(max(host.free_at, now + host.gap, last + host.gap * APART), now + LONGEST)
        return at

    def asked(self, name: str, now: datetime) -> None:
        """Note that a host was asked by the way."""
        host = self._hosts.setdefault(name, _Host(now))
        host.free_at = max(host.free_at, now + host.gap)

    def done(self, name: str, now: datetime, *, well: bool, asked_to_wait: timedelta | None = None) -> None:
        """End it. After a failure its gap doubles; when it asks for a pause, that is kept."""
        host = self._hosts.setdefault(name, _Host(now))
        host.busy = False
        host.gap = GAP if well else min(host.gap * 2, LONGEST)
        host.free_at = now + max(host.gap, min(asked_to_wait or GAP, LONGEST))
