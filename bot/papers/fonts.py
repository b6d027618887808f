"""The letters of papers and pictures: PT Sans by ParaType (SIL Open Font License), which has the Kazakh ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FAMILY: Final = "PT Sans"
_FILES: Final = {"": "PT_Sans-Web-Regular.ttf", "B": "PT_Sans-Web-Bold.ttf"}


def files() -> dict[str, Path]:
    """Give the font's files by style: nothing for regular, B for bold."""
    import fontpkg_pt_sans  # type: ignore[import-untyped]

    folder = Path(fontpkg_pt_sans.ROOT) / "files"
    return {style: folder / name for style, name in _FILES.items()}
