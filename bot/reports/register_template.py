"""The register's columns: templates/register.toml, which the office adapts to the form of its system."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.languages import Language
from bot.texts import TextsBroken, read_toml

FILE: Final = "register.toml"


class Cell(StrEnum):
    """What a column may hold."""

    POSITION = "position"
    LINK = "link"
    PLATFORM = "platform"
    WHAT = "what"
    FIRST_REPORTED = "first_reported"
    TIMES_REPORTED = "times_reported"
    STATUS = "status"
    DECIDED = "decided"
    NUMBER = "number"
    NUMBERS = "numbers"


class Column(BaseModel):
    """One column: what it holds, and its heading in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Cell
    kk: str = Field(min_length=1)
    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def heading(self, language: Language) -> str:
        """Give the heading in a language."""
        return {Language.KK: self.kk, Language.RU: self.ru, Language.EN: self.en}[language]


class _Template(BaseModel):
    model_config = ConfigDict(extra="forbid")

    columns: list[Column] = Field(min_length=1)


def load_columns(folder: Path) -> list[Column]:
    """Read the columns; raise TextsBroken naming what is wrong."""
    try:
        return _Template.model_validate(read_toml(folder / FILE)).columns
    except ValidationError as error:
        told = ["/".join(str(part) for part in one["loc"]) + f": {one['msg']}" for one in error.errors()]
        raise TextsBroken("\n".join(f"{FILE} {line}" for line in told)) from None
