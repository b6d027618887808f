"""What was drawn, read as a telephone would: rendered to pixels, and its codes decoded, before it is written."""

from __future__ import annotations

import io
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from fpdf import FPDF
from PIL import Image

from bot.qr.errors import CodeUnreadable

_ONLY: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
SIDE: Final = 600
"""Pixels of an SVG's side when it is read."""


def rendered(pdf: bytes, pixels: float, number: int = 0) -> Image.Image:
    """Give a page of a PDF as pixels, so many wide."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[number]
        wide = page.get_width()
        image: Image.Image = page.render(scale=pixels / wide).to_pil()
        return image.convert("RGBA")
    finally:
        document.close()


def read(image: Image.Image) -> list[str]:
    """Read every code of a picture."""
    grey = image.convert("L")
    return [found.text for found in zxingcpp.read_barcodes(grey, formats=_ONLY)]


def require(image: Image.Image, link: str, what: str, count: int = 1) -> None:
    """Require that a picture holds so many codes, each of this link; raise CodeUnreadable."""
    found = read(image)
    if found != [link] * count:
        other = ", ".join(sorted(set(found) - {link}))
        told = f"it reads as {other}" if other else f"{len(found)} of {count} codes can be read"
        raise CodeUnreadable(f"{what}: {told}. Nothing was written of it.")


def require_png(data: bytes, link: str, what: str) -> None:
    """Require that a PNG holds the code of a link; raise CodeUnreadable."""
    with Image.open(io.BytesIO(data)) as image:
        require(image, link, what)


def require_svg(data: bytes, link: str, what: str) -> None:
    """Require that an SVG holds the code of a link; raise CodeUnreadable."""
    pdf = FPDF(unit="mm", format=(100, 100))
    pdf.add_page()
    pdf.image(io.BytesIO(data), 0, 0, 100, 100)
    require(rendered(bytes(pdf.output()), SIDE), link, what)
