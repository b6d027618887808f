"""A design of posters: colours, an emblem and texts from a file in templates/posters/ that an office may change."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.languages import Language
from bot.qr.errors import BadDesign

FOLDER: Final = "posters"
STANDARD: Final = "standard"
STEPS: Final = 3
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class Colours(BaseModel):
    """The colours of a design; a code is black on white in any."""

    model_config = ConfigDict(extra="forbid")
    ground: Colour
    title: Colour
    accent: Colour


class PosterWords(BaseModel):
    """What stands on posters and stickers in one language."""

    model_config = ConfigDict(extra="forbid")
    office: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    title: Line
    steps: Annotated[list[Line], Field(min_length=STEPS, max_length=STEPS)]
    sticker: Line


class Design(BaseModel):
    """One design."""

    model_config = ConfigDict(extra="forbid")
    emblem: str = ""
    emblem_in_code: bool = False
    colours: Colours
    kk: PosterWords | None = None
    ru: PosterWords | None = None
    en: PosterWords | None = None
    emblem_data: bytes = b""
    digest: str = ""
    """Of the file and its emblem: what was drawn by another is drawn anew."""

    def words(self, language: Language) -> PosterWords:
        """Give the texts of a language; raise BadDesign where it has none."""
        found: PosterWords | None = getattr(self, language.value)
        if found is None:
            raise BadDesign(f"The design has no texts in {language.value}: add a part [{language.value}] to it.")
        return found


def read_design(templates: Path, name: str) -> Design:
    """Read a design by its name; raise BadDesign naming what is not right, BadEmblem."""
    folder = templates / FOLDER
    path = folder / f"{name}.toml"
    if Path(name).name != name or not path.is_file():
        there = ", ".join(sorted(each.stem for each in folder.glob("*.toml"))) or "none"
        raise BadDesign(f"There is no design “{name}” in {FOLDER}/ of TEMPLATES_DIR. Those there are: {there}.")
    try:
        data = path.read_bytes()
        design = Design.model_validate(tomllib.loads(data.decode()))
    except OSError as error:
        raise BadDesign(f"{path.name}: {error.strerror}.") from error
    except ValueError as error:
        raise BadDesign(f"{path.name}: {_fault(error)}.") from error
    if design.emblem:
        from bot.qr.emblem import read_emblem

        if Path(design.emblem).name != design.emblem:
            raise BadDesign(f"{path.name}: emblem: the name of a file in {FOLDER}/ is wanted.")
        design.emblem_data = read_emblem(folder / design.emblem).data
    design.digest = hashlib.sha256(data + b"\0" + design.emblem_data).hexdigest()
    return design


def _fault(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
