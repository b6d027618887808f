"""Texts: templates/ read once, compiled, and rendered as Telegram HTML with what people typed escaped."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot import text_faults
from bot.languages import Language
from bot.phrases import folded


class TextsBroken(Exception):
    """A text of templates/ is missing, misspelt or uses a variable that nobody hands in."""


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Turn nested TOML tables of texts into `{"section.name": text}`; raise TextsBroken on anything but text."""
    if not isinstance(table, Mapping):
        raise TextsBroken(f"{prefix.rstrip('.')}: a table of texts is wanted, not {table!r}")
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{name}."))
        elif isinstance(value, str):
            flat[prefix + name] = value.strip()
        else:
            raise TextsBroken(f"{prefix}{name}: a text is wanted, not {value!r}")
    return flat


def read_toml(path: Path) -> dict[str, Any]:
    """Read one TOML file; raise TextsBroken naming it when it is missing or does not parse."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise TextsBroken(f"{path.parent.name}/{path.name}: {said}") from error


def read_phrases(path: Path, group: str = "") -> list[str]:
    """Read a file's lists of phrases, one a language; raise TextsBroken naming what is wrong with it.

    `group` names the table of the file that holds them; "": the file itself.
    """
    read, where = read_toml(path), f"{path.name} {group}".rstrip()
    lists = read.get(group, {}) if group else read
    if not isinstance(lists, dict):
        raise TextsBroken(f"{where}: a table of lists is wanted, one a language")
    return [phrase for language in Language for phrase in _listed(lists.get(language, []), f"{where} {language}")]


def _listed(value: Any, where: str) -> list[str]:
    """Give a list of phrases. An empty one would be found in everything that anybody writes."""
    if isinstance(value, list) and all(isinstance(phrase, str) and folded(phrase).strip() for phrase in value):
        return value
    raise TextsBroken(f'{where}: a list of words in "…" is wanted, none of them empty')


@dataclass(frozen=True, slots=True)
class _Compiled:
    templates: dict[tuple[str, str], Template] = field(default_factory=dict)
    constant: dict[tuple[str, str], str] = field(default_factory=dict)
    """Texts without anything to render, and those that were rendered without variables: they never change."""


class Texts:
    """Every text by language and name, compiled."""

    def __init__(self) -> None:
        self._compiled = _Compiled()

    def add(self, language: str, texts: Mapping[str, str]) -> None:
        """Compile texts of one language; raise TextsBroken naming the text that does not parse."""
        for name, source in texts.items():
            key = language, name
            self._compiled.templates.pop(key, None)
            self._compiled.constant.pop(key, None)
            if "{" not in source:
                # Most have nothing in them to render, and compiling is what a start spends its time on.
                self._compiled.constant[key] = source.strip("\n")
                continue
            try:
                self._compiled.templates[key], _ = _compile(Language(language), source)
            except TemplateError as error:
                raise TextsBroken(f"{language} {name}: {error}") from error

    def replace(self, other: Texts) -> None:
        """Take all texts of another in place of these, at once: whoever holds these renders the others from now on."""
        self._compiled = other._compiled

    def __len__(self) -> int:
        return len(self._compiled.templates.keys() | self._compiled.constant.keys())

    def has(self, language: str, name: str) -> bool:
        """Tell whether there is such a text."""
        return (language, name) in self._compiled.templates or (language, name) in self._compiled.constant

    def render(self, language: str, name: str, /, **variables: Any) -> str:
        """Give a text as Telegram HTML, without line ends around it; variables are escaped."""
        compiled, key = self._compiled, (language, name)
        template = compiled.templates.get(key)
        if variables and template:
            return template.render(variables).strip("\n")
        constant = compiled.constant.get(key)
        if constant is None:
            constant = compiled.constant[key] = compiled.templates[key].render().strip("\n")
        return constant

    def plain(self, language: str, name: str, **variables: Any) -> str:
        """Give a text as plain words, for labels, commands and toasts: nothing stays escaped in it."""
        return _unescape(self.render(language, name, **variables))


def check(texts: Texts, languages: Iterable[str], wanted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Render each wanted text with its sample variables in each language; give one line for each fault."""
    faults = []
    for language in languages:
        for name, sample in wanted.items():
            if not texts.has(language, name):
                faults.append(f"{language} {name}: missing")
                continue
            try:
                rendered = texts.render(language, name, **sample)
            except Exception as error:  # a template may fail in any way: the line names it
                faults.append(f"{language} {name}: {error}")
            else:
                faults += [f"{language} {name}: {fault}" for fault in text_faults.faults(name, rendered)]
    return faults


def unknown_variables(source: str, language: str, known: Iterable[str]) -> set[str]:
    """Give the variables that a text uses and nobody hands in, also in branches that the sample does not reach."""
    if "{" not in source:
        return set()
    return set(_compile(Language(language), source)[1].difference(known))


@lru_cache(maxsize=4096)
def _compile(language: Language, source: str) -> tuple[Template, frozenset[str]]:
    """Compile a text, and give the variables that it uses. Of texts that are read again most are as they were."""
    environment = _environment(language)
    tree = environment.parse(source)
    wanted = frozenset(meta.find_undeclared_variables(tree))
    # Handed to it as a mapping of its own: in a chain of them each rendering would walk and copy.
    return Template.from_code(environment, environment.compile(tree), dict(environment.globals)), wanted


_PLURAL_FORMS: Final[dict[Language, Callable[[float], str]]] = {
    language: Locale(language.value).plural_form for language in Language
}


def _plural(language: Language, number: int, *forms: str) -> str:
    """Choose the noun's form: ru one/few/many, en one/other, kk one form alone."""
    classes = {Language.RU: ("one", "few", "many"), Language.EN: ("one", "other"), Language.KK: ("other",)}[language]
    if len(forms) != len(classes):
        raise ValueError(f"plural takes {len(classes)} forms in {language}, not {len(forms)}")
    form = _PLURAL_FORMS[language](number)
    return forms[classes.index(form)] if form in classes else forms[-1]


def _named(keys: Iterable[str], names: Mapping[str, str]) -> str:
    """List what these keys are called. A loop of the template's own is asked for leave at each of its steps."""
    return ", ".join(names[key] for key in keys)


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plural"] = partial(_plural, language)
    environment.filters["named"] = _named
    return environment


def _unescape(text: str) -> str:
    return (
        text.replace("&#39;", "'").replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    )
