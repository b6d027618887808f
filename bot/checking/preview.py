"""`shekteu check --texts --preview`: each text as it will read, in every language, with made-up contents."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from bot.languages import Language
from bot.wording import Wording

_TAG: Final = re.compile(r"</?[a-z]+(?: [^>]*)?>")


def preview(wording: Wording, begins: str = "") -> Iterator[str]:
    """Give the lines of all texts whose name begins so; one that stands nowhere gives none."""
    for name, sample in wording.samples.items():
        if not name.startswith(begins):
            continue
        shown = [
            (language, wording.texts.render(language, name, **sample))
            for language in Language
            if wording.texts.has(language, name)
        ]
        if shown:
            yield ""
            yield name
        for language, rendered in shown:
            # As it reads in a chat: tags are gone, what was escaped stands there as it is.
            for place, line in enumerate(html.unescape(_TAG.sub("", rendered)).splitlines() or [""]):
                yield f"  {language if place == 0 else '  '}  {line}"
