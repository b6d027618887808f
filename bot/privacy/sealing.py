"""Sealing: XChaCha20-Poly1305 with a random nonce, bound to its row, padded so that sizes tell little."""

from __future__ import annotations

import hashlib
import os
from typing import Final

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_NPUBBYTES as NONCE

from bot.privacy.aead import NotGenuine, decrypt, encrypt

BUCKETS: Final = (1 << 10, 4 << 10, 16 << 10, 64 << 10)
"""Sealed texts are padded to the smallest of these, in bytes; above the last, to the next power of two."""

_LENGTH: Final = 4


class CannotOpen(Exception):
    """A sealed value does not open: another key, another row, or it was changed."""


def derive(key: bytes, purpose: str) -> bytes:
    """Derive a 32-byte key for one purpose (at most 16 ASCII characters)."""
    return hashlib.blake2b(b"shekteu", key=key, digest_size=32, person=purpose.encode().ljust(16, b"\0")).digest()


def keyed_hash(key: bytes, purpose: str, *parts: bytes) -> bytes:
    """Give the 32-byte keyed BLAKE2b hash of `parts`, each preceded by its length."""
    digest = hashlib.blake2b(key=key, digest_size=32, person=purpose.encode().ljust(16, b"\0"))
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def seal(key: bytes, generation: int, row: bytes, plain: bytes, *, padded: bool = True) -> bytes:
    """Seal `plain` for the row that `row` names. The key's generation (0-255) stands in front and is bound too."""
    head = bytes([generation])
    body = _pad(plain) if padded else plain
    nonce = os.urandom(NONCE)
    return head + nonce + encrypt(key, nonce, head + row, body)


def open_sealed(keys: dict[int, bytes], row: bytes, sealed: bytes, *, padded: bool = True) -> bytes:
    """Open what `seal` made for the same row; raise CannotOpen."""
    key = keys.get(sealed[0]) if sealed else None
    if key is None:
        raise CannotOpen
    try:
        body = decrypt(key, sealed[1 : 1 + NONCE], sealed[:1] + row, sealed[1 + NONCE :])
    except NotGenuine as error:
        raise CannotOpen from error
    return _unpad(body) if padded else body


def _pad(plain: bytes) -> bytes:
    needed = len(plain) + _LENGTH
    bucket = next((size for size in BUCKETS if size >= needed), 1 << (needed - 1).bit_length())
    return len(plain).to_bytes(_LENGTH, "big") + plain + bytes(bucket - needed)


def _unpad(body: bytes) -> bytes:
    length = int.from_bytes(body[:_LENGTH], "big")
    return body[_LENGTH : _LENGTH + length]
