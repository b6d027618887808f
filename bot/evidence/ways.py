"""How pages are fetched: how much a site may take of us, how connections are made, what their failures are called."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from bot.evidence.errors import BadCertificate, NotFetched, NotReached, NotWeb
from bot.evidence.guard import Guard, Lookup, look_up

_SENDABLE: Final = re.compile(r"[\x20-\x7e]{1,256}")


def sendable(value: str) -> bool:
    """Tell whether a header that a site gave may be kept, and sent back to it."""
    return _SENDABLE.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a site may take of us, in seconds, bytes and numbers."""

    whole: float = 40.0
    """For all redirects together."""
    connect: float = 10.0
    body: int = 2 << 20
    redirects: int = 5
    header_lines: int = 64
    header_bytes: int = 8190
    """Of one header."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How connections are made; tests hand in their own."""

    guard: Guard = field(default_factory=Guard)
    lookup: Lookup = look_up
    trust: ssl.SSLContext | None = None
    """None: the certificates that the system trusts."""


@contextmanager
def as_not_fetched() -> Iterator[None]:
    """Give what goes wrong with a connection the name that it has here; the texts of errors hold addresses."""
    try:
        yield
    except (NotFetched, TimeoutError):
        raise
    except aiohttp.ClientSSLError:
        raise BadCertificate from None
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, OSError):
        raise NotReached from None
    except (aiohttp.ClientError, HttpProcessingError, ValueError):
        raise NotWeb from None
