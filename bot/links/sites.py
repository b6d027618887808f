"""Addresses of the web as a browser opens them (WHATWG, by Ada), and plain sites brought to one form."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

import can_ada

from bot.links.domains import NEVER_PUBLIC
from bot.links.link import Link
from bot.links.onion import onion_host

_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.[^.])")  # `www.kz` is a site of its own
_DNS = re.compile(r"[a-z0-9_.-]+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# They name the visitor, the campaign or the click, never the page.
_NAMES_OF_TRACKERS = (
    "fbclid gclid gclsrc dclid gbraid wbraid yclid ysclid ymclid msclkid twclid ttclid igsh igshid mc_cid mc_eid "
    "mibextid _ga _gl _hsenc _hsmi _openstat vero_id wickedid rb_clickid s_cid srsltid spm si sfnsn trk cmpid "
    "ref ref_src ref_url referral refid aff affid phpsessid jsessionid aspsessionid"
)
_TRACKERS = frozenset(_NAMES_OF_TRACKERS.split())
_TRACKING_FAMILIES = ("utm_", "mtm_", "pk_", "hsa_", "oly_", "matomo_", "at_")


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address: `host` lower case, punycode, no `www.`; `port` empty for the usual ones; pairs decoded."""

    scheme: str
    host: str
    port: str
    path: str
    query: tuple[tuple[str, str], ...]
    fragment: str
    raw: str
    """Path and query as the browser sends them."""


def read_address(text: str) -> Address | None:
    """Read an address with its scheme (http, https, ftp); None: no browser would open it on the public internet.

    User and password are left out. Loopback, private and otherwise special addresses are None.
    """
    try:
        url = can_ada.parse(text)
    except (TypeError, ValueError):  # half a character is no text to it
        return None
    host = _WWW.sub("", url.hostname.rstrip("."))
    if not _is_public(host) or url.port == "0":
        return None
    return Address(
        scheme=url.protocol.rstrip(":"),
        host=host,
        port="" if url.port in ("80", "443") and url.protocol != "ftp:" else url.port,
        path=_ESCAPES.sub(_normal_escapes, url.pathname),
        query=tuple(parse_qsl(url.search[1:], keep_blank_values=True, errors="surrogateescape", max_num_fields=None)),
        fragment=url.hash,
        raw=url.pathname + url.search,
    )


def site(address: Address) -> Link | None:
    """A plain site. http and https are one resource; an address with a port of its own keeps its scheme."""
    onion = onion_host(address.host)
    if onion is not None:
        return Link("onion", "page", _joined("http", onion, address))
    if address.host.endswith(".onion"):
        return None
    scheme = address.scheme
    if scheme != "ftp" and not address.port:
        scheme = "http" if _is_ip(address.host) else "https"
    return Link("site", "page", _joined(scheme, address.host, address))


def page_url(base: str, address: Address) -> str:
    """The same page under another base (`https://vk.com`), with the query parameters that count."""
    return base + _tail(address)


def _joined(scheme: str, host: str, address: Address) -> str:
    port = f":{address.port}" if address.port else ""
    return f"{scheme}://{host}{port}{_tail(address)}"


def _tail(address: Address) -> str:
    kept = sorted((key, value) for key, value in address.query if key and not is_tracker(key))
    query = urlencode(kept, quote_via=quote, safe="", errors="surrogateescape")
    return address.path.rstrip("/") + (f"?{query}" if query else "")


def is_tracker(key: str) -> bool:
    """Whether a query parameter says who came from where, not what the page is."""
    key = key.lower()
    return key in _TRACKERS or key.startswith(_TRACKING_FAMILIES)


def _normal_escapes(escaped: re.Match[str]) -> str:
    """`%7e` is `~`, `%d0` is `%D0`; what is reserved stays as it is."""
    raw = unquote_to_bytes(escaped[0])
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 128) or byte in b"-._~" else f"%{byte:02X}" for byte in raw
    )


def _is_ip(host: str) -> bool:
    return host.startswith("[") or host.replace(".", "").isdigit()


def _is_public(host: str) -> bool:
    if _is_ip(host):
        address = ipaddress.ip_address(host.strip("[]"))
        embedded = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        return all(ip.is_global and not ip.is_multicast for ip in (address, embedded or address))
    labels = host.split(".")
    if (
        not _DNS.fullmatch(host)
        or len(labels) < 2
        or len(host) > 253
        or labels[-1] in NEVER_PUBLIC
        or len(labels[-1]) < 2
    ):
        return False
    if any(not label or len(label) > 63 or label.endswith("-") for label in labels):
        return False
    return "_" not in labels[-1] + labels[-2] and not labels[-1].isdigit()
