"""Ready questions to citizens, read from templates/questions.toml: asked by name, told in the citizen's language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.languages import Language
from bot.texts import Texts, TextsBroken, read_toml


class InLanguage(BaseModel):
    """A question in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Annotated[str, Field(min_length=1, max_length=40)]
    text: Annotated[str, Field(min_length=1, max_length=300)]


class Question(BaseModel):
    """One ready question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,15}$")]
    kinds: frozenset[str] = frozenset()
    """The kinds that it fits; none: all."""
    kk: InLanguage
    ru: InLanguage
    en: InLanguage

    def fits(self, kind: str) -> bool:
        """Tell whether it may be asked about a kind of report."""
        return not self.kinds or kind in self.kinds

    def texts(self, language: Language) -> dict[str, str]:
        """Give its texts in a language, by their names among all texts."""
        wording: InLanguage = getattr(self, language.value)
        return {f"questions.{self.name}.label": wording.label, f"questions.{self.name}.text": wording.text}


Questions = Mapping[str, Question]


def load_questions(path: Path) -> dict[str, Question]:
    """Read the ready questions in the order of the file; raise TextsBroken naming the fault."""
    try:
        questions = [Question.model_validate(entry) for entry in read_toml(path).get("question", [])]
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise TextsBroken(f"{path.name}: {faults}") from error
    if not questions:
        raise TextsBroken(f"{path.name}: at least one question is wanted")
    if len({question.name for question in questions}) != len(questions):
        raise TextsBroken(f"{path.name}: each name once")
    return {question.name: question for question in questions}


def words_of(texts: Texts, language: str, choice: str | None, own: str) -> str:
    """Give a question's words: those of a ready one in a language, else the officer's own.

    Empty when the file has lost the ready one since it was asked.
    """
    name = f"questions.{choice}.text"
    return texts.plain(language, name) if choice and texts.has(language, name) else own
