"""Links of Telegram: which addresses are its own, and the shortest road for the plain ones.

The rules are those of Telegram's own clients (tdlib, `LinkManager.cpp`), but the answer is the *resource*: what a link
asks the app to do there (start a bot, boost, join the talk) does not make another resource.
"""

import re
from urllib.parse import unquote

from bot.links import telegram_pages, telegram_scheme
from bot.links.link import Link
from bot.links.query import read_query
from bot.links.telegram_things import NOT_NAMES, channel, is_name, page

HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_TELEGRAPH_HOSTS = frozenset({"telegra.ph", "te.legra.ph", "graph.org"})
_OTHER_SUBDOMAINS = (
    "addemoji addlist addstickers addtheme addstyle auction auth boost call confirmphone contact giftcode invoice "
    "joinchat login m nft proxy setlanguage share socks web a k z"
)
_NOT_SUBDOMAINS = frozenset(_OTHER_SUBDOMAINS.split())
# 98 of 100 reports are just this: a public name, perhaps with a post, on one of the plain hosts.
_PLAIN = re.compile(
    r"(?i:(?:https?://)?(?:www\.)?(?:t\.me|telegram\.(?:me|dog))/)(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})"
    r"(?:/([1-9][0-9]{0,9}))?/?"
)
_SLASH_S = re.compile(r"(?:/(?:s|%73)(?=/))+")
_HANDLE = re.compile(r"@([A-Za-z0-9_]{3,32})")
_SHORT_NAMES = frozenset({"gif", "vid", "pic"})
_WEB_CLIENTS = frozenset({"web.telegram.org", "weba.telegram.org", "webk.telegram.org", "webz.telegram.org"})
_WEB_CLIENT = re.compile(r"/(?:[akz](?:/|$))?(?:\?[^#]*)?#(?:@([A-Za-z0-9_]{4,32})|\?tgaddr=tg(?::|%3A)([^&]+))", re.I)


def plain(text: str) -> Link | None:
    """A plain `t.me/name` or `t.me/name/123`, without any parsing; None: take the long road."""
    found = _PLAIN.fullmatch(text)
    if found is None or found[1] in NOT_NAMES or not is_name(found[1]):
        return None
    name = found[1].lower()
    if name in NOT_NAMES:
        return None
    if found[2]:
        return Link("telegram", "post", f"https://t.me/{name}/{found[2]}")
    return Link("telegram", "channel", f"https://t.me/{name}")


def handle(text: str) -> Link | None:
    """`@name` as Telegram's clients take it: four to 32 characters, or one of three old short names."""
    found = _HANDLE.fullmatch(text)
    if found is None or not is_name(found[1]):
        return None
    name = found[1].lower()
    return channel(name) if len(name) > 3 or name in _SHORT_NAMES else None


def scheme(text: str) -> Link | None:
    """A `tg:` link; `text` is what stands after `tg:`, without the fragment."""
    return telegram_scheme.read(text)


def is_own_host(host: str) -> bool:
    """Whether Telegram answers at this host (lower case): then only Telegram's rules say what the link is."""
    host = host.removeprefix("www.")
    return host in HOSTS or host.endswith(".t.me") or host in _TELEGRAPH_HOSTS or host in _WEB_CLIENTS


def is_open_to_all(host: str) -> bool:
    """Whether what Telegram's clients do not know there is still a page of the web (telegra.ph, not t.me)."""
    return host.removeprefix("www.") in _TELEGRAPH_HOSTS


def web(host: str, rest: str, fragment: str) -> Link | None:
    """A link at one of Telegram's own hosts: `host` lower case, `rest` is path and query, `fragment` with its `#`.

    None: not a thing of Telegram (a page that its clients do not know).
    """
    name, dot, domain = host.partition(".")
    if dot and domain == "t.me" and len(name) > 3 and is_name(name) and name not in _NOT_SUBDOMAINS:
        return telegram_pages.read(read_query(f"/{name}{rest}"))
    host = host.removeprefix("www.")
    if host in HOSTS:
        preview = _SLASH_S.match(rest)  # t.me/s/name is the preview of t.me/name
        return telegram_pages.read(read_query(rest[preview.end() :] if preview else rest))
    if host in _TELEGRAPH_HOSTS:
        return page(unquote(rest.partition("?")[0], errors="surrogateescape").strip("/")) if len(rest) > 1 else None
    if host in _WEB_CLIENTS and (found := _WEB_CLIENT.fullmatch(rest + fragment)):
        if found[2]:
            return telegram_scheme.read(unquote(found[2], errors="surrogateescape"))
        return channel(found[1].lower()) if is_name(found[1]) else None
    return None
