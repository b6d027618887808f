"""Links that people disguise: `t . me / name`, `hxxp`, `[.]`, «точка», letters that only look Latin, signs unseen.

What is found here was guessed, not read plainly: it is shown to be confirmed, and never taken as sure.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.links import platforms
from bot.links.traced import Traced

_UNSEEN = r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_UNSEEN_INSIDE = re.compile(rf"(?<=[A-Za-z0-9_./@:])[{_UNSEEN}]+(?=[A-Za-z0-9_./@:{_UNSEEN}])")
_LOOK_LATIN = str.maketrans("авеікмнорстухѕјһԁԛӏАВЕІКМНОРСТУХЅЈҺԚ", "abeikmhopctyxsjhdqlABEIKMHOPCTYXSJHQ")
_CYRILLIC_ALIKE = "авеікмнорстухѕјһԁԛӏАВЕІКМНОРСТУХЅЈҺԚ"
_CYRILLIC = r"\u0400-\u04ff"
_MIXED = rf"[A-Za-z0-9_{_CYRILLIC_ALIKE}]"
_SPACE = r"[ \t\u00a0]"
_DOT_WORD = r"(?:точка|тчк|нүкте|dot)"
_HTTP = re.compile(
    rf"\b[hн](?:xx|хх|\*\*|tt|тт){_SPACE}?[pр](s?){_SPACE}?[\[(]?:[\])]?{_SPACE}?(?:/{_SPACE}?/|\\\\){_SPACE}?",
    re.IGNORECASE,
)
# «ttps://» is how it is copied without its first letter.
_CUT_HTTP = re.compile(r"(?<![\w.])(?:h?t{1,3}p|htt?p)(s?)(?:://|//|;//|:/(?!/))(?=[A-Za-z0-9])", re.IGNORECASE)
_BRACKETED_DOT = re.compile(rf"{_SPACE}?[\[({{<]{_SPACE}?(?:\.|{_DOT_WORD}){_SPACE}?[\])}}>]{_SPACE}?", re.IGNORECASE)
_BRACKETED_SLASH = re.compile(rf"{_SPACE}?[\[(]{_SPACE}?(?:/|слэш|слеш|slash){_SPACE}?[\])]{_SPACE}?", re.IGNORECASE)
_SUFFIX = r"(?:kz|com|ru|org|net|su|info|biz|site|shop|store|online|xyz|top|onion|club|link|me|рф|қаз|кз|ру|ком)"
_SAID_DOT = re.compile(
    rf"(?<=[A-Za-z0-9а-я]){_SPACE}{{1,3}}{_DOT_WORD}{_SPACE}{{1,3}}(?={_SUFFIX}(?!\w))", re.IGNORECASE
)
_SAID_SLASH = re.compile(rf"(?<=\w){_SPACE}{{1,3}}(?:слэш|слеш|slash){_SPACE}{{1,3}}(?=[\w@+])", re.IGNORECASE)
_NEXT_PART = re.compile(rf"(?<![\w.])(t\.me/[A-Za-z0-9_]{{1,64}}){_SPACE}{{1,3}}/{_SPACE}{{0,3}}(?=[A-Za-z0-9])")
_LOOSE_NUMBER = re.compile(
    r"(?<![\w.])((?:t\.me/\+|wa\.me/\+?))([78](?:[ \u00a0().\-]{0,3}[0-9]){10})(?![0-9])", re.IGNORECASE
)
_LOOSE_DOT = re.compile(
    rf"(?<![\w.])(?P<host>[A-Za-z0-9][A-Za-z0-9\-]{{0,62}})(?:{_SPACE}{{1,3}}\.{_SPACE}{{0,3}}|\.{_SPACE}{{1,3}})"
    rf"(?P<suffix>[A-Za-z]{{2,10}})(?![\w.])(?P<slash>{_SPACE}{{0,3}}/{_SPACE}{{0,3}}(?=[\w@+]))?"
)
_LOOSE_SUFFIXES = frozenset({"kz", "com", "ru", "org", "net", "onion", "su"})
_LOOSE_SLASH = rf"(?:{_SPACE}{{1,3}}/{_SPACE}{{0,3}}|/{_SPACE}{{1,3}})(?=@?[A-Za-z0-9_+\-]{{3,64}}(?![\w.]))"
_CYRILLIC_SUFFIXES = {"кз": "kz", "ру": "ru", "ком": "com", "ме": "me"}
_SPELT_SUFFIX = re.compile(r"(?<=[A-Za-z0-9]\.)(?:кз|ру|ком)(?!\w)", re.IGNORECASE)
_LOOSE_TELEGRAM = re.compile(
    rf"(?<![\w.])(?:[tт]|тэ|ти){_SPACE}{{0,3}}(?:[.,·•]|{_DOT_WORD}|{_SPACE}){_SPACE}{{0,3}}(?:[mм][eе]|мэ|ми)"
    rf"{_SPACE}{{0,3}}(?:[/\\|]|слэш|слеш|slash){_SPACE}{{0,3}}@?(?={_MIXED}{{2}}|\+{_SPACE}{{0,2}}[A-Za-z0-9_\-]{{5}})(?:(?P<plus>\+){_SPACE}{{0,2}})?",
    re.IGNORECASE,
)
# Latin letters, also as signs of their own (Ⓐ, 𝐀, Ａ), «точка» or something like «т.ме».
_MAY = re.compile(
    rf"[A-Za-z\u2460-\u24ff\uff01-\uff5e\U0001d400-\U0001d7ff]|{_DOT_WORD}|[тТ].{{0,5}}[мМ][еэиЕЭИ]", re.IGNORECASE
)
_LOOSE_HANDLE = re.compile(
    rf"(?<![\w@.])@(?=[A-Za-z]*[{_CYRILLIC_ALIKE}])(?={_MIXED}*[A-Za-z]){_MIXED}{{4,32}}(?![\w@])"
)
# «пишите@name», «@nameда»: no client takes them for handles.
_GLUED_HANDLE = re.compile(
    rf"(?<=[{_CYRILLIC}])@[A-Za-z][A-Za-z0-9_]{{4,31}}(?![A-Za-z0-9_@]|\.\w)"
    rf"|(?<![\w@.])@[A-Za-z][A-Za-z0-9_]{{4,31}}(?=[{_CYRILLIC}])"
)
_TWO_SLASHES = re.compile(r"(?<![\w.])((?:t\.me|telegram\.me))//+(?=[A-Za-z0-9+@])", re.IGNORECASE)
# `t.me name_1`: a name that can be no word
_SPACE_FOR_SLASH = re.compile(
    rf"(?<![\w.])(t\.me){_SPACE}{{1,2}}(?=[A-Za-z]{{2}}[A-Za-z]*[0-9_][A-Za-z0-9_]*(?![\w.@]))"
)
_IMITATION = re.compile(rf"(?<![\w.])([a-z.{_CYRILLIC_ALIKE}]{{2,40}})(/[\w.@+\-/?=&%]{{1,200}})", re.IGNORECASE)
_HOST_BEFORE = re.compile(rf"(?<![\w.])[a-z.{_CYRILLIC_ALIKE}]{{2,40}}(?=/)", re.IGNORECASE)


def mended(text: Traced) -> Traced:
    """The text without unseen signs inside its links, and with look-alikes among a name's Latin letters as Latin.

    What stands in a link here and not in the text as it was is guessed; what only was cut off by them is no link.
    """
    if "/ " in text.text or " /" in text.text:
        text = text.sub(_slashes_mended(), r"\1/")
    if ".me/" in text.text:
        text = text.sub(_LOOSE_NUMBER, lambda found: found[1] + re.sub("[^0-9]", "", found[2]))
    if text.text.isascii():
        return text
    text = text.sub(_UNSEEN_INSIDE, "")
    return text.sub(_names_mended(), _latin) if "/" in text.text else text


def undisguised(text: Traced) -> Traced:
    """The text with what disguises addresses undone. Nothing in it is certain."""
    if not _MAY.search(text.text):
        return text
    text = text.compatible() if not text.text.isascii() else text
    text = text.sub(_HTTP, lambda found: f"http{found[1]}://").sub(_CUT_HTTP, r"http\1://")
    text = text.sub(_LOOSE_TELEGRAM, lambda found: f"t.me/{found['plus'] or ''}").sub(_NEXT_PART, r"\1/")
    text = text.sub(_TWO_SLASHES, r"\1/").sub(_SPACE_FOR_SLASH, r"\1/").sub(_glued_hosts(), " ")
    text = text.sub(_BRACKETED_DOT, ".").sub(_BRACKETED_SLASH, "/")
    text = text.sub(_SAID_DOT, ".").sub(_SAID_SLASH, "/")
    text = text.sub(_LOOSE_DOT, _closed_up)
    text = text.sub(_SPELT_SUFFIX, lambda found: _CYRILLIC_SUFFIXES[found[0].lower()])
    if not text.text.isascii():
        text = text.sub(_HOST_BEFORE, _known_host).sub(_LOOSE_HANDLE, _latin)
        text = text.sub(_names_mended(), _latin)
        text = text.sub(_GLUED_HANDLE, lambda found: f" {found[0]} ") if "@" in text.text else text
    return text


def imitated(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and address of each known host spelt with letters of another alphabet: `instаgram.com/name`."""
    for found in _IMITATION.finditer(text) if not text.isascii() and "/" in text else ():
        host = found[1].translate(_LOOK_LATIN)
        if not found[1].isascii() and platforms.is_public_host(host.lower()):
            address = (host + found[2]).rstrip(".?")
            yield found.start(), found.start() + len(address), address


def _latin(found: re.Match[str]) -> str:
    return found[0].translate(_LOOK_LATIN)


def _known_host(found: re.Match[str]) -> str:
    """A host as the platform's own, if letters that look like others make it one."""
    host = found[0].translate(_LOOK_LATIN)
    return host if not found[0].isascii() and platforms.is_public_host(host.lower()) else found[0]


def _closed_up(found: re.Match[str]) -> str:
    host, suffix = found["host"], found["suffix"]
    if suffix.lower() not in _LOOSE_SUFFIXES or len(host) < 2:
        return (
            f"{host}.{suffix}/" if found["slash"] and platforms.is_public_host(f"{host}.{suffix}".lower()) else found[0]
        )
    return f"{host}.{suffix}{'/' if found['slash'] else ''}"


@cache
def _hosts() -> str:
    hosts = "|".join(map(re.escape, sorted(platforms.public_hosts(), key=len, reverse=True)))
    return rf"(?:(?:www|m)\.)?(?:{hosts})"


def _known_hosts() -> str:
    return rf"(?<![\w.])({_hosts()})"


@cache
def _glued_hosts() -> re.Pattern[str]:
    """Signs that hide a known host written against them: `пишите...t.me/name`."""
    return re.compile(rf"(?:\.{{2,}}|(?<![\w.:/])[/.])(?=[a-z]{{1,13}}\.)(?={_hosts()}/)", re.IGNORECASE)


@cache
def _slashes_mended() -> re.Pattern[str]:
    """Known hosts with a space before or after the slash: `wa.me / 77011234567`."""
    return re.compile(_known_hosts() + _LOOSE_SLASH, re.IGNORECASE)


@cache
def _names_mended() -> re.Pattern[str]:
    """Names on known hosts in which Cyrillic letters stand between Latin ones: `t.me/nаme`."""
    name = rf"@?[A-Za-z0-9_.]*(?:[{_CYRILLIC_ALIKE}]+[A-Za-z0-9_]+)+[{_CYRILLIC_ALIKE}]*(?!\w)"
    return re.compile(f"{_known_hosts()}/{name}", re.IGNORECASE)
