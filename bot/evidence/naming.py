"""What a page names: accounts and channels of the networks, and where it says that it goes on.

It runs in the process that reads pages. Nothing of it is taken for sure: an officer is asked. Never named is what may
have been made for one person (invites, phones, private chats), what is the page's own, and what belongs to the networks
themselves. A page of a site may link to hundreds of others: of sites only those are named that stand beside words of
succession, and the pages of its own never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from bot.evidence.page import Line
from bot.links import canonical, find
from bot.links.link import Link
from bot.phrases import any_of, folded

MOST: Final = 10
"""Links that one capture names."""
LONGEST: Final = 2000
"""Characters of one line that are read."""
_ACCOUNTS: Final = frozenset({"account", "channel"})
_SITES: Final = frozenset({"site", "onion"})
_MAY: Final = re.compile(r"[@./:]|[A-Za-z0-9_]{4}")


@dataclass(frozen=True, slots=True)
class Named:
    """A link that a page names, in its canonical form: never a private one."""

    url: str
    platform: str
    what: str
    successor: bool = False
    """It stands beside words by which a page tells where it goes on."""


def named(page_url: str, landed: str, lines: list[Line], wanted: dict[str, Any]) -> list[Named]:
    """Give what a page names, first where it says that it goes on, and no more than MOST.

    `page_url` is what was looked at, `landed` where the page came from, `wanted` what Succession holds.
    """
    own = [link for link in (canonical(page_url), canonical(landed)) if link is not None]
    # Sites, and on a network's pages its other accounts: most are nothing but ways to go on.
    common = _SITES | {link.platform for link in own if link.platform != "telegram"}
    found: dict[str, Named] = {}
    # Who asks for one address and is led to another needs no words.
    led = _account(own[1]) if len(own) > 1 and not _is_within(own[1], own[0]) else None
    if led and not _is_nobodys(led.url, wanted["never"]):
        found[led.url] = Named(led.url, led.platform, led.what, successor=True)
    for link, successor in _links(lines, landed, wanted["phrases"]):
        account = _account(link)
        if account is None or (account.platform in common and not successor):
            continue
        if any(_is_within(account, each) for each in own) or _is_nobodys(account.url, wanted["never"]):
            continue
        known = found.get(account.url)
        if known is None or (successor and not known.successor):
            found[account.url] = Named(account.url, account.platform, account.what, successor)
    # What stands first stays first: a page's own words come before what all its pages have below.
    return sorted(found.values(), key=lambda each: not each.successor)[:MOST]


def _links(lines: list[Line], base: str, phrases: list[str]) -> Iterator[tuple[Link, bool]]:
    """Give every link with whether words of succession stand in its line, or in the one above that has no link."""
    speaks, above = any_of(phrases), False
    for line in lines:
        text = line.text[:LONGEST]
        says = bool(speaks and speaks.search(folded(text)))
        hrefs = [link for href in line.hrefs if (link := _of_href(base, href)) is not None]
        here = [*hrefs, *(find(text) if _MAY.search(text) else ())]
        for link in here:
            yield link, says or above
        above = says and not here


def _of_href(base: str, href: str) -> Link | None:
    try:
        return canonical(urljoin(base, href))
    except ValueError:
        return None


def _account(link: Link) -> Link | None:
    """Give the account, channel or site that a link leads to; None: it is nothing that is named."""
    if link.private or link.refused:
        return None
    if link.public_name:
        return replace(link, what="channel", url=f"https://t.me/{link.public_name}", guessed=False)
    return link if link.what in _ACCOUNTS or link.platform in _SITES else None


def _is_within(link: Link, own: Link) -> bool:
    """Tell whether a link is the page's own, or of the same site."""
    if own.public_name:
        return link.public_name == own.public_name
    host, home = (urlsplit(each.url).hostname or "" for each in (link, own))
    if link.platform in _SITES and own.platform in _SITES:
        return host == home or host.endswith(f".{home}") or home.endswith(f".{host}")
    return link.url == own.url


def _is_nobodys(url: str, never: list[str]) -> bool:
    """Tell whether a link belongs to the networks themselves; a site stands for all its pages."""
    return any(url == each or url.startswith((f"{each}/", f"{each}?")) for each in never)
