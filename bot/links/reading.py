"""One link, as somebody typed it, brought to its canonical form."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from bot.links import platforms, sites, telegram
from bot.links.domains import is_domain
from bot.links.link import Link

MAX_LENGTH = 4096
"""No message is longer, and no address of a page needs to be."""

_REDIRECTS = 6  # pages that only lead on (vk.com/away.php), one in another
_NOT_IN_A_LINK = re.compile(r"[\s\x00-\x20\x7f\ud800-\udfff]")
# Browsers overlook controls and spaces around an address, and line breaks in it; slashes that are missing, too many,
# or lean the other way are no matter to them (WHATWG).
_AROUND = "".join(map(chr, range(33)))
_BREAKS = re.compile(r"[\t\n\r]")
_WEB = re.compile(r"(?:(https?|ftp):[/\\]*|//(?=\w))([^?#]*)", re.IGNORECASE)
_PARTS = re.compile(r"(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?P<fragment>.*)", re.DOTALL)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?![0-9]+(?:[/?#]|$))", re.IGNORECASE)
_CARRIED = "%3A%2F%2F"
_USUAL_PORT = re.compile(r":0*(?:80|443)?$")


def canonical(text: str) -> Link | None:
    """The canonical form of ONE link or @handle, with or without a scheme; None: not a link that we can keep.

    Pages of t.me that Telegram's clients do not know (`t.me/9abc`), settings of the app, addresses that are not on
    the public internet, and schemes other than http, https, ftp, tg and those of the platforms' apps are None.
    """
    return _as_private_as_carried(_settled(text.strip().strip(_AROUND)), _REDIRECTS)


def _settled(text: str) -> Link | None:
    kept = None
    for _ in range(_REDIRECTS):
        link = telegram.plain(text) or _canonical(text)
        if link is None or (link.what != "redirect" and (link.url == text or link.platform not in platforms.codes())):
            return link or kept
        # What one shape of a platform gives, another may read further (facebook.com/0/0, facebook.com/0): both are
        # one resource, so it is read until nothing changes.
        text, kept = link.url, None if link.what == "redirect" else link
    return kept


def _as_private_as_carried(link: Link | None, deep: int) -> Link | None:
    """A link as private as the address that its query carries (`t.me/iv?url=…`); refused, if that one is."""
    if link is None or link.refused or _CARRIED not in link.url:
        return link
    if not deep:
        return replace(link, private=True)  # whatever hides so deep
    for _, value in parse_qsl(link.url.partition("?")[2], errors="surrogateescape"):
        carried = _as_private_as_carried(_settled(value.strip()), deep - 1) if "://" in value else None
        if carried is not None and carried.refused:
            return carried
        if carried is not None and carried.private:
            link = replace(link, private=True)
    return link


def _canonical(text: str) -> Link | None:
    if not text or len(text) > MAX_LENGTH:
        return None
    if text[0] == "@":
        return telegram.handle(text)
    if text[:3].lower() == "tg:":
        return None if _NOT_IN_A_LINK.search(text) else telegram.scheme(text[3:].partition("#")[0])
    text = platforms.without_app_scheme(text)
    scheme, rest = _web_scheme(text)
    if not scheme and (_NOT_IN_A_LINK.search(text) or _OTHER_SCHEME.match(text)):
        return None
    parts = _PARTS.fullmatch(rest)
    if parts is None:
        return None
    _userinfo, at, host = parts["authority"].rpartition("@")
    typed = unquote(_USUAL_PORT.sub("", host), errors="surrogateescape").rstrip(".")
    host = typed.lower()
    if telegram.is_own_host(host):
        as_typed = text.lower() in (rest.lower(), f"{scheme}://{rest}".lower()) and not _NOT_IN_A_LINK.search(text)
        taken = as_typed and not at and scheme != "ftp"
        link = telegram.web(host, parts["rest"], parts["fragment"]) if taken else None
        if link is not None or not telegram.is_open_to_all(host):
            return link
    elif not scheme and (at or not _is_bare_domain(typed, parts["rest"])):
        return None
    return _web(f"{scheme or 'http'}://{rest}")


def _web_scheme(text: str) -> tuple[str, str]:
    """The scheme of an address that has one (`https`), and what follows, spelt as it should be."""
    straight = _BREAKS.sub("", text)
    found = _WEB.match(straight)
    if found is None or (straight != text and straight.count("://") > 1):  # two addresses, one below the other
        return "", text
    return (found[1] or "https").lower(), found[2].replace("\\", "/") + straight[found.end() :]


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
