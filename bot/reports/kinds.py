"""The kinds of reports, each read from its file in templates/kinds/: what it takes, its decisions, its texts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.languages import Language
from bot.reports.lifecycle import Decision
from bot.texts import TextsBroken, flatten, read_toml


class Content(StrEnum):
    """What a report can hold."""

    LINKS = "links"
    LOCATION = "location"
    PHOTOS = "photos"
    WORDS = "words"


class Take(BaseModel):
    """One thing that a kind takes, in the order of its file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: Content
    required: bool = False
    asked: bool = True
    """False: taken when sent, never asked for."""
    most: Annotated[int, Field(ge=1)] = 1
    address: bool = False
    """For a location: an address in words will do as well."""


class Kind(BaseModel):
    """One kind of report; a new kind is one such file and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,15}$")]
    order: int
    careful: bool = False
    """True: warn of the danger, and say in the summary that a knowingly false report is a crime."""
    offered_for: frozenset[Content] = frozenset()
    """Sent with no draft open, these contents make the bot offer this kind."""
    takes: tuple[Take, ...]
    decisions: tuple[Decision, ...]
    texts: dict[Language, dict[str, str]]

    @model_validator(mode="after")
    def _complete(self) -> Kind:
        contents = [take.content for take in self.takes]
        if len(set(contents)) != len(contents):
            raise ValueError("takes: each content once")
        if not any(take.required for take in self.takes):
            raise ValueError("takes: at least one content is required")
        if missing := set(Language) - set(self.texts):
            raise ValueError(f"texts are missing in {', '.join(sorted(missing))}")
        for language, texts in self.texts.items():
            wanted = {"label", "name", "received", *(f"feedback.{decision}" for decision in self.decisions)}
            if missing_texts := wanted - set(texts):
                raise ValueError(f"[{language}] lacks {', '.join(sorted(missing_texts))}")
        return self

    def take(self, content: Content) -> Take | None:
        """Give what this kind says of one content, or None when it does not take it."""
        return next((take for take in self.takes if take.content is content), None)


Kinds = Mapping[str, Kind]


def load_kinds(folder: Path) -> dict[str, Kind]:
    """Read every kind of `folder` in the order of the menu; raise TextsBroken naming the file and the fault."""
    kinds = [_load(path) for path in sorted(folder.glob("*.toml"))]
    if not kinds:
        raise TextsBroken(f"no kinds in {folder.name}/")
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.order, kind.name))}


def _load(path: Path) -> Kind:
    raw: dict[str, Any] = read_toml(path)
    try:
        texts = {
            language.value: flatten(raw.pop(language.value), f"{language}.")
            for language in Language
            if language.value in raw
        }
    except TextsBroken as broken:
        raise TextsBroken(f"kinds/{path.name} {broken}") from broken
    texts = {
        language: {name.removeprefix(f"{language}."): source for name, source in own.items()}
        for language, own in texts.items()
    }
    try:
        return Kind.model_validate({"name": path.stem, **raw, "texts": texts})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise TextsBroken(f"kinds/{path.name} {faults}") from error
