"""Pages of t.me and what they stand for (tdlib, `parse_t_me_link_query`)."""

from collections.abc import Callable

from bot.links.link import Link
from bot.links.proxies import proxy_link
from bot.links.query import Query, encoded, is_small_id, is_text, leading_number
from bot.links.telegram_shared import by_arguments, confirm_phone, share, style
from bot.links.telegram_things import (
    album,
    app,
    boost,
    channel,
    collection,
    invite,
    is_app_name,
    is_name,
    is_phone,
    is_token,
    named,
    phone,
    post,
    private_post,
    refused,
    story,
)

# Pages of which Telegram only wants a name after the slash: what they are, and whether they may be one person's.
_NAMED = {
    "contact": ("contact", True),
    "giftcode": ("gift_code", True),
    "m": ("business", True),
    "auction": ("auction", False),
    "addtheme": ("theme", False),
    "bg": ("background", False),
}
# The same, where the name is made of the characters of base64url.
_TOKENS = {
    "addlist": ("folder", True),
    "call": ("call", True),
    "addstickers": ("sticker_set", False),
    "addemoji": ("sticker_set", False),
    "setlanguage": ("language", False),
}


def read(query: Query) -> Link | None:
    """What stands at a page of t.me, or None if Telegram's clients know no such page."""
    path = query.path
    if not path or not path[0]:
        return None
    first, second = path[0], path[1] if len(path) > 1 else ""
    if first in _NAMED:
        what, private = _NAMED[first]
        return named(what, f"{first}/", second, private=private)
    if first in _TOKENS:
        what, private = _TOKENS[first]
        return named(what, f"{first}/", second, private=private) if is_token(second) else None
    if first in _OTHERS:
        return _OTHERS[first](query, second)
    if first[0] in " +":
        return phone(first[1:]) if is_phone(first[1:]) else invite(first[1:])
    if first[0] == "$":
        return named("invoice", "$", first[1:], private=True)
    return _by_name(first, query) if is_name(first) else None


def _by_name(name: str, query: Query) -> Link:
    path = query.path
    if len(path) > 1 and leading_number(path[1]) > 0:
        # /name/123, or /name/<topic>/123 in a forum
        number = leading_number(path[2]) if len(path) > 2 else 0
        return post(name, number if number > 0 else leading_number(path[1]))
    if name.lower() == "boost":
        if len(path) == 2 and is_name(path[1]):
            return channel(path[1])
        if len(path) == 1 and leading_number(query.get("c")) > 0:
            return boost(str(leading_number(query.get("c"))))
    if len(path) == 3 and path[1] in _PARTS and (is_small_id(path[2]) or path[1:] == ("s", "live")):
        return _PARTS[path[1]](name, path[2])
    if len(path) == 2 and is_app_name(path[1]):
        return app(name, path[1])
    return by_arguments(name, query, in_scheme=False)


def _private_chat(query: Query, second: str) -> Link | None:
    chat = leading_number(second)
    numbers = [leading_number(segment) for segment in query.path[2:4]]
    if chat > 0 and numbers and numbers[0] > 0:
        return private_post(str(chat), str(numbers[1] if len(numbers) > 1 and numbers[1] > 0 else numbers[0]))
    return boost(str(chat)) if chat > 0 and query.has("boost") else None


def _gift(query: Query, second: str) -> Link | None:
    name = "/".join(query.path[1:]) if second else ""
    return Link("telegram", "gift", f"https://t.me/nft/{encoded(name)}") if is_text(name) else None


def _instant_view(query: Query, _second: str) -> Link | None:
    url, template = query.get("url"), query.get("rhash")
    if len(query.path) > 1 or not is_text(url):
        return None
    suffix = f"&rhash={encoded(template)}" if template else ""
    return Link("telegram", "page", f"https://t.me/iv?url={encoded(url)}{suffix}")


def _new_bot(query: Query, second: str) -> Link | None:
    wanted = query.path[2] if len(query.path) > 2 else "bot"
    if is_name(second) and is_name(wanted):
        return Link("telegram", "new_bot", f"https://t.me/newbot/{second.lower()}/{wanted.lower()}")
    return _by_name("newbot", query)


_PARTS = {"s": story, "a": album, "c": collection}
_OTHERS: dict[str, Callable[[Query, str], Link | None]] = {
    "c": _private_chat,
    "login": lambda _query, code: refused("login") if is_text(code) else None,
    "joinchat": lambda _query, token: invite(token),
    "nft": _gift,
    "addstyle": lambda _query, slug: style(slug),
    "confirmphone": lambda query, _second: confirm_phone(query),
    "socks": lambda query, _second: proxy_link("socks", query),
    "proxy": lambda query, _second: proxy_link("proxy", query),
    "invoice": lambda _query, slug: named("invoice", "$", slug, private=True),
    "share": lambda query, second: share(query) if second == "url" else None,
    "msg": lambda query, second: share(query) if second == "url" else None,
    "iv": _instant_view,
    "newbot": _new_bot,
    "i": lambda _query, _second: None,
}
