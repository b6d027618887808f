"""One link, as somebody typed it, brought to its canonical form."""

import re
from urllib.parse import unquote

from bot.links import platforms, sites, telegram
from bot.links.domains import is_domain
from bot.links.link import Link

MAX_LENGTH = 4096
"""No message is longer, and no address of a page needs to be."""

_REDIRECTS = 4  # pages that only lead on (vk.com/away.php), one in another
_NOT_IN_A_LINK = re.compile(r"[\s\x00-\x20\x7f\ud800-\udfff]")
_PARTS = re.compile(r"(?:(?P<scheme>https?|ftp)://)?(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?P<fragment>.*)", re.I | re.S)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?![0-9]+(?:[/?#]|$))", re.IGNORECASE)
_USUAL_PORT = re.compile(r":0*(?:80|443)?$")


def canonical(text: str) -> Link | None:
    """The canonical form of ONE link or @handle, with or without a scheme; None: not a link that we can keep.

    Pages of t.me that Telegram's clients do not know (`t.me/9abc`), settings of the app, addresses that are not on
    the public internet, and schemes other than http, https, ftp, tg and those of the platforms' apps are None.
    """
    text = text.strip()
    for _ in range(_REDIRECTS):
        link = telegram.plain(text) or _canonical(text)
        if link is None or link.what != "redirect":
            return link
        text = link.url
    return None


def _canonical(text: str) -> Link | None:
    if not text or len(text) > MAX_LENGTH or _NOT_IN_A_LINK.search(text):
        return None
    if text[0] == "@":
        return telegram.handle(text)
    if text[:3].lower() == "tg:":
        return telegram.scheme(text[3:].partition("#")[0])
    text = platforms.without_app_scheme(text)
    parts = _PARTS.fullmatch(text)
    if parts is None or (not parts["scheme"] and _OTHER_SCHEME.match(text)):
        return None
    scheme = (parts["scheme"] or "").lower()
    _userinfo, at, host = parts["authority"].rpartition("@")
    typed = unquote(_USUAL_PORT.sub("", host), errors="surrogateescape").rstrip(".")
    host = typed.lower()
    if telegram.is_own_host(host):
        link = None if at or scheme == "ftp" else telegram.web(host, parts["rest"], parts["fragment"])
        if link is not None or not telegram.is_open_to_all(host):
            return link
    elif not scheme and (at or not _is_bare_domain(typed, parts["rest"])):
        return None
    return _web(text if scheme else f"http://{text}")


def _is_bare_domain(host: str, rest: str) -> bool:
    host = re.sub(r":[0-9]+$", "", host)
    return platforms.knows(host.lower()) or is_domain(host, alone=len(rest) < 2)


def _web(text: str) -> Link | None:
    address = sites.read_address(text)
    if address is None:
        return None
    if telegram.is_own_host(address.host):  # spelt so that only a browser sees through it: ⓣ.me
        link = None if address.port else telegram.web(address.host, address.raw, address.fragment)
        if link is not None or not telegram.is_open_to_all(address.host):
            return link
    return platforms.read(address) or sites.site(address)
