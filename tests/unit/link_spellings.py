"""Addresses made from the table of platforms itself, and all the ways in which one address is spelt."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from bot.links.platforms import TABLE

RAW: dict[str, Any] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
_AT = re.compile(r"(?P<host>[^/?#]*)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?")
_PART = re.compile(r"\{([a-z]+)(?::([a-z]+))?\}")
_AROUND = "".join(map(chr, range(33)))
_HINTS = """
0 1 00 007 100012 - _ . .. a a. .a A-b a.b a_b a-b wall-1_2 wall1 id1 id-1 club1 public1 p reel s app www ru kk-KZ
ru-RU m video.php profile.php login share i j u c t v @a @ %61 %2e %2E%2e %40a %20 %00 %zz % +77011234567 87011234567
77011234567 0077011234567 invite join +AbC joinchat stories ID1.html slug-ID1.html a--1 x-1 ж Ж %D0%B6 %d0%96 é İ ſ K
ß ＡＢ ① ∕ ⁄ \\ a:b a;b=c
"""
HINTS = st.sampled_from(_HINTS.split())
NAMES = st.from_regex(r"[A-Za-z0-9_.\-]{1,12}", fullmatch=True)
ANY_SEGMENT = st.text(alphabet="abcXYZ019._-+@$%&=!~ñжЖ,;:()*'", min_size=1, max_size=12)
TRACKERS = st.sampled_from(
    ["utm_source=a", "utm_campaign=%D0%B6", "fbclid=c", "igsh=d==", "gclid=e", "yclid=f", "si=g"]
)
PLAIN_TARGETS = """
https://t.me/some_shop t.me/+AbC_d tg://resolve?domain=some_shop https://example.kz/a?b=c https://vk.com/id1
vk.com/club2 https://facebook.com/0/0 https://instagram.com/Some.Name/ http://127.0.0.1/ javascript:alert(1)
/local/path //example.kz https://wa.me/77011234567 https%3A%2F%2Ft.me%2Fa_shop
https://vk.com/away.php?to=https%3A%2F%2Fvk.com%2Fid3 @name_shop
"""


@dataclass(frozen=True)
class Made:
    """An address in its parts; `private`: the shape that it was made from says so."""

    platform: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    fragment: str = ""
    private: bool = False
    scheme: str = "https"
    before: str = ""
    """User, and prefix of the host."""
    after: str = ""
    """A port."""

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" if value is not None else key for key, value in self.query)
        scheme = f"{self.scheme}://" if self.scheme else ""
        return f"{scheme}{self.before}{self.host}{self.after}{self.path}{'?' + query if query else ''}{self.fragment}"


@cache
def _part(kind: str, name: str) -> st.SearchStrategy[str]:
    """What a part of a shape may be: what it should match, or a hint at another shape."""
    if kind == "target":
        return st.sampled_from(PLAIN_TARGETS.split())
    pattern = RAW["parts"][kind]
    if kind == "slug":
        return st.one_of(NAMES, HINTS, ANY_SEGMENT)
    if kind in ("name", "label"):
        return st.one_of(NAMES, HINTS.filter(lambda hint: re.fullmatch(pattern, hint) is not None))
    if kind == "id":
        return st.one_of(st.integers(0, 10**12).map(str), st.sampled_from(["0", "00", "007", "1"]))
    if kind == "post":
        return st.from_regex(r"-?[0-9]{1,6}_[0-9]{1,6}", fullmatch=True)
    if kind == "phone":
        return st.one_of(
            st.from_regex(r"[+ ]?(?:00)?[78]7[0-9]{9}", fullmatch=True),
            st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True),
        )
    if kind == "local":
        return st.from_regex(r"/[A-Za-z0-9_.@]{1,10}(?:/[a-z0-9]{0,5})?", fullmatch=True)
    if kind == "tail":
        return st.sampled_from(["", "/album-1_2", "_r3", "/x"])
    made = st.from_regex(re.compile(pattern.replace("200", "12").replace("300", "12"), re.ASCII), fullmatch=True)
    # Blanks and controls around an address are overlooked by all, so none begins or ends a part.
    return made.filter(lambda part: part.strip(_AROUND) == part)


@st.composite
def _filled(draw: st.DrawFn, template: str) -> str:
    made, end = "", 0
    for part in _PART.finditer(template):
        made += template[end : part.start()] + draw(_part(part[2] or part[1], part[1]))
        end = part.end()
    return made + template[end:]


@cache
def _shapes() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [(code, entry, shape) for code, entry in RAW["platforms"].items() for shape in entry.get("shapes", ())]


@st.composite
def shaped(draw: st.DrawFn) -> Made:
    """An address of one of the shapes of the table."""
    code, entry, shape = draw(st.sampled_from(_shapes()))
    at = _AT.fullmatch(shape["at"])
    assert at
    path = at["path"]
    if path.endswith("/**"):
        path = path[:-3] + draw(st.one_of(st.just(""), HINTS.map(lambda hint: f"/{hint}")))
    host = draw(_filled(at["host"])) if at["host"] else draw(st.sampled_from(entry["hosts"]))
    query = [
        (key, draw(_filled(value)))
        for key, _, value in (pair.partition("=") for pair in (at["query"] or "").split("&") if pair)
    ]
    return Made(
        code,
        host,
        draw(_filled(path)),
        tuple((key, _escaped(value)) for key, value in query),
        f"#{draw(_filled(at['fragment']))}" if at["fragment"] else "",
        private=shape.get("private", False),
    )


@cache
def _near(code: str) -> st.SearchStrategy[str]:
    entry = RAW["platforms"][code]
    words = [*entry.get("not_names", ["a"]), *re.findall(r"[a-z_.]{2,}", str(entry.get("shapes", "")))]
    return st.one_of(st.sampled_from(words), HINTS, NAMES, ANY_SEGMENT)


def _escaped(value: str) -> str:
    return "".join(f"%{ord(char):02X}" if char in "%&#+ ?\\" else char for char in value)


_KEYS = st.sampled_from(["id", "v", "u", "to", "q", "w", "z", "phone", "code", "number", "next", "a", "sel", "g2"])
_PAIRS = st.lists(st.tuples(_KEYS, st.one_of(HINTS, NAMES, _part("target", "")).map(_escaped)), max_size=2)


@st.composite
def around(draw: st.DrawFn) -> Made:
    """An address near the shapes: hosts of the table, and paths of what other shapes are made of."""
    code = draw(st.sampled_from(sorted(RAW["platforms"])))
    entry = RAW["platforms"][code]
    segments = draw(st.lists(_near(code), max_size=4))
    pairs = draw(_PAIRS)
    subdomain = draw(st.sampled_from(["", "", "", "m.", "www.", "ru.", "x.", "mbasic.", "web.", "a.b."]))
    fragment = draw(st.sampled_from(["", "", "#x", "#/a", "#p/+77011234567", "#!/Name", "#key=1"]))
    path = "/" + "/".join(segments) if segments else ""
    return Made(code, subdomain + draw(st.sampled_from(entry["hosts"])), path, tuple(pairs), fragment)


_HAS_FRAGMENTS = {code for code, _, shape in _shapes() if "#" in shape["at"]}
_ALNUM = re.compile(r"(?<!%)(?<!%[0-9A-Fa-f])[A-Za-z0-9](?![^/]*:)")


@st.composite
def spelt(draw: st.DrawFn, made: Made) -> str:
    """The same address as somebody else, or some app, would spell it."""
    query = list(made.query)
    if len({key for key, _ in query}) == len(query):
        query = draw(st.permutations(query))
    for tracker in draw(st.lists(TRACKERS, max_size=2)):
        key, _, value = tracker.partition("=")
        if key not in {each for each, _ in query}:
            query.insert(draw(st.integers(0, len(query))), (key, value))
    path = made.path
    if draw(st.booleans()) and _ALNUM.search(path):
        places = [found.start() for found in _ALNUM.finditer(path)]
        place = draw(st.sampled_from(places))
        path = f"{path[:place]}%{ord(path[place]):{draw(st.sampled_from(['02x', '02X']))}}{path[place + 1 :]}"
    if draw(st.booleans()) and not path.endswith(("/", ".", "\\", "%2e", "%2E")):
        path += "/"
    host = "".join(draw(st.sampled_from([char.lower(), char.upper()])) for char in made.host)
    fragment = made.fragment
    if not fragment and made.platform not in _HAS_FRAGMENTS:
        fragment = draw(st.sampled_from(["", "#x", "#/a?b=c", "#"]))
    scheme = draw(st.sampled_from(["http", "https", "HTTPS", "hTTp"]))
    user = draw(st.sampled_from(["", "", "user@", "user:pa%40ss@"]))
    dot = draw(st.sampled_from(["", "", "."]))
    port = draw(st.sampled_from(["", "", ":80", ":443", ":", ":0443"]))
    www = draw(st.sampled_from(["", "www.", "WWW."]))
    changed = replace(
        made,
        host=host,
        path=path,
        query=tuple(query),
        fragment=fragment,
        scheme=scheme,
        before=user + www,
        after=dot + port,
    )
    return str(changed)
