"""Shapes of addresses: `/{name}/status/{id}` in the table of platforms, compiled to what matches them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

_PART = re.compile(r"\{([a-z]+)(?::([a-z]+))?\}")
_AT = re.compile(r"(?P<host>[^/?#]*)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?")
_KEYS = frozenset({"at", "what", "url", "private"})
_SAFE = "!$&'()*+,;=:@~"
# 00 is +, and 8 701 … within Kazakhstan and Russia is +7 701 …
_TRUNK = re.compile(r"(?:0{2,}(?=[1-9][0-9]{6}))?(?:8(?=7[0-9]{9}$))?")


class BadShape(Exception):
    """A shape of an address is wrong; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Reads:
    """How a platform reads the parts of its addresses."""

    folds: frozenset[str] = frozenset()
    drops: Mapping[str, str] = field(default_factory=dict)
    not_names: frozenset[str] = frozenset()

    def clean(self, name: str, value: str) -> str:
        """A part in the one spelling that stands for all that the platform takes for the same."""
        if name == "phone":
            digits = "".join(char for char in unquote(value) if char in "0123456789")
            return _TRUNK.sub(lambda prefix: "7" if prefix[0].endswith("8") else "", digits, count=1)
        if name in self.folds:
            value = quote(unquote(value, errors="surrogateescape").lower(), safe=_SAFE, errors="surrogateescape")
        for sign in self.drops.get(name, ""):
            value = value.replace(sign, "")
        return value


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which an address can be written, and the canonical address of what it names."""

    what: str
    url: str
    private: bool
    host: re.Pattern[str] | None
    path: re.Pattern[str]
    query: tuple[tuple[str, re.Pattern[str]], ...]
    fragment: re.Pattern[str] | None
    reads: "Reads"

    def is_for(self, host: str) -> bool:
        """Whether it is of this host alone."""
        return self.host is not None and self.host.fullmatch(host) is not None

    def match(self, host: str, path: str, query: tuple[tuple[str, str], ...], fragment: str) -> str | None:
        """The canonical address (without the platform's own beginning, if it begins with `/`), or None."""
        found = self._parts(host, path, query, fragment)
        return None if found is None else _PART.sub(lambda part: found[part[1]], self.url)

    def _parts(self, host: str, path: str, query: tuple[tuple[str, str], ...], fragment: str) -> dict[str, str] | None:
        wanted = [(self.path, path)]
        wanted += [(pattern, text) for pattern, text in ((self.host, host), (self.fragment, fragment)) if pattern]
        for key, pattern in self.query:
            value = next((value for name, value in query if name == key), None)
            if value is None:
                return None
            wanted.append((pattern, value))
        parts: dict[str, str] = {}
        for expected, text in wanted:
            found = expected.fullmatch(text)
            if found is None or found.groupdict().get("name", "").lower() in self.reads.not_names:
                return None
            parts |= {name: self.reads.clean(name, part) for name, part in found.groupdict().items()}
        return parts


def read_shape(raw: Mapping[str, Any], parts: Mapping[str, str], reads: Reads) -> Shape:
    """Compile one shape; BadShape says what is wrong with it."""
    at = _AT.fullmatch(str(raw.get("at", "")))
    if at is None or raw.keys() - _KEYS or not raw.get("what") or not raw.get("url"):
        raise BadShape(f"{dict(raw)}: wants at, what and url, and may have private")
    query = [pair.partition("=") for pair in (at["query"] or "").split("&") if pair]
    shape = Shape(
        what=raw["what"],
        url=raw["url"],
        private=raw.get("private", False),
        host=_compiled(at["host"], parts) if at["host"] else None,
        path=_path(at["path"], parts),
        query=tuple((key, _compiled(value, parts)) for key, _, value in query),
        fragment=None if at["fragment"] is None else _compiled(at["fragment"], parts),
        reads=reads,
    )
    given = {name for name, _ in _PART.findall(raw["at"])}
    missing = {name for name, _ in _PART.findall(raw["url"])} - given
    if missing:
        raise BadShape(f"{raw['at']}: {sorted(missing)} of its url stand nowhere in it")
    return shape


def _path(template: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    if template.endswith("/**"):
        return re.compile(_pattern(template[:-3], parts) + "(?:/.*)?", re.DOTALL)
    return _compiled(template.rstrip("/") or "/", parts)


def _compiled(template: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_pattern(template, parts))


def _pattern(template: str, parts: Mapping[str, str]) -> str:
    pattern, end = "", 0
    for part in _PART.finditer(template):
        name, kind = part[1], part[2] or part[1]
        if kind not in parts:
            raise BadShape(f"{template}: no part is called {kind}")
        pattern += re.escape(template[end : part.start()]) + f"(?P<{name}>{parts[kind]})"
        end = part.end()
    return pattern + re.escape(template[end:])
