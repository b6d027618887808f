"""Which addresses may be connected to: global unicast ones, on the web's two ports; asked for each connection.

A name is looked up once a connection, and each of its addresses is asked about: a name that answers differently the
second time gains nothing by it, and one that names a private address beside a public one is not connected to at all.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from bot.evidence.errors import AddressRefused, NoSuchHost, NotReached

PORTS: Final = frozenset({80, 443})
_GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")
_NOT_UNICAST_V6: Final = tuple(
    # IETF protocol assignments with Teredo, documentation (twice), 6to4: each may hold an address of version 4.
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16")
)
_NOT_UNICAST_V4: Final = tuple(ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24"))
_ASKING: Final = ThreadPoolExecutor(8, "names")
"""Who looks names up. A name whose own servers never answer holds a thread for half a minute, and nobody can end it:
not one of those that all else in the process shares."""
_NO_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})

MakeSocket = Callable[[int, int, int], socket.socket]
Lookup = Callable[[str, int], Any]
"""(host, port) → awaitable of getaddrinfo's answer."""


def is_public(text: str) -> bool:
    """Tell whether an address, as the system writes it, is a global unicast one that stands for itself alone."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_UNICAST_V4)
    # Outside 2000::/3 stand what is mapped, translated (64:ff9b::) or local; a zone names an interface of ours.
    return (
        address.scope_id is None
        and address in _GLOBAL_V6
        and not any(address in network for network in _NOT_UNICAST_V6)
    )


class Guard:
    """Lets sockets be made for public addresses only."""

    def __init__(self, make: MakeSocket = socket.socket) -> None:
        self._make = make

    def check(self, host: str, port: int) -> None:
        """Raise AddressRefused unless an address, which is no name any more, may be connected to."""
        if port not in PORTS or not is_public(host):
            raise AddressRefused

    def socket(self, info: Any) -> socket.socket:
        """Make the socket of one connection: aiohttp asks for it with the very address that it connects to."""
        family, kind, protocol, _, address = info
        self.check(address[0], address[1])
        return self._make(family, kind, protocol)


async def look_up(host: str, port: int) -> Any:
    """Ask the system for a name's addresses, of both families."""
    # The whole name, to its dot: else what the system searches in would be asked for a name of its own, and one that
    # answers for any name there would bring a dead site to life.
    whole, kind, flags = f"{host.rstrip('.')}.", socket.SOCK_STREAM, socket.AI_ADDRCONFIG
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_ASKING, lambda: socket.getaddrinfo(whole, port, type=kind, flags=flags))


class Resolver(AbstractResolver):
    """Looks names up, and gives their addresses only if all of them are public."""

    def __init__(self, guard: Guard, lookup: Lookup = look_up) -> None:
        self._guard, self._lookup = guard, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the addresses of a name; raise NoSuchHost, NotReached, AddressRefused."""
        try:
            found = await self._lookup(host, port)
        except socket.gaierror as error:
            # Another answer means that nobody could be asked.
            raise (NoSuchHost if error.errno in _NO_NAME else NotReached) from None
        for *_, address in found:
            self._guard.check(address[0], port)
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=port,
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""
