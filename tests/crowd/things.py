"""What a crowd reports, and how people write it: each thing with its spellings, made without the bot's own reading.

A thing is known by its `token`: letters that stand in its address, however that is written, and in no other thing's.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import Final

_WORDS: Final = ("gulder", "market", "zakladki", "bazar24", "sezon", "nomer1", "almaty_shop", "taraz", "vitrina")


@dataclass(frozen=True, slots=True)
class Thing:
    """One resource, as its reporters know it."""

    token: str
    spellings: tuple[str, ...]
    """All of them lead to it, and nobody has to be asked."""
    disguised: tuple[str, ...] = ()
    """So addresses are hidden from machines: whoever sends them is asked whether they were read right."""
    invite: bool = False


def make_things(count: int, chance: random.Random) -> list[Thing]:
    """Make so many things, the networks as mixed as they are in reports."""
    makers = chance.choices(list(_SHARES), list(_SHARES.values()), k=count)
    things = [make(f"{chance.choice(_WORDS)}{number:05}", number, chance) for number, make in enumerate(makers)]
    invites = [place for place, thing in enumerate(things) if thing.invite]
    for first, second in zip(invites[::2], invites[1::2], strict=False):
        # Invites that differ by nothing but the case of their letters lead to different chats.
        things[second] = _invite(things[first].token.swapcase())
    return things


def _telegram(name: str, _: int, chance: random.Random) -> Thing:
    typed = "".join(chance.choice((letter, letter.upper())) for letter in name)
    return Thing(
        name,
        (
            f"t.me/{name}",
            f"https://t.me/{name}",
            f"https://t.me/{typed}/",
            f"@{name}",
            f"@{typed}",
            f"http://www.t.me/{name}",
            f"https://telegram.me/{typed}",
            f"https://t.me/s/{name}",
            f"tg://resolve?domain={typed}",
            f"https://t.me/{name}?start=ref{chance.randrange(1000)}",
        ),
        (f"t . me / {name}", f"hxxps://t[.]me/{name}", f"т.ме/{name}"),
    )


def _post(name: str, number: int, _: random.Random) -> Thing:
    token = f"{name}/{100 + number}"
    return Thing(
        token,
        (f"t.me/{token}", f"https://t.me/s/{token}", f"https://telegram.me/{token}?single", f"HTTPS://T.ME/{token}"),
    )


def _new_invite(_: str, __: int, chance: random.Random) -> Thing:
    return _invite("".join(chance.choices(ascii_letters, k=4) + chance.choices(ascii_letters + digits, k=12)))


def _invite(token: str) -> Thing:
    ways = (f"https://t.me/+{token}", f"t.me/joinchat/{token}", f"tg://join?invite={token}", f"telegram.me/+{token}")
    return Thing(token, ways, invite=True)


def _instagram(name: str, _: int, chance: random.Random) -> Thing:
    tracked = f"{chance.randrange(16**8):x}"
    return Thing(
        name,
        (
            f"instagram.com/{name}",
            f"https://www.instagram.com/{name}/?igsh={tracked}",
            f"https://m.instagram.com/{name.upper()}",
            f"https://instagram.com/stories/{name}",
        ),
        (f"инста: {name}", f"instagram . com / {name}"),
    )


def _tiktok(name: str, _: int, __: random.Random) -> Thing:
    ways = f"https://www.tiktok.com/@{name}?lang=ru-RU&_t=8k", f"tiktok.com/@{name}", f"https://m.tiktok.com/@{name}/"
    return Thing(name, ways)


def _vk(name: str, _: int, __: random.Random) -> Thing:
    ways = f"vk.com/{name}", f"https://m.vk.com/{name}", f"http://www.vk.com/{name.upper()}", f"https://vk.ru/{name}"
    return Thing(name, ways)


def _youtube(name: str, _: int, __: random.Random) -> Thing:
    ways = f"https://www.youtube.com/@{name}", f"m.youtube.com/@{name}/videos", f"youtube.com/@{name}?si=ab12CD"
    return Thing(name, ways)


def _whatsapp(_: str, number: int, __: random.Random) -> Thing:
    phone = f"7701{5_000_000 + number}"
    return Thing(
        phone,
        (f"wa.me/{phone}", f"https://wa.me/{phone}?text=hi", f"https://api.whatsapp.com/send?phone={phone}"),
    )


def _site(name: str, number: int, __: random.Random) -> Thing:
    host = f"{name.replace('_', '-')}.kz"
    return Thing(
        host,
        (
            f"{host}/catalog",
            f"https://{host}/catalog",
            f"http://www.{host}/catalog/",
            f"https://{host}/catalog?utm_source=tg&utm_campaign={number}",
            f"HTTPS://{host.upper()}/catalog#top",
        ),
        (f"{host.replace('.', '[.]')}/catalog",),
    )


def _onion(name: str, number: int, __: random.Random) -> Thing:
    key = hashlib.sha256(f"{name} {number}".encode()).digest()
    checksum = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    host = base64.b32encode(key + checksum + b"\x03").decode().lower()
    return Thing(host, (f"http://{host}.onion", f"{host}.onion/", f"https://www.{host}.onion"))


_SHARES: Final[dict[Callable[[str, int, random.Random], Thing], int]] = {
    _telegram: 56,
    _post: 3,
    _new_invite: 6,
    _instagram: 12,
    _tiktok: 5,
    _vk: 4,
    _youtube: 2,
    _whatsapp: 3,
    _site: 8,
    _onion: 1,
}
