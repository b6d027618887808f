"""Case files with all that the citizens sent, made for some reports, and unpacked for the search."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Final

import pypdfium2  # type: ignore[import-untyped]

from bot.sandbox.world import Message
from tests.identities.house import House

MOST: Final = 4
TICK: Final = "☐"


async def case_files(house: House) -> None:
    """Have the officer make the case files of the reports with the most pieces, everything ticked."""
    rows = await house.fetch(
        """
        SELECT report.number FROM reports AS report WHERE report.hidden_by IS NULL AND report.sealed IS NOT NULL
        ORDER BY (SELECT count(*) FROM parts WHERE report_id = report.id)
          + 2 * (SELECT count(*) FROM additions WHERE report_id = report.id) DESC, number LIMIT $1
        """,
        MOST,
    )
    for row in rows:
        await _case_file(house, row["number"])


async def _case_file(house: House, number: int) -> None:
    sent = house.sandbox.send_text(house.officer, f"/evidence {number}", house.desk)
    message = await house.sandbox.wait_for(lambda: _under(house, sent))
    while unticked := [text for text in _buttons(message) if text.startswith(TICK)]:
        house.sandbox.press(house.officer, message.id, unticked[0], chat=house.desk)
        await house.sandbox.wait_for(partial(_gone, message, unticked[0]))
    make = house.wording.texts.plain("ru", "desk.evidence_button.make")
    house.sandbox.press(house.officer, message.id, make, chat=house.desk)
    await house.sandbox.wait_for(lambda: _under(house, message))


def _buttons(message: Message) -> list[str]:
    return [text for row in message.buttons for text in row]


def _gone(message: Message, button: str) -> bool:
    return button not in _buttons(message)


def _under(house: House, sent: Message) -> Message | None:
    posts = house.sandbox.messages(house.desk.id)
    return next((post for post in posts if post.from_bot and post.reply_to == sent.id), None)


def unpacked(data: bytes) -> bytes:
    """Give a file with what is packed in it: the files of a ZIP, the words of a PDF."""
    return b"\n".join([data, *_inside(data)])


def _inside(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield unpacked(archive.read(name))
    elif data.startswith(b"%PDF"):
        for page in pypdfium2.PdfDocument(data):
            yield page.get_textpage().get_text_bounded().encode()
