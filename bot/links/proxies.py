"""Links to proxies: Telegram takes any, and calls those that it cannot use unsupported."""

import base64
import binascii
import re

from bot.links.link import Link
from bot.links.query import Query, encoded, is_text, leading_number

_KEY_BYTES = 16
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def proxy_link(kind: str, query: Query) -> Link:
    """`kind` is `proxy` (MTProto) or `socks`; all proxies that do not work are one: nothing can be done about them.

    User and password of a socks proxy are left out: they are somebody's, and the server is the resource.
    """
    server, port = query.get("server"), leading_number(query.get("port"))
    usable = is_text(server) and len(server.encode("utf-8", "surrogateescape")) <= 255 and 0 < port < 65536
    address = f"https://t.me/{kind}?server={encoded(server.lower())}&port={port}"
    if kind == "socks":
        usable = usable and all(is_text(query.get(key) or "-") for key in ("user", "pass"))
    else:
        secret = _secret(query.get("secret"))
        usable = usable and secret is not None
        address = f"{address}&secret={secret}"
    return Link("telegram", "proxy", address if usable else f"https://t.me/{kind}")


def _secret(text: str) -> str | None:
    """The key of an MTProto proxy in one spelling (hex, or base64url for keys with a domain), or None."""
    if _HEX.fullmatch(text):
        key = bytes.fromhex(text)
    else:
        try:
            padded = text.rstrip("=").replace("+", "-").replace("/", "_")
            key = base64.b64decode(padded + "=" * (-len(padded) % 4), altchars="-_", validate=True)
        except (binascii.Error, ValueError):
            return None
    if len(key) == _KEY_BYTES or (len(key) == _KEY_BYTES + 1 and key[0] == 0xDD):
        return key.hex()
    if len(key) > _KEY_BYTES + 1 and key[0] == 0xEE:
        return base64.urlsafe_b64encode(key).decode().rstrip("=")
    return None
