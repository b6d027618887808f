"""Addresses of the Tor network, version 3 (Tor's rend-spec-v3, section 6): the name is a key with its checksum."""

import base64
import hashlib
import re

_ADDRESS = re.compile(r"(?:[a-z0-9_-]+\.)*([a-z2-7]{56})\.onion(?:\.[a-z0-9]+)*")


def onion_host(host: str) -> str | None:
    """The address behind a host such as `name.onion`, also behind a gateway (`name.onion.ly`); None: not a valid one.

    Names below an address (`shop.name.onion`) are kept, they may be sites of their own; `www.` is not.
    """
    found = _ADDRESS.fullmatch(host)
    if found is None or not _has_right_checksum(found[1]):
        return None
    return host[: found.end(1)].removeprefix("www.") + ".onion"


def _has_right_checksum(name: str) -> bool:
    raw = base64.b32decode(name.upper())
    key, checksum, version = raw[:32], raw[32:34], raw[34:]
    digest = hashlib.sha3_256(b".onion checksum" + key + version).digest()
    return version == b"\x03" and digest[:2] == checksum
