"""What officers choose from when they decide: articles, bodies, reasons; read from files that the office may edit."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.languages import Language
from bot.texts import TextsBroken, read_toml

LISTS: Final = {"articles": "article", "bodies": "body", "reasons": "reason"}
"""The files, and what one entry of each is called."""

Label = Annotated[str, Field(min_length=1, max_length=40)]


class Ready(BaseModel):
    """One entry of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,15}$")]
    kinds: frozenset[str] = frozenset()
    """The kinds that it fits; none: all."""
    kk: Label
    ru: Label
    en: Label

    def fits(self, kind: str) -> bool:
        """Tell whether it may be chosen for a kind of report."""
        return not self.kinds or kind in self.kinds


ReadyLists = Mapping[str, Mapping[str, Ready]]
"""By the file's name and the entry's."""


def load_ready(folder: Path) -> dict[str, Mapping[str, Ready]]:
    """Read the lists, each in the order of its file; raise TextsBroken naming the fault."""
    return {name: _load(folder / f"{name}.toml", entry) for name, entry in LISTS.items()}


def texts_of(lists: ReadyLists, language: Language) -> dict[str, str]:
    """Give every entry's text in a language, by its name among all texts."""
    return {
        f"{listed}.{entry.name}": getattr(entry, language.value)
        for listed, entries in lists.items()
        for entry in entries.values()
    }


def unknown_kinds(lists: ReadyLists, kinds: Container[str]) -> list[str]:
    """Give one line for each entry that fits a kind which there is none of."""
    return [
        f"{listed}.toml {entry.name}: there is no kind {kind}"
        for listed, entries in lists.items()
        for entry in entries.values()
        for kind in sorted(entry.kinds)
        if kind not in kinds
    ]


def _load(path: Path, what: str) -> dict[str, Ready]:
    table = read_toml(path)
    try:
        entries = [Ready.model_validate(entry) for entry in table.pop(what, [])]
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise TextsBroken(f"{path.name}: {faults}") from error
    if table:
        raise TextsBroken(f"{path.name}: [[{what}]] is wanted, not {', '.join(sorted(table))}")
    if len({entry.name for entry in entries}) != len(entries):
        raise TextsBroken(f"{path.name}: each name once")
    return {entry.name: entry for entry in entries}
