"""Texts: templates/ read once, compiled, and rendered as Telegram HTML with what people typed escaped."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from babel import Locale
from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.languages import Language


class TextsBroken(Exception):
    """A text of templates/ is missing, misspelt or uses a variable that nobody hands in."""


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Turn nested TOML tables of texts into `{"section.name": text}`; raise TextsBroken on anything but text."""
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
        raise TextsBroken(f"{path.name}: {error}") from error


class Texts:
    """Every text by language and name, compiled."""

    def __init__(self) -> None:
        self._templates: dict[tuple[str, str], Template] = {}
        self._constant: dict[tuple[str, str], str] = {}
        """Texts that were rendered without variables: they never change."""
        self._environments = {language: _environment(language) for language in Language}

    def add(self, language: str, texts: Mapping[str, str]) -> None:
        """Compile texts of one language; raise TextsBroken naming the text that does not parse."""
        environment = self._environments[Language(language)]
        for name, source in texts.items():
            self._constant.pop((language, name), None)
            try:
                self._templates[language, name] = environment.from_string(source)
            except TemplateError as error:
                raise TextsBroken(f"{language} {name}: {error}") from error

    def __len__(self) -> int:
        return len(self._templates)

    def has(self, language: str, name: str) -> bool:
        """Tell whether there is such a text."""
        return (language, name) in self._templates

    def render(self, language: str, name: str, /, **variables: Any) -> str:
        """Give a text as Telegram HTML, without line ends around it; variables are escaped."""
        if variables:
            return self._templates[language, name].render(variables).strip("\n")
        constant = self._constant.get((language, name))
        if constant is None:
            constant = self._constant[language, name] = self._templates[language, name].render().strip("\n")
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
                texts.render(language, name, **sample)
            except Exception as error:  # a template may fail in any way: the line names it
                faults.append(f"{language} {name}: {error}")
    return faults


def unknown_variables(source: str, language: str, known: Iterable[str]) -> set[str]:
    """Give the variables that a text uses and nobody hands in, also in branches that the sample does not reach."""
    tree = _environment(Language(language)).parse(source)
    return meta.find_undeclared_variables(tree) - set(known)


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


def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plural"] = partial(_plural, language)
    return environment


def _unescape(text: str) -> str:
    return (
        text.replace("&#39;", "'").replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    )
