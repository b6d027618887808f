"""The small process that opens strangers' pictures: `python -m bot.privacy.photo_worker`, run by `photos`.

It gets one picture at a time and gives back its pixels as a new JPEG. It writes no file, holds no secret, and has
little memory and time. Each picture is opened in a fork of its own that ends with it: whatever a hostile one does to
the decoders, it meets no other picture, and the memory is given back.
"""

import contextlib
import io
import math
import os
import resource
import signal
import sys
import warnings

import pi_heif
from PIL import Image

from bot.privacy.photo_codes import codes_in
from bot.privacy.photo_wire import (
    FAILED,
    HELLO,
    LENGTH,
    MAX_BYTES,
    MAX_CODES_BYTES,
    REASONS,
    REPLY,
    Reason,
    packed_codes,
)
from bot.privacy.repainting import MAX_PIXELS, Refused, clean

QUALITY = 85
MEMORY = 640 * 1024 * 1024  # a HEIC of 48 megapixels needs 460 MB
CPU_SECONDS = 10  # the slowest honest picture of 50 megapixels takes about 2
PICTURES = 200  # then a new worker, with new addresses in its memory
CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS}


def answer(data: bytes) -> bytes:
    """Return the reply to one request."""
    try:
        image, point = clean(data)
    except Refused as refused:
        return _reply(REASONS.index(refused.reason) + 1)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=QUALITY)
    latitude, longitude = point or (math.nan, math.nan)
    try:
        codes = packed_codes(codes_in(image))
    except Exception:  # a code that cannot be read costs no photo
        codes = b""
    return REPLY.pack(0, *image.size, latitude, longitude, jpeg.tell(), len(codes)) + jpeg.getvalue() + codes


def _reply(code: int) -> bytes:
    return REPLY.pack(code, 0, 0, math.nan, math.nan, 0, 0)


def _answer_in_a_fork(data: bytes) -> tuple[bytes, bool]:
    """Return the reply, and whether the fork ended well."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # At the soft limit SIGXCPU tells why; at the hard one, a picture that has taken over gets SIGKILL.
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
            os.closerange(0, writer)  # the bot hears the fork only through us
            with open(writer, "wb") as replies:
                replies.write(answer(data))
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with open(reader, "rb") as replies:
        reply = replies.read(REPLY.size + MAX_BYTES + MAX_CODES_BYTES)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 0:
        return reply, True
    if -code == signal.SIGXCPU:
        return _reply(REASONS.index(Reason.TOO_SLOW) + 1), False
    return _reply(REASONS.index(Reason.DAMAGED) + 1 if -code in CRASHES else FAILED), False


def main() -> None:
    """Serve until stdin ends, which it also does when the bot is killed."""
    os.nice(5)
    # Where memory runs out, a picture is killed and not the bot.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as badness:
        badness.write("1000")
    pi_heif.register_heif_opener(thumbnails=False)
    Image.preinit()
    import PIL.WebPImagePlugin  # noqa: F401 - what Pillow would load later, from disk, when asked for WEBP

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    replies.write(HELLO)
    replies.flush()
    well, served = True, 0
    while well and served < PICTURES and (header := requests.read(LENGTH.size)):
        data = requests.read(min(LENGTH.unpack(header)[0], MAX_BYTES))
        reply, well = _answer_in_a_fork(data)
        replies.write(reply)
        replies.flush()
        served += 1


if __name__ == "__main__":
    main()
