"""`shekteu stats --format pdf|png`: the note and the picture, from an empty office on."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from bot.database import Database
from bot.languages import Language
from bot.papers.figure_command import Asked, NotCounted, stats
from bot.reports.statistics import Counting
from bot.wording import Wording


async def test_the_note_and_the_picture_are_files_of_their_owner(
    database: Database, wording: Wording, tmp_path: Path
) -> None:
    counting = Counting(database, "Asia/Almaty", lambda: datetime(2026, 12, 1, 6, tzinfo=UTC))
    for form in ("pdf", "png"):
        out = tmp_path / f"figures.{form}"
        asked = Asked(form=form, out=out).checked()
        assert str(out) in await stats(database, asked, counting, wording.texts, Language.KK)
        assert out.stat().st_mode & 0o077 == 0
        with pytest.raises(NotCounted, match="is there already"):
            asked.checked()
        with pytest.raises(NotCounted, match="it is nothing for a terminal"):
            replace(asked, out=None).checked()
        with pytest.raises(NotCounted, match="leave --by out"):
            replace(asked, out=tmp_path / "other", by="kind").checked()
    [page] = pypdfium2.PdfDocument((tmp_path / "figures.pdf").read_bytes())
    told = page.get_textpage().get_text_bounded()
    assert "Анықтама" in told
    assert wording.texts.plain("kk", "desk.figures.head") in told
    with Image.open(io.BytesIO((tmp_path / "figures.png").read_bytes())) as picture:
        assert picture.width >= 1080
