"""The table of platforms (`platforms.toml`), read once, and what an address is by it."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.languages import Language
from bot.links import telegram
from bot.links.link import Link
from bot.links.shapes import BadShape, Reads, Shape, read_shape
from bot.links.sites import Address, page_url

TABLE = Path(__file__).with_name("platforms.toml")
_KEYS = frozenset(
    {
        "name",
        "words",
        "handle",
        "hosts",
        "subdomains",
        "url",
        "languages",
        "folds",
        "drops",
        "not_names",
        "apps",
        "shapes",
    }
)
_EVERYWHERE = frozenset({"m", "mobile", "touch", "wap", "amp", "www"})
_LANGUAGE = re.compile(r"\A/[A-Za-z]{2}(?:-[A-Za-z]{2,4})?(?=/)")
_SLASHES = re.compile(r"/{2,}")
_APP_SCHEME = re.compile(r"([a-z][a-z0-9.+-]*):/{0,2}", re.IGNORECASE)


class BadPlatformTable(Exception):
    """The table of platforms is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Platform:
    """One entry of the table."""

    name: str
    hosts: tuple[str, ...]
    subdomains: frozenset[str]
    url: str
    languages: bool
    shapes: tuple[Shape, ...]
    same: frozenset[str]
    """Hosts that are only other names of the first one."""


@dataclass(frozen=True, slots=True)
class Table:
    """All platforms by host, and the schemes of their apps with what they are read as."""

    by_host: dict[str, Platform]
    apps: dict[str, str]
    names: dict[str, dict[Language, str]]
    """What people call each platform, by its code; also those whose rules are code."""
    words: dict[str, tuple[str, ...]]
    """The words that people write before a handle of a platform."""
    handles: dict[str, str]
    """What such a handle is: an address with {name} or {phone} in it."""


@cache
def table() -> Table:
    """The table as shipped; BadPlatformTable if somebody broke it."""
    return read_table(TABLE.read_text(encoding="utf-8"))


def read_table(text: str) -> Table:
    """Read and check a table; BadPlatformTable names the platform and what is wrong with it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPlatformTable(f"not TOML: {error}") from error
    by_host: dict[str, Platform] = {}
    apps: dict[str, str] = {}
    entries = raw.get("elsewhere", {}) | raw.get("platforms", {})
    for name, entry in raw.get("platforms", {}).items():
        platform = _platform(name, entry, raw.get("parts", {}))
        for host in platform.hosts:
            if host in by_host:
                raise BadPlatformTable(f"{name}: {host} belongs to {by_host[host].name} already")
            by_host[host] = platform
        apps.update(entry.get("apps", {}))
    return Table(
        by_host,
        apps,
        names={code: _names(code, entry) for code, entry in entries.items()},
        words={code: tuple(entry["words"]) for code, entry in entries.items() if entry.get("words")},
        handles={code: entry.get("handle", "") for code, entry in entries.items()},
    )


def _names(code: str, entry: dict[str, Any]) -> dict[Language, str]:
    given = entry.get("name", {})
    names = dict.fromkeys(Language, given) if isinstance(given, str) else {one: given.get(one, "") for one in Language}
    if not all(names.values()):
        raise BadPlatformTable(f"{code}: wants a name, one for all languages or one for each")
    return names


def name_of(code: str, language: Language = Language.RU) -> str:
    """What people call a platform; a code that the table does not have is its own name."""
    return table().names.get(code, {}).get(language, code)


def _platform(name: str, entry: dict[str, Any], parts: dict[str, str]) -> Platform:
    unknown = entry.keys() - _KEYS
    if unknown or not entry.get("hosts"):
        raise BadPlatformTable(f"{name}: unknown keys {sorted(unknown)}" if unknown else f"{name}: no hosts")
    reads = Reads(frozenset(entry.get("folds", ())), entry.get("drops", {}), frozenset(entry.get("not_names", ())))
    try:
        shapes = tuple(read_shape(shape, parts, reads) for shape in entry.get("shapes", ()))
    except BadShape as error:
        raise BadPlatformTable(f"{name}: {error}") from error
    return Platform(
        name=name,
        hosts=tuple(entry["hosts"]),
        subdomains=frozenset(entry.get("subdomains", ())),
        url=entry.get("url", ""),
        languages=entry.get("languages", False),
        shapes=shapes,
        same=frozenset(host for host in entry["hosts"] if entry.get("url") and not any(s.is_for(host) for s in shapes)),
    )


def public_hosts() -> frozenset[str]:
    """The hosts of the table and of Telegram, without `www.` and `m.`."""
    return frozenset(table().by_host) | telegram.HOSTS


def is_public_host(host: str) -> bool:
    """Whether a host (lower case) is one of them."""
    return host.removeprefix("www.").removeprefix("m.") in public_hosts()


def knows(host: str) -> bool:
    """Whether a host (lower case, with or without `www.`) belongs to a platform of the table."""
    return _find(host.removeprefix("www.")) is not None


def without_app_scheme(text: str) -> str:
    """`viber://chat?number=1` as the address under which the table has it; any other text as it is."""
    found = _APP_SCHEME.match(text)
    if found is None or found[1].lower() in ("http", "https", "ftp"):
        return text
    instead = table().apps.get(found[1].lower())
    return f"https://{instead}{text[found.end() :]}" if instead else text


@cache
def codes() -> frozenset[str]:
    """The platforms whose addresses the shapes of the table read."""
    return frozenset(platform.name for platform in table().by_host.values())


def app_schemes() -> frozenset[str]:
    """The schemes of the platforms' apps."""
    return frozenset(table().apps)


def read(address: Address) -> Link | None:
    """What an address is on its platform; None if it belongs to none of the table."""
    found = None if address.port else _find(address.host)
    if found is None:
        return None
    platform, host = found
    path = _SLASHES.sub("/", address.path).rstrip("/") or "/"
    if platform.languages:
        path = _LANGUAGE.sub("", path, count=1)
    base = platform.url or f"https://{host}"
    for shape in platform.shapes:
        url = shape.match(host, path, address.query, address.fragment.removeprefix("#"))
        if url is not None:
            return Link(platform.name, shape.what, base + url if url[0] == "/" else url, private=shape.private)
    return Link(platform.name, "page", page_url(base if host in platform.same else f"https://{host}", address))


def _find(host: str) -> tuple[Platform, str] | None:
    """The platform of a host, and the host without prefixes that show the same thing."""
    known = table().by_host
    if host in known:
        return known[host], host
    prefix, _, parent = host.partition(".")
    if parent in known:
        platform = known[parent]
        if prefix in _EVERYWHERE or prefix in platform.subdomains:
            return platform, parent
        if "*" in platform.subdomains:
            return platform, host
    return None
