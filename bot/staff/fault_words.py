"""What is wrong with edited texts, in the desk's language.

A fault is found, and told on the command line, in English: `common/ru.toml labels.send: missing`. Its place reads alike
everywhere; what is amiss there is recognised here. What libraries say of a file stands in brackets as they say it.
"""

from __future__ import annotations

import re
from typing import Final

from bot.texts import Texts

_SORTS: Final = {
    name: re.compile(sentence)
    for name, sentence in {
        "missing": r"missing",
        "unused": r"nobody uses such a text",
        "variable": r"nobody hands in (?P<names>.+)",
        "not_text": r"a (?:table of texts|text) is wanted, not (?P<found>.+)",
        "empty": r"it is empty",
        "too_long": r"(?P<units>\d+) characters, and Telegram takes (?P<most>\d+)",
        "never_closed": r"<(?P<tag>.+)> is never closed",
        "no_tag": r"<(?P<tag>.+)> as it stands there is no tag that Telegram takes",
        "closes_nothing": r"</(?P<tag>.+)> closes nothing",
        "less": r"write (?P<instead>&lt;) for <|<!(?:--)? is not taken",
        "only": r"there is no (?:group|language) (?P<found>.+), only (?P<names>.+)",
        "no_kind": r"there is no kind (?P<names>.+)",
        "words": r'a list of words in "…" is wanted, none of them empty|a table of lists is wanted, one a language',
        "toml": r".+ \(at (?:line (?P<line>\d+), column \d+|end of document)\)",
        "no_file": r"No such file or directory|Permission denied",
    }.items()
}
"""The texts `desk.fault_…`, by the sentences that each stands for."""
_TWO_BUTTONS: Final = re.compile(r"the label '(?P<text>.*)' means both \S+ and \S+")
"""The one that names no place."""


def told(texts: Texts, language: str, fault: str) -> str:
    """Say a fault, a line as TextsBroken has it, in a language."""
    twice = _TWO_BUTTONS.fullmatch(fault)
    if twice:
        return texts.plain(language, "desk.fault_two_buttons", **twice.groupdict())
    place, _, said = fault.partition(": ")
    for name, sentence in _SORTS.items():
        found = sentence.fullmatch(said)
        if found:
            return f"{place}: {texts.plain(language, f'desk.fault_{name}', **found.groupdict())}"
    return f"{place}: {texts.plain(language, 'desk.fault_other', said=said)}" if said else fault
