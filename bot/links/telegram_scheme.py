"""Links of the app, `tg:` (tdlib, `parse_tg_link_query`), brought to their t.me form where there is one.

Pages of the app itself (settings, contacts, buying stars …) are no resource: None, as for links that Telegram would not
know. Whatever signs in, confirms a phone number or hands out a passport is refused, also where it is not complete.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.links.link import Link
from bot.links.proxies import proxy_link
from bot.links.query import Query, encoded, leading_number, read_query
from bot.links.telegram_pages import read as read_page
from bot.links.telegram_shared import by_arguments, confirm_phone, share, style
from bot.links.telegram_things import (
    boost,
    channel,
    invite,
    is_name,
    is_phone,
    named,
    phone,
    post,
    private_post,
    refused,
)

_ANOTHER_ADDRESS = re.compile(r"[^/?#]*[:@\[\]]")
# tg://<name>?<argument>=… that are t.me/<path>/…
_SAME_AS_PAGE = {
    "contact": ("contact", "token"),
    "giftcode": ("giftcode", "slug"),
    "message": ("m", "slug"),
    "stargift_auction": ("auction", "slug"),
    "addtheme": ("addtheme", "slug"),
    "addlist": ("addlist", "slug"),
    "call": ("call", "slug"),
    "addstickers": ("addstickers", "set"),
    "addemoji": ("addemoji", "set"),
    "setlanguage": ("setlanguage", "lang"),
    "nft": ("nft", "slug"),
    "invoice": ("invoice", "slug"),
}


def read(text: str) -> Link | None:
    """What a `tg:` link opens; `text` stands after `tg:`, without the fragment."""
    text = text.removeprefix("//")
    if _ANOTHER_ADDRESS.match(text):  # a user, a port, another scheme: Telegram does not take these
        return None
    query = read_query(text)
    name = query.path[0] if len(query.path) == 1 else ""
    if name in _SAME_AS_PAGE:
        page, key = _SAME_AS_PAGE[name]
        value = query.get(key)
        link = read_page(Query((page, value), ()))  # decoded: a slash in it divides nothing any more
        if link is not None and "/" in value:
            # As a page of t.me it would divide: only the app's form can spell it.
            return replace(link, url=f"tg://{name}?{key}={encoded(value)}")
        return link
    return _OTHERS[name](query) if name in _OTHERS else None


def _resolve(query: Query) -> Link | None:
    name = query.get("domain")
    if not is_name(name):
        digits = query.get("phone").removeprefix(" ")
        return phone(digits) if is_phone(digits) else None
    if query.get("post"):
        number = leading_number(query.get("post"))
        return post(name, number) if number > 0 else channel(name)
    if name == "oauth" and query.get("startapp"):
        return refused("oauth")
    link = by_arguments(name, query, in_scheme=True)
    is_passport = name == "telegrampassport" and link.what == "channel" and query.get("scope") and _passport(query)
    return refused("passport") if is_passport else link


def _passport(query: Query) -> bool:
    return leading_number(query.get("bot_id")) > 0 and bool(query.get("public_key"))


def _private_post(query: Query) -> Link | None:
    chat, number = query.get("channel"), query.get("post")
    return private_post(chat, number) if chat and number else None


def _boost(query: Query) -> Link | None:
    name, chat = query.get("domain"), query.get("channel")
    if is_name(name):
        return channel(name)
    if name:
        return Link("telegram", "boost", f"tg://boost?domain={encoded(name)}")
    return boost(chat) if chat else None


def _background(query: Query) -> Link | None:
    return named("background", "bg/", query.get("color") or query.get("gradient") or query.get("slug"))


def _new_bot(query: Query) -> Link | None:
    manager, wanted = query.get("manager"), query.get("username") or "bot"
    return read_page(Query(("newbot", manager, wanted), ())) if is_name(manager) and is_name(wanted) else None


_OTHERS: dict[str, Callable[[Query], Link | None]] = {
    "resolve": _resolve,
    "privatepost": _private_post,
    "boost": _boost,
    "join": lambda query: invite(query.get("invite")),
    "bg": _background,
    "newbot": _new_bot,
    "addstyle": lambda query: style(query.get("slug")),
    "share": share,
    "msg": share,
    "msg_url": share,
    "socks": lambda query: proxy_link("socks", query),
    "proxy": lambda query: proxy_link("proxy", query),
    "confirmphone": lambda query: confirm_phone(query) or refused("confirmphone"),
    "login": lambda _query: refused("login"),
    "oauth": lambda _query: refused("oauth"),
    "passport": lambda _query: refused("passport"),
}
