"""QR codes in a photo, read in the fork that has opened it. What they say is a stranger's: nobody follows it here."""

import time
from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from bot.privacy.photo_wire import LONGEST_CODE, MAX_CODES

ENOUGH_SECONDS = 4.0
"""CPU that a fork may have used until the next try at a photo that shows no code at first."""
_TILE = 900
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def codes_in(photo: Image.Image) -> list[str]:
    """What the codes of a photo say, each once; a few more tries where none is seen at first."""
    for view in _views(photo.convert("L")):
        found = dict.fromkeys(code.text for code in zxingcpp.read_barcodes(view, formats=_QR) if code.valid)
        if found:
            return [text for text in found if 0 < len(text) <= LONGEST_CODE][:MAX_CODES]
        if time.process_time() > ENOUGH_SECONDS:
            break
    return []


def _views(grey: Image.Image) -> Iterator[Image.Image]:
    """The photo; sharper; smaller, for grain; its dots grown together; stretched, for walls seen from aside; parts."""
    yield grey
    clear = ImageOps.autocontrast(grey, cutoff=2)
    yield clear.filter(ImageFilter.UnsharpMask(4, 250, 0))
    half = grey.resize((max(grey.width // 2, 1), max(grey.height // 2, 1)), Image.Resampling.BOX)
    if max(grey.size) > 2 * _TILE:
        yield half
    # Codes of dots that do not touch, as designers draw them; codes out of focus.
    yield half.filter(ImageFilter.MinFilter(3))
    yield half.filter(ImageFilter.UnsharpMask(4, 400, 0))
    yield clear.filter(ImageFilter.UnsharpMask(8, 400, 0))
    yield grey.filter(ImageFilter.GaussianBlur(2))
    yield grey.filter(ImageFilter.MinFilter(5))
    yield grey.resize((grey.width * 3 // 2, grey.height), Image.Resampling.BILINEAR)
    yield grey.resize((grey.width, grey.height * 3 // 2), Image.Resampling.BILINEAR)
    if min(grey.size) < _TILE // 3:
        return
    step = _TILE * 2 // 3
    for top in range(0, max(grey.height - step // 2, 1), step):
        for left in range(0, max(grey.width - step // 2, 1), step):
            tile = grey.crop((left, top, min(left + _TILE, grey.width), min(top + _TILE, grey.height)))
            yield tile.resize((tile.width * 2, tile.height * 2), Image.Resampling.BICUBIC)
