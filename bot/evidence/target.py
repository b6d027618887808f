"""Where a look goes: an address as a browser understands it (WHATWG, by Ada), or none at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import can_ada

from bot.evidence.errors import TargetRefused
from bot.evidence.guard import PORTS, is_public
from bot.links.onion import onion_host
from bot.links.sites import read_address

LONGEST: Final = 4096
_BELOW: Final = frozenset({"com", "co", "org", "net", "gov", "edu", "ac", "mil", "msk", "spb"})
_USUAL: Final = {"http:": 80, "https:": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked for."""

    href: str
    scheme: str
    host: str
    port: int
    path: str
    """Path and query, as they are sent."""

    @property
    def onion(self) -> bool:
        """Tell whether only Tor leads there."""
        return self.host.endswith(".onion")


def asked_together(host: str) -> str:
    """Give the name under which a host is counted: all that one owner can call theirs is asked as one.

    Who names a thousand hosts below their own, or below another's, has no more of our requests for it.
    """
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    return ".".join(labels[-3 if labels[-2] in _BELOW else -2 :] if len(labels) > 1 else labels)


def host_of(href: str) -> str:
    """Give the host that is asked for an address, as politeness counts it; raise TargetRefused."""
    return asked_together(read_target(href).host)


def read_target(text: str, base: str | None = None) -> Target:
    """Read an address, or where a page leads on from `base`; raise TargetRefused."""
    if len(text) > LONGEST:
        raise TargetRefused
    try:
        # A header's bytes that are no UTF-8 come as halves of letters, which Ada does not take.
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        # Whatever joining makes of it, what is asked for is what Ada reads in the whole.
        url = can_ada.parse(urljoin(base, text.strip().replace("\\", "/")) if base else text)
    except ValueError:
        raise TargetRefused from None
    usual = _USUAL.get(url.protocol)
    if usual is None or url.username or url.password:
        raise TargetRefused
    port = int(url.port or usual)
    if port not in PORTS or read_address(url.href) is None:
        raise TargetRefused
    host = url.hostname.rstrip(".")
    literal = host.strip("[]")
    if (":" in literal or host.replace(".", "").isdigit()) and not is_public(literal):
        raise TargetRefused
    if host.endswith(".onion") and onion_host(host) is None:
        raise TargetRefused
    url.hash = ""
    return Target(url.href, url.protocol.rstrip(":"), host, port, url.pathname + url.search)
