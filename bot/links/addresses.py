"""Where addresses of the web stand in a text (after tdlib, `MessageEntity.cpp`, `match_urls` and `fix_url`).

It differs from Telegram's clients where reports gain by it: an emoji or a dash glued to a bare address is not part of
it (`👉t.me/name`), and where a link of Telegram is impossible as it stands, what is glued to its end is cut off.

One pass: what was looked at is not looked at again but for a bounded part, whatever the text is.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.links import glue, platforms
from bot.links.link import Link
from bot.links.reading import MAX_LENGTH, canonical

# Separators and general punctuation end a link, joiners and dashes among them do not.
_BEFORE_CJK = r"\u00c0-\u167f\u1681-\u1fff\u200c\u200d\u2010-\u2015\u2070-\u2fff"
_HOST = rf"[.0-9A-Za-z_~\-{_BEFORE_CJK}\u3001-\ud7ff\ue000-\U0010ffff]"
_HOSTS = re.compile(rf"{_HOST}+")
_WITH_USERS = re.compile(rf"(?:@{_HOST}*)+")
_PORT = re.compile(r":0*([1-9][0-9]{0,4})(?![0-9])")
# A path ends before the next address glued to it, but not before one that it carries (`?url=https://…`).
_CARRIED = r"(?<=[=/?&:#+%])[hH]|[hH](?!(?i:ttps?://))"
# All but spaces, « » < > ", the letter h, and the full-width commas, stops and brackets of eastern writing.
_IN_PATH = (
    rf"!#-;=?-GI-gi-~\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u00bf{_BEFORE_CJK}"
    r"\u3003-\u3007\u3012-\ud7ff\ue000-\uff00\uff02-\uff07\uff0a\uff0b\uff0d-\uff19\uff1c-\uff1e\uff20-\U0010ffff"
)
PATH = rf"[/?#](?:[{_IN_PATH}]|{_CARRIED}){{0,{MAX_LENGTH}}}"
_PATH = re.compile(PATH)
_NOT_A_USER = frozenset("\n /[]{}()'`<>\"@«»\t\r\u00a0")
_NUMBERS = re.compile(r"(?!(?:[0-9]{1,3}\.){3}[0-9]{1,3}\.*$)[0-9.]+")
_SCHEME = re.compile(r"[A-Za-z0-9+\-]*\Z")
_BARE_BEFORE = re.compile(r"[\w/#@]")
_NO_SCHEME = re.compile(r"(?<![\w:/])//(?=[a-z0-9.\-]+(?::[0-9]|[/?#\s,)]|$)(?!/))")
_MARKS = frozenset("_~")  # of slanting or crossed out words, as the others are bad ends anyway
_BAD_ENDS = ".:;,('?!`*|\u2013\u2014"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_LONGEST_NAME = 512
# Nobody's pages end so, and people point with them: `https://a.kz/b👈`.
_SIGNS_AFTER = re.compile(
    r"(?<=[A-Za-z0-9])[\u203c\u2049\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]+$"
)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_+/?=&%$.#\-]*")
_NAME = re.compile(r"/[A-Za-z0-9_]{4,32}(?=[\-&])")
_NAME_PATH = re.compile(r"[A-Za-z0-9_+/?=&%$.#\-@~!:]*")


def addresses(text: str) -> Iterator[tuple[int, int, Link]]:
    """Start, end and link of each address in the text, in order."""
    done = run_end = 0
    while True:
        start = done
        if done >= run_end:
            if (run := _HOSTS.search(text, done)) is None:
                return
            start, run_end = run.span()
        end = glue.first_edge(text, start, run_end)
        if "." not in text[start:end]:
            # It may be the user before an @, which the host after it will look back for.
            done = end
            continue
        users = _WITH_USERS.match(text, end)
        if users:
            end = users.end()
        candidate = _candidate(text, start, end, has_user=users is not None or text[start - 1 : start] == "@")
        done = end
        if candidate is not None:
            begin, stop = candidate
            link, stop = _read(text, begin, stop)
            if link is not None:
                yield begin, stop, link
            done = max(stop, end)  # also past the path of what is no link: looking there again would not be linear


def without_signs(address: str) -> str:
    """An address without the signs with which people point at it: `tg://resolve?domain=name👈`."""
    signs = _SIGNS_AFTER.search(address)
    return address[: signs.start()] if signs else address


def _candidate(text: str, start: int, end: int, *, has_user: bool) -> tuple[int, int] | None:
    """Where the address around the host `text[start:end]` begins and ends, or None if it is no address."""
    begin = _user_start(text, start) if has_user else start
    if (has_user and text[begin] == "@") or _NUMBERS.fullmatch(text, start, end):
        return None
    if text.endswith("://", 0, begin):
        name = _SCHEME.search(text[max(0, begin - 35) : begin - 3])
        scheme = _web_scheme(name[0].lower() if name else "")
        if scheme is None:
            return None
        begin -= len(scheme) + 3
    elif has_user or (begin and _is_inside(text, begin)):
        return None  # an e-mail address, or the middle of something else
    else:
        begin, end = glue.bare(text, begin, end)
    mark = text[begin - 1 : begin]
    return begin, _address_end(text, glue.host_end(text, begin, end), mark if mark in _MARKS else "")


def _is_inside(text: str, begin: int) -> bool:
    """Whether a bare host goes on to the left; `//` alone may stand before it."""
    if text.endswith("//", 0, begin) and _NO_SCHEME.match(text, begin - 2):
        return False
    return _BARE_BEFORE.match(text, begin - 1) is not None and not glue.is_word_before(text, begin)


def _user_start(text: str, start: int) -> int:
    """Where `user:password` before a host begins; no longer than any message is."""
    floor = max(0, start - MAX_LENGTH)
    begin = start - 1 if text[start - 1 : start] == "@" else start
    while begin > floor and text[begin - 1] not in _NOT_A_USER:
        begin -= 1
    return begin


def _web_scheme(name: str) -> str | None:
    if name.endswith("http") and name != "shttp":
        return "http"
    if name.endswith("https"):
        return "https"
    return "ftp" if name.endswith("ftp") and name not in ("tftp", "sftp") else None


def _address_end(text: str, end: int, mark: str) -> int:
    """The end of port and path after the host that ends at `end`; without a mark that stands at both its ends."""
    host_end = end
    while text[host_end - 1 : host_end] == ".":
        host_end -= 1
    port = _PORT.match(text, end)
    if port and int(port[1]) < 65536:
        end = host_end = port.end()
    path = _PATH.match(text, end)
    if path is None:
        return host_end
    stop = _balanced(text, path.start(), path.end())
    bad_ends = _BAD_ENDS + mark
    while stop > path.start() + 1 and text[stop - 1] in bad_ends:
        stop -= 1
    return stop if text[path.start()] == "/" or stop > path.start() + 1 else host_end


def _balanced(text: str, start: int, end: int) -> int:
    """The end of a path, before a bracket that was not opened in it."""
    open_ = dict.fromkeys(_PAIRS.values(), 0)
    for position in range(start, end):
        char = text[position]
        if char in open_:
            open_[char] += 1
        elif char in _PAIRS:
            open_[_PAIRS[char]] -= 1
            if open_[_PAIRS[char]] < 0:
                return position
    return end


def _read(text: str, begin: int, end: int) -> tuple[Link | None, int]:
    """The link, and where it ends: without what is glued to its path, if it is no known thing with that."""
    link = canonical(text[begin:end]) if end - begin <= MAX_LENGTH else None
    unknown = link is None or (link.what == "page" and link.platform in platforms.codes())
    slash = text.find("/", begin + 8 if "://" in text[begin : begin + 8] else begin, end)
    if slash <= 0 or end - begin > _LONGEST_NAME:
        return link, end
    if link is not None and (signs := _SIGNS_AFTER.search(text, slash, end)):
        return _read(text, begin, signs.start())
    if not unknown:
        return link, _known_end(text, begin, slash, end, link)
    if link is None:
        stop = _plain_end(text, slash, end)
        link = canonical(text[begin:stop]) if stop < end else None
        return (link, stop) if link is not None else _before_a_dash(text, begin, slash, end)
    named = _NAME_PATH.match(text, slash, end)
    stop = named.end() if named else end
    plain = canonical(text[begin:stop]) if stop < end else None
    return (plain, stop) if plain is not None and plain.what != "page" else (link, end)


def _known_end(text: str, begin: int, slash: int, end: int, link: Link | None) -> int:
    """Where a known thing ends: before words written against it, where it is the same without them."""
    named = _NAME_PATH.match(text, slash, end)
    stop = named.end() if named else end
    return stop if stop < end and canonical(text[begin:stop]) == link else end


def _before_a_dash(text: str, begin: int, slash: int, end: int) -> tuple[Link | None, int]:
    """The guess that a name ends before a sign that no name has: `t.me/name-good`, `t.me/name&t.me/other`."""
    name = _NAME.match(text, slash, end)
    link = canonical(text[begin : name.end()]) if name and name.end() < end else None
    return (replace(link, guessed=True), name.end()) if link and name else (None, end)


def _plain_end(text: str, slash: int, end: int) -> int:
    plain = _PLAIN_PATH.match(text, slash, end)
    stop = plain.end() if plain else slash
    while stop > slash and text[stop - 1] in "_.?&=-+":
        stop -= 1
    return stop
