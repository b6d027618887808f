"""An office's emblem, a PNG or an SVG: for PDFs, for pixels, and inside an SVG."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError, register_namespace, tostring

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from PIL import Image

from bot.qr.errors import BadEmblem

if TYPE_CHECKING:
    from fpdf import FPDF

BYTES_MOST: Final = 4 * 1024 * 1024
PIXELS_MOST: Final = 4000
_SVG: Final = "http://www.w3.org/2000/svg"
_PNG: Final = b"\x89PNG"


@dataclass(frozen=True, slots=True)
class Emblem:
    """An emblem that can be drawn."""

    data: bytes

    @property
    def is_svg(self) -> bool:
        """Tell whether it is a drawing, not a picture of pixels."""
        return not self.data.startswith(_PNG)

    def draw(self, pdf: FPDF, left: float, top: float, width: float, height: float) -> None:
        """Draw it into a box of a PDF, as large as it goes there."""
        pdf.image(io.BytesIO(self.data), left, top, width, height, keep_aspect_ratio=True)

    def pixels(self, side: int) -> Image.Image:
        """Give it as pixels, in a square, with nothing where it has nothing."""
        whole = Image.new("RGBA", (side, side))
        if self.is_svg:
            from bot.qr.reading import rendered

            picture = rendered(self._page(), side)
        else:
            picture = Image.open(io.BytesIO(self.data)).convert("RGBA")
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        whole.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
        return whole

    def svg_group(self, at: float, side: float) -> str:
        """Give it as a part of an SVG, in the square whose left and upper edge are `at`."""
        if not self.is_svg:
            data = base64.b64encode(self.data).decode()
            return (
                f'<image x="{at:g}" y="{at:g}" width="{side:g}" height="{side:g}" href="data:image/png;base64,{data}"/>'
            )
        root = fromstring(self.data)
        left, top, wide, tall = _box(root)
        scale = side / max(wide, tall)
        x, y = at + (side - wide * scale) / 2 - left * scale, at + (side - tall * scale) / 2 - top * scale
        register_namespace("", _SVG)
        root.tag = f"{{{_SVG}}}g"
        for name in ("viewBox", "width", "height", "x", "y", "version", "preserveAspectRatio"):
            root.attrib.pop(name, None)
        root.set("transform", f"translate({x:g} {y:g}) scale({scale:g})")
        return str(tostring(root, encoding="unicode"))

    def _page(self) -> bytes:
        from fpdf import FPDF

        pdf = FPDF(unit="mm", format=(100, 100))
        pdf.add_page()
        self.draw(pdf, 0, 0, 100, 100)
        return bytes(pdf.output())


def read_emblem(path: Path) -> Emblem:
    """Read an emblem and try to draw it; raise BadEmblem."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadEmblem(f"{path.name}: {error.strerror}.") from error
    if len(data) > BYTES_MOST:
        raise BadEmblem(f"{path.name}: more than {BYTES_MOST >> 20} MB.")
    emblem, large = Emblem(data), False
    try:
        if emblem.is_svg:
            _box(fromstring(data))
            emblem._page()
        else:
            with Image.open(io.BytesIO(data)) as picture:
                large = max(picture.size) > PIXELS_MOST
                picture.load()
    except (ParseError, DefusedXmlException, Image.DecompressionBombError):
        raise BadEmblem(f"{path.name}: neither a PNG nor an SVG.") from None
    except Exception as error:
        # What cannot be drawn fails deep in fpdf2 or Pillow, each time in another way.
        raise BadEmblem(f"{path.name}: it cannot be drawn ({type(error).__name__}). Save it simpler.") from error
    if large:
        raise BadEmblem(f"{path.name}: more than {PIXELS_MOST} pixels wide or tall.")
    return emblem


def _box(root: Any) -> tuple[float, float, float, float]:
    """Give left, top, width and height of an SVG's drawing."""
    box = root.get("viewBox")
    if box:
        left, top, wide, tall = (float(each) for each in box.replace(",", " ").split())
    else:
        left, top = 0.0, 0.0
        wide, tall = (float(root.get(name, "").removesuffix("px")) for name in ("width", "height"))
    if not (root.tag == f"{{{_SVG}}}svg" and wide > 0 and tall > 0):
        raise ValueError
    return left, top, wide, tall
