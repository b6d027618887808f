"""Sealing: opened only with the right key, for the right row, unchanged; sizes tell no more than a bucket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as opened_by_pynacl
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as sealed_by_pynacl

from bot.privacy import aead
from bot.privacy.sealing import BUCKETS, CannotOpen, derive, keyed_hash, open_sealed, seal

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
OVERHEAD = 1 + 24 + 16
"""The generation, the nonce and the tag, in bytes."""


@given(st.binary(max_size=5000), st.binary(max_size=40), st.integers(0, 255), st.booleans())
def test_what_is_sealed_is_opened_for_the_same_row(plain: bytes, row: bytes, generation: int, padded: bool) -> None:
    sealed = seal(KEY, generation, row, plain, padded=padded)
    assert sealed[0] == generation
    assert open_sealed({generation: KEY}, row, sealed, padded=padded) == plain


@given(st.binary(max_size=200), st.binary(max_size=20), st.binary(max_size=20))
def test_it_opens_for_no_other_row(plain: bytes, row: bytes, other: bytes) -> None:
    sealed = seal(KEY, 1, row, plain)
    if row != other:
        with pytest.raises(CannotOpen):
            open_sealed({1: KEY}, other, sealed)


@pytest.mark.parametrize("keys", [{}, {1: OTHER}, {2: KEY}, {2: OTHER, 1: OTHER}])
def test_it_opens_with_no_other_key_or_generation(keys: dict[int, bytes]) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(keys, b"row", seal(KEY, 1, b"row", b"words"))


def test_a_generation_cannot_be_passed_off_as_another() -> None:
    sealed = seal(KEY, 1, b"row", b"words")
    with pytest.raises(CannotOpen):
        open_sealed({1: KEY, 2: KEY}, b"row", b"\x02" + sealed[1:])


@given(st.data())
def test_a_change_of_any_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, 1, b"row", b"words", padded=data.draw(st.booleans())))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotOpen):
        open_sealed({1: KEY}, b"row", bytes(sealed), padded=False)


@given(st.binary(max_size=60))
def test_rubbish_is_not_opened_and_breaks_nothing(rubbish: bytes) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(dict.fromkeys(range(256), KEY), b"row", rubbish)


def test_two_sealings_of_the_same_words_have_nothing_in_common() -> None:
    one, two = seal(KEY, 1, b"row", b"words"), seal(KEY, 1, b"row", b"words")
    assert one[1:25] != two[1:25]
    assert one[25:] != two[25:]


@given(st.integers(0, (64 << 10) - 4))
def test_sizes_tell_only_the_bucket(length: int) -> None:
    sealed = seal(KEY, 1, b"row", bytes(length))
    bucket = len(sealed) - OVERHEAD
    assert bucket in BUCKETS
    assert bucket == min(size for size in BUCKETS if size >= length + 4)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_filled_to_its_last_byte(bucket: int) -> None:
    for length in (bucket - 4, bucket - 3):
        sealed = seal(KEY, 1, b"row", bytes(length))
        assert open_sealed({1: KEY}, b"row", sealed) == bytes(length)
    assert len(seal(KEY, 1, b"row", bytes(bucket - 4))) == bucket + OVERHEAD
    assert len(seal(KEY, 1, b"row", bytes(bucket - 3))) > bucket + OVERHEAD


def test_photos_are_padded_to_a_power_of_two() -> None:
    assert [len(seal(KEY, 1, b"row", bytes(size))) - OVERHEAD for size in (70_000, 131_068, 131_069)] == [
        1 << 17,
        1 << 17,
        1 << 18,
    ]


def test_keys_of_two_purposes_differ() -> None:
    made = {derive(KEY, purpose) for purpose in ("wrap", "receipt", "chat", "a-purpose-of-16.")}
    assert len(made) == 4
    assert all(len(key) == 32 for key in made)
    assert derive(OTHER, "wrap") not in made


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_hashes_agree_only_where_all_parts_do(one: list[bytes], two: list[bytes]) -> None:
    assert (keyed_hash(KEY, "chat", *one) == keyed_hash(KEY, "chat", *two)) == (one == two)


def test_hashes_depend_on_key_and_purpose() -> None:
    assert len({keyed_hash(key, purpose, b"x") for key in (KEY, OTHER) for purpose in ("chat", "receipt")}) == 4


@given(st.binary(max_size=3000), st.binary(max_size=60), st.binary(min_size=24, max_size=24))
def test_it_is_what_pynacl_makes_of_the_same(plain: bytes, bound: bytes, nonce: bytes) -> None:
    sealed = aead.encrypt(KEY, nonce, bound, plain)
    assert sealed == sealed_by_pynacl(plain, bound, nonce, KEY)
    assert aead.decrypt(KEY, nonce, bound, sealed) == opened_by_pynacl(sealed, bound, nonce, KEY) == plain


@pytest.mark.parametrize("key", [b"", KEY[:31], KEY + b"x"])
@pytest.mark.parametrize("nonce", [b"", bytes(23), bytes(24), bytes(25)])
def test_libsodium_never_reads_past_a_key_or_a_nonce(key: bytes, nonce: bytes) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        aead.encrypt(key, nonce, b"row", b"words")
    with pytest.raises((ValueError, aead.NotGenuine)):
        aead.decrypt(key, nonce, b"row", bytes(40))
    with pytest.raises(aead.NotGenuine):
        aead.decrypt(KEY, nonce, b"row", bytes(40))
