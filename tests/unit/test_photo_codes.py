"""QR codes on photos as people take them: turned, blurred, small, dark, from aside; and none where there is none."""

import io
import json
import random

import pytest
import qrcode  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFilter

from bot.privacy import photo_codes
from bot.privacy.photo_codes import codes_in
from bot.privacy.photo_wire import LONGEST_CODE, MAX_CODES, packed_codes, unpacked_codes
from bot.privacy.photos import PhotoCleaner

LINK = "https://t.me/name_shop"


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has used CPU for other tests, too."""
    monkeypatch.setattr(photo_codes, "ENOUGH_SECONDS", 1e9)


def drawn(text: str, side: int) -> Image.Image:
    made: Image.Image = qrcode.make(text).get_image().convert("RGB")
    return made.resize((side, side), Image.Resampling.LANCZOS)


def on_a_wall(code: Image.Image, size: tuple[int, int] = (2560, 1920), blur: float = 0.0, dark: float = 1.0) -> bytes:
    chance = random.Random(7)
    wall = Image.effect_noise(size, 30).convert("RGB")
    wall.paste(code, (chance.randrange(size[0] - code.width), chance.randrange(size[1] - code.height)))
    wall = wall.point(lambda value: int(value * dark)).filter(ImageFilter.GaussianBlur(blur))
    written = io.BytesIO()
    wall.save(written, "JPEG", quality=85)
    return written.getvalue()


def turned(code: Image.Image, angle: float) -> Image.Image:
    return code.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))


def from_aside(code: Image.Image, by: float) -> Image.Image:
    side, more = code.width, int(code.width * by)
    corners = (0, 0, -more // 2, side + more, side + more, side + more // 2, side, -more // 3)
    white = (255, 255, 255)
    return code.transform(code.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=white)


def read(photo: bytes) -> list[str]:
    return codes_in(Image.open(io.BytesIO(photo)).convert("RGB"))


@pytest.mark.parametrize("angle", [0, 17, 45, 200])
@pytest.mark.parametrize("side", [110, 250, 900])
def test_a_turned_code_is_read_small_and_large(side: int, angle: float) -> None:
    assert read(on_a_wall(turned(drawn(LINK, side), angle))) == [LINK]


@pytest.mark.parametrize(("side", "blur", "dark"), [(200, 1.5, 1.0), (400, 3.0, 1.0), (400, 1.5, 0.3), (900, 5.0, 0.6)])
def test_a_blurred_or_dark_code_is_read(side: int, blur: float, dark: float) -> None:
    assert read(on_a_wall(turned(drawn(LINK, side), 8), blur=blur, dark=dark)) == [LINK]


@pytest.mark.parametrize(("side", "by"), [(250, 0.12), (500, 0.12), (900, 0.15)])
def test_a_code_from_aside_is_read(side: int, by: float) -> None:
    assert read(on_a_wall(turned(from_aside(drawn(LINK, side), by), 17))) == [LINK]


def dotted(text: str, side: int) -> Image.Image:
    """As designers draw them: of dots that do not touch."""
    drawing = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_Q)
    drawing.add_data(text)
    drawing.make()
    dots = drawing.get_matrix()
    made = Image.new("RGB", (20 * len(dots), 20 * len(dots)), "white")
    pen = ImageDraw.Draw(made)
    for row, line in enumerate(dots):
        for column, dark in enumerate(line):
            if dark:
                pen.ellipse([20 * column + 2, 20 * row + 2, 20 * column + 18, 20 * row + 18], fill="black")
    return made.resize((side, side), Image.Resampling.LANCZOS)


@pytest.mark.parametrize(("side", "angle"), [(260, 5), (400, 30), (700, -8)])
def test_a_code_of_dots_is_read(side: int, angle: float) -> None:
    assert read(on_a_wall(turned(dotted(LINK, side), angle))) == [LINK]


def test_several_codes_come_each_once_and_a_wall_has_none() -> None:
    wall = Image.new("RGB", (1500, 600), "gray")
    for place, text in enumerate([LINK, LINK, "WIFI:T:WPA;S=home;;"]):
        wall.paste(drawn(text, 400), (50 + 480 * place, 90))
    assert sorted(codes_in(wall)) == sorted([LINK, "WIFI:T:WPA;S=home;;"])
    assert read(on_a_wall(Image.new("RGB", (300, 300), "white"))) == []


async def test_the_worker_hands_over_what_it_read_beside_the_clean_photo() -> None:
    cleaner = PhotoCleaner()
    try:
        photo = await cleaner.clean(on_a_wall(turned(drawn(LINK, 300), 20)))
        assert photo.codes == (LINK,)
        assert (await cleaner.clean(on_a_wall(Image.new("RGB", (99, 99))))).codes == ()
    finally:
        await cleaner.stop()


@pytest.mark.parametrize(
    "data",
    [b"{", b"null", b"1", b'{"a": 1}', b"[" * 30_000, b"\xff", json.dumps(["x"] * (MAX_CODES + 1)).encode()],
)
def test_what_no_honest_worker_would_write_is_nothing(data: bytes) -> None:
    assert unpacked_codes(data) == ()


def test_what_is_too_long_or_no_text_is_left_out() -> None:
    assert unpacked_codes(json.dumps(["a", "", 5, None, "x" * (LONGEST_CODE + 1)]).encode()) == ("a",)
    assert unpacked_codes(packed_codes([])) == ()
    assert unpacked_codes(packed_codes(["ж" * LONGEST_CODE] * MAX_CODES)) == ("ж" * LONGEST_CODE,) * MAX_CODES
