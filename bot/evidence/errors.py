"""Why a page could not be looked at. Each docstring is what an operator is told."""

from __future__ import annotations

from datetime import datetime


class NotFetched(Exception):
    """The page could not be looked at."""


class TargetRefused(NotFetched):
    """Only public addresses by http and https, on ports 80 and 443 and without a password, are looked at."""


class AddressRefused(NotFetched):
    """The name leads to an address that is not on the public internet."""


class NeedsTor(NotFetched):
    """An .onion address is looked at only through PROBE_PROXY, when that is Tor."""


class NoSuchHost(NotFetched):
    """There is no site of this name any more."""


class NotReached(NotFetched):
    """The site does not answer."""


class BadCertificate(NotFetched):
    """The site does not prove that it is the one of this name: its certificate does not hold."""


class NotWeb(NotFetched):
    """What answers there is no site, or one that breaks the rules of HTTP."""


class TooSlow(NotFetched):
    """The site took longer than it may."""


class TooManyRedirects(NotFetched):
    """The site leads on and on."""


class NotNow(Exception):
    """The site leads on to a host that was asked a moment ago: nothing has failed, it is to be asked later."""

    def __init__(self, until: datetime) -> None:
        """`until`: when it may be asked."""
        super().__init__()
        self.until = until


class ProxyFailed(NotFetched):
    """PROBE_PROXY does not answer, or refuses."""
