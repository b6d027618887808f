"""What `t.me` pages and `tg:` links say in the same words: their arguments."""

from bot.links.link import Link
from bot.links.query import Query, encoded, is_small_id, is_text
from bot.links.telegram_things import (
    album,
    app,
    channel,
    collection,
    game,
    is_app_name,
    is_name,
    is_phone,
    is_token,
    refused,
    story,
)

_STYLE_LENGTH = 8
_ANYWAY = frozenset({"startattach", "direct", "boost"})
_CALLS = frozenset({"voicechat", "videochat", "livestream"})
_STARTS = frozenset({"start", "startgroup"})


def by_arguments(name: str, query: Query, *, in_scheme: bool) -> Link:
    """What the arguments after a public name lead to: the first one that Telegram takes decides.

    Most only ask the app to do something with the channel or bot (start it, join its talk): the resource stays.
    Stories, albums and collections are arguments in `tg:` links only (`in_scheme`); on t.me they are paths.
    """
    for key, value in query.args:
        if key == "game" and is_app_name(value):
            return game(name, value)
        if in_scheme:
            if key == "appname" and is_app_name(value):
                return app(name, value)
            if key == "story" and (is_small_id(value) or value == "live"):
                return story(name, value)
            if key == "collection" and is_small_id(value):
                return collection(name, value)
            if key == "album" and is_small_id(value):
                return album(name, value)
        if _settles(key, value, query):
            break
    return channel(name)


def _settles(key: str, value: str, query: Query) -> bool:
    """Whether Telegram stops at this argument, and ignores the later ones."""
    if key in _CALLS or key in _STARTS:
        return is_token(value)
    if key == "ref":
        return bool(value) and is_token(value)
    if key == "startapp":
        return is_token(value) and not query.has("appname")
    if key == "attach":
        return is_name(value)
    if key == "startchannel":
        return bool(query.get("admin"))
    return key in _ANYWAY


def confirm_phone(query: Query) -> Link | None:
    """`confirmphone?phone=…&hash=…`: it changes somebody's account."""
    hash_ = query.get("hash")
    is_hex = 0 < len(hash_) <= 32 and all(char in "0123456789abcdefABCDEF" for char in hash_)
    return refused("confirmphone") if is_hex and is_phone(query.get("phone")) else None


def share(query: Query) -> Link | None:
    """A prepared message: its link, or its words where it has no link. What was to be written beside is left out."""
    shared = query.get("url").strip() or query.get("text").strip()
    if not is_text(shared):
        return None
    # It may carry anything, an invite as well.
    return Link("telegram", "share", f"https://t.me/share/url?url={encoded(shared)}", private=True)


def style(slug: str) -> Link | None:
    """A style of writing: a slug of at least eight characters of base64url."""
    if len(slug) < _STYLE_LENGTH or not is_token(slug):
        return None
    return Link("telegram", "style", f"https://t.me/addstyle/{slug}")
