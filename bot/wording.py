"""Texts, kinds and data files read from TEMPLATES_DIR and checked as a whole, before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import texts_wanted
from bot.languages import Language
from bot.reports.kinds import Kind, load_kinds
from bot.reports.lifecycle import Act, Decision, Status
from bot.reports.questions import Question, load_questions
from bot.texts import Texts, TextsBroken, check, flatten, read_toml, unknown_variables

Samples = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wording:
    """All that people read."""

    texts: Texts
    kinds: dict[str, Kind]
    questions: dict[str, Question]


def load_wording(folder: Path) -> Wording:
    """Read and check every text in every language; raise TextsBroken naming each fault."""
    texts, kinds = Texts(), load_kinds(folder / "kinds")
    acts = [act.value for acts in (Act, Decision) for act in acts]
    wanted: Samples = texts_wanted.wanted(acts, [status.value for status in Status])
    faults: list[str] = []
    for language in Language:
        common = flatten(read_toml(folder / "common" / f"{language}.toml"))
        faults += [f"{language} {name}: nobody uses such a text" for name in sorted(set(common) - set(wanted))]
        faults += _misspelt(language, common, wanted)
        texts.add(language, common)
    for kind in kinds.values():
        samples: Samples = {f"feedback.{decision}": {} for decision in kind.decisions} | texts_wanted.KIND
        for language, own in kind.texts.items():
            known = samples | texts_wanted.KIND_OPTIONAL
            faults += [
                f"{kind.name} {language} {name}: nobody uses such a text" for name in sorted(set(own) - set(known))
            ]
            faults += _misspelt(language, own, known)
            texts.add(language, {f"kinds.{kind.name}.{name}": source for name, source in own.items()})
        wanted |= {f"kinds.{kind.name}.{name}": sample for name, sample in samples.items()}
    questions = load_questions(folder / "questions.toml")
    for question in questions.values():
        for language in Language:
            texts.add(language, question.texts(language))
        wanted |= {name: {} for name in question.texts(Language.KK)}
        if unknown := question.kinds - set(kinds):
            faults.append(f"questions.toml {question.name}: there is no kind {', '.join(sorted(unknown))}")
    faults += check(texts, Language, wanted)
    if faults:
        raise TextsBroken("\n".join(dict.fromkeys(faults)))
    return Wording(texts, kinds, questions)


def _misspelt(language: str, sources: dict[str, str], wanted: Samples) -> list[str]:
    return [
        f"{language} {name}: nobody hands in {', '.join(sorted(unknown))}"
        for name, source in sources.items()
        if name in wanted and (unknown := unknown_variables(source, language, wanted[name]))
    ]
