"""Connections through PROBE_PROXY: an address that was asked about, or for Tor a name that only it can look up."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from python_socks.async_.asyncio import Proxy

from bot.evidence.bounded import BoundedConnector
from bot.evidence.errors import AddressRefused, NotReached, ProxyFailed, TooSlow
from bot.evidence.guard import PORTS, Guard

OF_THE_SITE: Final = frozenset({3, 4, 5, 6, *range(0xF0, 0xF8)})
"""Replies of SOCKS 5 (RFC 1928; from 0xF0 on Tor's own) by which the proxy works and the site does not."""


class NamesAsTheyAre(AbstractResolver):
    """Looks nothing up: an .onion name is Tor's own business, and no other server is to hear of it."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give the name itself."""
        return [ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is kept."""


class ThroughProxy(BoundedConnector):
    """Connects as its parent does, but by a socket that the proxy leads to the address."""

    def __init__(self, proxy: str, guard: Guard | None, **kwargs: Any) -> None:
        """Without a guard names go to the proxy as they are, and only .onion ones."""
        super().__init__(**kwargs)
        self._through, self._guard = proxy, guard

    async def _wrap_create_connection(
        self, *args: Any, addr_infos: Any, req: Any, timeout: Any, client_error: Any = None, **kwargs: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        host, port = addr_infos[0][4][:2]
        if self._guard:
            self._guard.check(host, port)
        elif not host.endswith(".onion") or port not in PORTS:
            raise AddressRefused
        proxy = Proxy.from_url(self._through, rdns=self._guard is None)
        try:
            connected = await proxy.connect(dest_host=host, dest_port=port, timeout=timeout.connect)
        except ProxyConnectionError:
            raise ProxyFailed from None
        except ProxyTimeoutError:
            raise TooSlow from None
        except ProxyError as refused:
            raise (NotReached if refused.error_code in OF_THE_SITE else ProxyFailed) from None
        return await self._loop.create_connection(*args, **kwargs, sock=connected)
