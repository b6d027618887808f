"""Reads what is painted or written on one clean photo: `python -m bot.privacy.painted_worker`, run by `painted`.

The photo comes on stdin, the lines go to stdout as JSON. Only with the extra `shekteu[ocr]`; its models come with it,
and nothing is fetched.
"""

import contextlib
import io
import json
import logging
import os
import resource
import sys

MEMORY = 3 * 1024 * 1024 * 1024  # addresses; what is really used is some 500 MB
CPU_SECONDS = 30
LONG_SIDE = 1280
"""Pixels; larger photos take more than twice the time, and long handles are torn in two."""


def main() -> None:
    """Read one photo and end."""
    os.nice(10)
    # Where memory runs out, this is killed and not the bot.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as badness:
        badness.write("1000")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    logging.disable()
    import numpy
    from PIL import Image
    from rapidocr import RapidOCR

    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG",)) as opened:
        photo = opened.convert("RGB")
    photo.thumbnail((LONG_SIDE, LONG_SIDE))
    found = RapidOCR()(numpy.array(photo))
    json.dump(list(found.txts or ()), sys.stdout)


if __name__ == "__main__":
    main()
