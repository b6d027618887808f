"""Handles painted on a wall are read where the extra `shekteu[ocr]` is installed, and nothing is where it is not."""

import io
import json
import random
from pathlib import Path
from typing import cast

import fontpkg_pt_sans  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.links.painted import painted_links
from bot.privacy import painted
from bot.privacy.keyring import KeyRing
from bot.privacy.painted import LINES_MOST, PaintedReader, installed
from bot.reports.codes import Codes

FONT = next((Path(fontpkg_pt_sans.ROOT) / "files").rglob("*old.ttf"))
with_extra = pytest.mark.skipif(not installed(), reason="the extra is not there: pip install 'shekteu[ocr]'")


def wall(text: str, angle: float = 0.0) -> bytes:
    made = Image.effect_noise((1600, 1200), 40).convert("RGB")
    layer = Image.new("RGBA", (1600, 400), (0, 0, 0, 0))
    letters = ImageFont.truetype(FONT, 120)
    ImageDraw.Draw(layer).text((40, 40), text, font=letters, fill=(170, 20, 40, 255))
    turned = layer.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    made.paste(turned, (60, 250 + random.Random(1).randrange(100)), turned)
    written = io.BytesIO()
    made.filter(ImageFilter.GaussianBlur(1)).save(written, "JPEG", quality=85)
    return written.getvalue()


@with_extra
@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("@name_shop", "https://t.me/name_shop"),
        ("t.me/weed_taraz24", "https://t.me/weed_taraz24"),
        ("TG: big_shop", "https://t.me/big_shop"),
    ],
)
async def test_a_painted_handle_is_read(text: str, url: str) -> None:
    lines = await PaintedReader().read(wall(text, angle=-7))
    codes = Codes(cast(KeyRing, None), str)  # nothing is sealed here
    assert [link.url for link in codes.painted(lines)] == [url]


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        (("@name_shop",), "https://t.me/name_shop"),
        (("@name shop",), "https://t.me/name_shop"),
        (("t.me/weed taraz24",), "https://t.me/weed_taraz24"),
        (("vk.com/shop", "24"), "https://vk.com/shop_24"),
        (("big_shop", "TG"), "https://t.me/big_shop"),
        (("TF: big_shop",), "https://t.me/big_shop"),
        (("@ ice_taraz",), "https://t.me/ice_taraz"),
        (("@kush_kz", "работа"), "https://t.me/kush_kz"),
    ],
)
def test_what_a_reader_overlooks_is_thought_of(lines: tuple[str, ...], url: str) -> None:
    assert [link.url for link in painted_links(lines)] == [url]


async def test_without_the_extra_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painted, "installed", lambda: False)
    monkeypatch.setattr(painted, "WORKER", ("a program that there is not",))
    assert await PaintedReader().read(b"a photo") == ()


@pytest.mark.parametrize("worker", [("false",), ("cat",), ("yes",)])
async def test_a_reader_that_fails_costs_no_photo(monkeypatch: pytest.MonkeyPatch, worker: tuple[str, ...]) -> None:
    monkeypatch.setattr(painted, "installed", lambda: True)
    monkeypatch.setattr(painted, "WORKER", worker)
    monkeypatch.setattr(painted, "SECONDS", 0.5)
    assert await PaintedReader().read(b"no JSON") == ()


def test_what_it_says_is_bounded() -> None:
    assert painted._lines(json.dumps(["a", 1, "", "x" * 300, "b"]).encode()) == ("a", "b")
    assert len(painted._lines(json.dumps(["a"] * 500).encode())) == LINES_MOST
    assert painted._lines(b"{}") == painted._lines(b"[" * 9_000) == ()
