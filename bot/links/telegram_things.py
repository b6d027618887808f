"""What a link of Telegram can name, each made in one place, so that every form of it gets the same address."""

import re
from typing import Final

from bot.links.link import Link
from bot.links.query import encoded, is_text, leading_number

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
_PHONE = re.compile(r"[0-9]{1,32}")

_PAGES: Final = (
    "addemoji addlist addstickers addstyle addtheme auction bg c call confirmphone contact giftcode i invoice iv "
    "joinchat login m msg nft proxy setlanguage share socks"
)
NOT_NAMES: Final = frozenset(_PAGES.split())
"""First parts of t.me addresses that are never a public name there."""

# Names of which t.me takes what follows for something else: /boost/<name>, /newbot/<name>/<name>, /s/<preview>.
_TAKES_A_NAME_AFTER: Final = frozenset({"boost", "newbot"})


def is_name(text: str) -> bool:
    """Whether Telegram would take it for a public name: 1–32 of a–z, 0–9 and single `_` inside, a letter first."""
    return len(text) <= 32 and _NAME.fullmatch(text) is not None


def is_app_name(text: str) -> bool:
    """Whether it can name a game or a web app of a bot."""
    return len(text) >= 3 and is_name(text)


def is_token(text: str) -> bool:
    """Whether it has only the characters of base64url; an empty one has."""
    return _TOKEN.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether it is a phone number as Telegram writes it: digits alone."""
    return _PHONE.fullmatch(text) is not None


def channel(name: str) -> Link:
    """A public name: channel, group, bot or person."""
    name = name.lower()
    url = f"tg://resolve?domain={name}" if name in NOT_NAMES else f"https://t.me/{name}"
    return Link("telegram", "channel", url)


def part(name: str, what: str, path: str, argument: str) -> Link:
    """Something inside a public name. Names that t.me cannot spell (`bg`) need the `tg:` form: `argument`."""
    name = name.lower()
    clashes = name in NOT_NAMES or name == "s" or (name in _TAKES_A_NAME_AFTER and what == "app")
    url = f"tg://resolve?domain={name}&{argument}" if clashes else f"https://t.me/{name}{path}"
    # Where a page of that name would hold an invite or a token, one that is only spelt otherwise may hold it too.
    return Link("telegram", what, url, private=name in NOT_NAMES)


def post(name: str, number: int) -> Link:
    """A message of a public channel or group."""
    return part(name, "post", f"/{number}", f"post={number}")


def story(name: str, number: str) -> Link:
    """A story, or the `live` one."""
    number = number if number == "live" else str(int(number))
    return part(name, "story", f"/s/{number}", f"story={number}")


def album(name: str, number: str) -> Link:
    """An album of stories."""
    return part(name, "album", f"/a/{int(number)}", f"album={int(number)}")


def collection(name: str, number: str) -> Link:
    """A collection of gifts."""
    return part(name, "collection", f"/c/{int(number)}", f"collection={int(number)}")


def app(name: str, short_name: str) -> Link:
    """A web app of a bot."""
    return part(name, "app", f"/{short_name}", f"appname={short_name}")


def game(name: str, short_name: str) -> Link:
    """A game of a bot."""
    return part(name, "game", f"?game={short_name}", f"game={short_name}")


def _is_number(told: str) -> bool:
    """Tell whether t.me takes it for the number of a channel or a message; zero is none, nor what is too large."""
    return told.isascii() and told.isdigit() and leading_number(told) > 0


def private_post(channel_id: str, number: str) -> Link:
    """A message of a private chat. Ids that are no such numbers are taken by `tg:` links alone."""
    if _is_number(channel_id) and _is_number(number):
        url = f"https://t.me/c/{int(channel_id)}/{int(number)}"
    else:
        url = f"tg://privatepost?channel={encoded(channel_id)}&post={encoded(number)}"
    return Link("telegram", "post", url, private=True)


def boost(channel_id: str) -> Link:
    """Boosting a private channel, known by its id only (that of a public one is the channel)."""
    if _is_number(channel_id):
        url = f"https://t.me/c/{int(channel_id)}?boost"
    else:
        url = f"tg://boost?channel={encoded(channel_id)}"
    return Link("telegram", "boost", url, private=True)


def invite(token: str) -> Link | None:
    """An invitation into a private chat; letter case counts. Digits alone would be a phone number."""
    if not token or is_phone(token) or not is_token(token):
        return None
    return Link("telegram", "invite", f"https://t.me/+{token}", private=True)


def phone(digits: str) -> Link:
    """A person by their phone number."""
    return Link("telegram", "phone", f"https://t.me/+{digits}", private=True)


# The form in which a name may have a slash in it: t.me takes what follows one for something else.
_ARGUMENTS: Final = {
    "contact/": "contact?token",
    "giftcode/": "giftcode?slug",
    "m/": "message?slug",
    "auction/": "stargift_auction?slug",
    "addtheme/": "addtheme?slug",
    "bg/": "bg?slug",
    "$": "invoice?slug",
}


def named(what: str, path: str, name: str, *, private: bool = False) -> Link | None:
    """Anything of which Telegram only wants a non-empty name (`t.me/<path>/<name>`)."""
    if not is_text(name):
        return None
    url = f"tg://{_ARGUMENTS[path]}={encoded(name)}" if "/" in name else f"https://t.me/{path}{encoded(name)}"
    return Link("telegram", what, url, private=private)


def page(path: str) -> Link | None:
    """A page of telegra.ph, Telegram's own pages that anybody may write (`?`: what clients take of the bare host)."""
    if path and not is_text(path):
        return None
    return Link("telegram", "page", f"https://telegra.ph/{'/'.join(map(encoded, path.split('/'))) or '?'}")


def refused(what: str) -> Link:
    """A link with a code that opens an account; its address keeps only what it is."""
    return Link("telegram", what, f"tg://{what}", refused=True)
