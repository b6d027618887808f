"""How often a host is asked: one request at a time, some seconds between two, and long pauses when it wants them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GAP: Final = timedelta(seconds=5)
"""Between two requests to one host: 17,000 a day, enough for as many channels of Telegram looked at daily."""
LONGEST: Final = timedelta(hours=1)
"""However long a host asks to be left alone, after so long it is asked again."""
TOO_MANY: Final = frozenset({429, 503})


@dataclass(slots=True)
class _Host:
    free_at: datetime
    gap: timedelta = GAP
    busy: bool = False


class Hosts:
    """Knows of each host when it may be asked again. One process asks: the leader."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def not_free(self, now: datetime) -> list[str]:
        """List the hosts that may not be asked now."""
        self._hosts = {
            name: host for name, host in self._hosts.items() if host.busy or host.free_at > now or host.gap > GAP
        }
        return [name for name, host in self._hosts.items() if host.busy or host.free_at > now]

    def take(self, name: str, now: datetime) -> None:
        """Begin to ask a host."""
        host = self._hosts.setdefault(name, _Host(now))
        host.busy = True

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
