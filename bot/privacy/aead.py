"""XChaCha20-Poly1305 by the libsodium that PyNaCl brings.

PyNaCl's own functions for it write their error messages before each check and so spend three quarters of their time; an
update seals four times. What they check is checked here too: libsodium reads as many bytes of a key and a nonce as it
expects, however many there are.
"""

from __future__ import annotations

from typing import Any, Final

from nacl._sodium import ffi, lib  # type: ignore[import-not-found]  # compiled, without stubs
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_ABYTES as TAG
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_KEYBYTES as KEY
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_NPUBBYTES as NONCE

_NONE: Final[Any] = ffi.NULL


class NotGenuine(Exception):
    """A sealed text was changed, cut short, or sealed under another key or for something else."""


def encrypt(key: bytes, nonce: bytes, bound: bytes, plain: bytes) -> bytes:
    """Encrypt a text; it opens only with `bound`, which is not kept in it. No nonce is ever used twice with a key."""
    _check(key, nonce)
    size = len(plain) + TAG
    sealed = ffi.new("unsigned char[]", size)
    lib.crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed, _NONE, plain, len(plain), bound, len(bound), _NONE, nonce, key
    )
    return bytes(ffi.buffer(sealed, size))


def decrypt(key: bytes, nonce: bytes, bound: bytes, sealed: bytes) -> bytes:
    """Give the text that was encrypted; raise NotGenuine."""
    size = len(sealed) - TAG
    if size < 0 or len(nonce) != NONCE:
        raise NotGenuine
    _check(key, nonce)
    plain = ffi.new("unsigned char[]", size)
    opened = lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, _NONE, _NONE, sealed, len(sealed), bound, len(bound), nonce, key
    )
    if opened != 0:
        raise NotGenuine
    return bytes(ffi.buffer(plain, size))


def _check(key: bytes, nonce: bytes) -> None:
    if len(key) != KEY or len(nonce) != NONCE:
        raise ValueError
