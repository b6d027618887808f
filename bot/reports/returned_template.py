"""Which words of a returned list mean what: templates/returned.toml, which the office adapts to its system."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.texts import TextsBroken, read_toml

FILE: Final = "returned.toml"


class ReturnedWords(BaseModel):
    """The headings of a returned list, and the words that mean that access is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    links: tuple[str, ...] = Field(min_length=1)
    answers: tuple[str, ...] = Field(min_length=1)
    closed: tuple[str, ...] = Field(min_length=1)

    def heads_links(self, cell: str) -> bool:
        """Tell whether a cell is the heading of the column that holds the links."""
        return _begins(cell, self.links)

    def heads_answers(self, cell: str) -> bool:
        """Tell whether a cell is the heading of the column that says what became of them."""
        return _begins(cell, self.answers)

    def means_closed(self, cell: str) -> bool:
        """Tell whether an answer means that access is closed."""
        return _begins(cell, self.closed)


def load_returned_words(folder: Path) -> ReturnedWords:
    """Read the words; raise TextsBroken naming what is wrong."""
    try:
        return ReturnedWords.model_validate(read_toml(folder / FILE))
    except ValidationError as error:
        told = ["/".join(str(part) for part in one["loc"]) + f": {one['msg']}" for one in error.errors()]
        raise TextsBroken("\n".join(f"{FILE} {line}" for line in told)) from None


def _begins(cell: str, words: tuple[str, ...]) -> bool:
    """Tell whether a cell begins with one of these words, whole: «закрытие отклонено» does not begin with «закрыт»."""
    folded = _folded(cell)
    for word in words:
        rest = folded.removeprefix(_folded(word))
        if rest != folded and not rest[:1].isalpha():
            return True
    return False


def _folded(said: str) -> str:
    return said.casefold().strip().replace("ё", "е")
