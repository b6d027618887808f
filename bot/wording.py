"""Texts, kinds and data files read from TEMPLATES_DIR and checked as a whole, before anything starts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import texts_wanted
from bot.languages import Language
from bot.reports.kinds import Kind, load_kinds
from bot.reports.lifecycle import Act, Decision, Status
from bot.reports.questions import Question, load_questions
from bot.reports.ready import LISTS, Ready, load_ready, texts_of, unknown_kinds
from bot.swapped import Swapped
from bot.texts import Texts, TextsBroken, check, flatten, read_toml, unknown_variables

Samples = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wording:
    """All that people read."""

    texts: Texts
    kinds: Swapped[Kind]
    questions: Swapped[Question]
    ready: Swapped[Mapping[str, Ready]]
    """Articles, bodies and reasons that officers choose from."""
    digest: str = ""
    """Of all files of the folder, as they were when they were read."""
    samples: Samples = field(default_factory=dict)
    """The name of every text, with the variables that it is tried with."""

    def replace(self, other: Wording) -> None:
        """Let all who hold these texts, kinds and questions have another's from now on."""
        self.texts.replace(other.texts)
        self.kinds.replace(other.kinds)
        self.questions.replace(other.questions)
        self.ready.replace(other.ready)


def folder_digest(folder: Path) -> str:
    """Digest the names and contents of all files of texts; raise TextsBroken when one cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        for path in sorted(folder.rglob("*.toml")):
            name, data = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            digest.update(len(name).to_bytes(4, "big") + name + len(data).to_bytes(8, "big") + data)
    except OSError as error:
        raise TextsBroken(f"{folder.name}: {error.strerror}") from error
    return digest.hexdigest()


def load_wording(folder: Path) -> Wording:
    """Read and check every text in every language; raise TextsBroken naming each fault."""
    digest = folder_digest(folder)
    texts, kinds = Texts(), load_kinds(folder / "kinds")
    acts = [act.value for acts in (Act, Decision) for act in acts]
    wanted: Samples = texts_wanted.wanted(acts, [status.value for status in Status])
    tried: Samples = {}
    faults: list[str] = []
    for language in Language:
        common = _common(folder / "common" / f"{language}.toml")
        faults += [f"{language} {name}: nobody uses such a text" for name in sorted(set(common) - set(wanted))]
        faults += _added(texts, language, common, wanted)
    for kind in kinds.values():
        samples: Samples = {f"feedback.{decision}": {} for decision in kind.decisions} | texts_wanted.KIND
        known = _named(kind.name, samples | texts_wanted.KIND_OPTIONAL)
        for language, texts_of_kind in kind.texts.items():
            own = _named(kind.name, texts_of_kind)
            faults += [f"{language} {name}: nobody uses such a text" for name in sorted(set(own) - set(known))]
            faults += _added(texts, language, own, known)
        wanted |= _named(kind.name, samples)
        tried |= known
    questions = load_questions(folder / "questions.toml")
    for question in questions.values():
        for language in Language:
            faults += _added(texts, language, question.texts(language), {})
        wanted |= {name: {} for name in question.texts(Language.KK)}
        if unknown := question.kinds - set(kinds):
            faults.append(f"questions.toml {question.name}: there is no kind {', '.join(sorted(unknown))}")
    ready = load_ready(folder)
    for language in Language:
        faults += _added(texts, language, texts_of(ready, language), {})
    wanted |= {name: {} for name in texts_of(ready, Language.KK)}
    faults += unknown_kinds(ready, kinds)
    told = {fault.split(":", 1)[0] for fault in faults}
    for language in Language:
        there = {name: sample for name, sample in tried.items() if texts.has(language, name)}
        # Of a text that does not even parse it is said once.
        faults += [fault for fault in check(texts, [language], wanted | there) if fault.split(":", 1)[0] not in told]
    if faults:
        raise TextsBroken("\n".join(dict.fromkeys(map(_placed, faults))))
    return Wording(texts, Swapped(kinds), Swapped(questions), Swapped(ready), digest, tried | wanted)


def _common(path: Path) -> dict[str, str]:
    try:
        return flatten(read_toml(path))
    except TextsBroken as broken:
        said = str(broken)
        raise TextsBroken(said if said.startswith("common/") else f"common/{path.name} {said}") from broken


def _named(kind: str, by_name: Mapping[str, Any]) -> dict[str, Any]:
    """Name what a kind's file calls by short names as it is called among all texts."""
    return {f"kinds.{kind}.{name}": value for name, value in by_name.items()}


def _added(texts: Texts, language: str, sources: dict[str, str], wanted: Samples) -> list[str]:
    """Add texts of one language; give what is wrong with those that do not parse, or use what nobody hands in."""
    faults = []
    for name, source in sources.items():
        try:
            texts.add(language, {name: source})
            unknown = unknown_variables(source, language, wanted[name]) if name in wanted else set()
        except TextsBroken as broken:
            faults.append(str(broken))
        else:
            faults += [f"{language} {name}: nobody hands in {', '.join(sorted(unknown))}"] if unknown else []
    return faults


def _placed(fault: str) -> str:
    """Say in which file the text of a fault stands, if it begins with a language and a text's name."""
    language, _, rest = fault.partition(" ")
    if language not in set(Language):
        return fault
    group, _, inside = rest.partition(".")
    if group == "kinds":
        kind, _, name = inside.partition(".")
        return f"kinds/{kind}.toml {language}.{name}"
    if group in ("questions", *LISTS):
        return f"{group}.toml {language} {inside}"
    return f"common/{language}.toml {rest}"
