"""1,000 placements to A4 posters: how long, how much memory, and whether each code is read as it is met in the street.

`make posters`; COUNT=… for another number.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

from bot.languages import Language
from bot.qr.batch import Batch, run
from bot.qr.design import STANDARD, read_design
from bot.qr.drawing import SLUG
from bot.qr.layouts import Format, layout
from bot.qr.placement import Placement, Surface, new_code
from bot.qr.poster import Order
from bot.qr.reading import read, rendered
from tests.unit.test_posters import TEMPLATES, seen

PIXELS: Final = 6.0
"""Of a code's square, as in the tests."""
LANGUAGES: Final = ((Language.KK,), (Language.RU,), (Language.KK, Language.RU))


def main(count: int) -> int:
    """Make them, read them, and tell."""
    print(f"{count} A4 posters in kk, ru and both, on {os.cpu_count()} cores", flush=True)
    design, codes = read_design(TEMPLATES, STANDARD), set[str]()
    orders = []
    for number in range(count):
        codes.add(code := new_code(codes))
        surface, languages = list(Surface)[number % len(Surface)], LANGUAGES[number % len(LANGUAGES)]
        one = Placement(uuid4(), code, f"Абай {number}", "Күз", None, surface, languages, date.today())
        orders.append(Order(one, "NarkoShekteuZhambylBot", design, Format.A4, True))
    with tempfile.TemporaryDirectory() as folder:
        batch = Batch(orders, Path(folder), False)
        began = time.monotonic()
        for line in run(batch):
            print(line.replace(folder, "DIR"))
        took = time.monotonic() - began
        files = [batch.file(order) for order in orders]
        size = sum(file.stat().st_size for file in files)
        whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        own, child = (resource.getrusage(each).ru_maxrss / 1024 for each in whose)
        print(f"made and each read again: {took:.0f} s, {1000 * took / count:.0f} ms a poster")
        print(f"most memory (VmHWM): {own:.0f} MB, and {child:.0f} MB of the largest process beside it")
        print(f"on the disk: {size / count / 1024:.0f} KB a poster", flush=True)
        began = time.monotonic()
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            found = Counter[str]()
            for ways in pool.map(met, files, orders, chunksize=4):
                found.update(ways)
        print(f"rendered and read once more in {time.monotonic() - began:.0f} s:")
    for way, number in found.items():
        print(f"  {way}: {number} of {count}")
    return 0 if set(found.values()) == {count} and len(found) == 5 else 1


def met(file: Path, order: Order) -> list[str]:
    """Tell in which ways a poster's code is read from its pixels."""
    place = layout(order.format, len(order.placement.languages))
    square, width = place.code.width / order.code().side, place.width + 2 * SLUG
    image = rendered(file.read_bytes(), width / square * PIXELS)
    return [how for how, picture in seen(image, PIXELS) if read(picture) == [order.link]]


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("COUNT", "1000"))))
