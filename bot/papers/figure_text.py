"""The figures of a period as a message: the numbers that stand under the picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.languages import Language
from bot.papers.figure_words import FigureWords
from bot.reports.figures import Figures, Statistics, Times
from bot.texts import Texts

CAPTION: Final = 1024
"""UTF-16 units that Telegram takes under a picture, formatting left out."""
MOST: Final = 8
"""Names of a list, where there is room for so many."""
_TAG: Final = re.compile(r"<[^>]+>")


def caption(statistics: Statistics, texts: Texts, language: Language, office: str = "") -> str:
    """Write the figures as Telegram HTML that fits under a picture: the longer its lists get, the fewer names each."""
    for most in range(MOST, -1, -1):
        rendered = texts.render(language, "desk.stats", **variables(statistics, texts, language, office, most))
        if length(rendered) <= CAPTION:
            break
    return rendered


def variables(
    statistics: Statistics, texts: Texts, language: Language, office: str = "", most: int = MOST
) -> dict[str, Any]:
    """Give what the texts of figures are rendered with; of each list no more than `most` names."""
    words, this = FigureWords(texts, language), statistics.this

    def beside(value: Callable[[Figures], str]) -> dict[str, str]:
        return {
            "now": value(this),
            "before": value(statistics.before),
            "year_ago": value(statistics.year_ago),
        }

    def named(counts: Mapping[str, int], name: Callable[[str], str]) -> list[dict[str, str]]:
        shown = [{"name": name(key), "number": words.number(many)} for key, many in list(counts.items())[:most]]
        left = sum(counts.values()) - sum(list(counts.values())[:most])
        return [*shown, {"name": words.say("others"), "number": words.number(left)}] if shown and left else shown

    return {
        **words.period(this.period),
        "office": office,
        "reports": beside(lambda figures: words.number(figures.reports.total)),
        "share": beside(lambda figures: words.share(figures.reports.share_acted)),
        "links": beside(lambda figures: words.number(figures.resources.total)),
        "sent": beside(lambda figures: words.number(figures.sent_to_block)),
        "blocked": beside(lambda figures: words.number(figures.blocked)),
        # Known only where links are looked at.
        "reach": beside(lambda figures: words.number(figures.reach)) if this.reach else {},
        "found": _found(this, words) if this.found or this.taken or this.found_blocked else {},
        "repeats": beside(lambda figures: words.number(figures.repeats)),
        "claim": _within(this.claim, words),
        "decide": _within(this.decide, words),
        "duplicates": this.reports.duplicates,
        "abuse": this.reports.abuse,
        "kinds": named(this.by_kind, words.kind),
        "standings": named(this.reports.by_standing, words.standing),
        "platforms": named(this.by_platform, words.platform),
        "districts": named(this.by_district, lambda code: words.district(code, statistics.districts))
        if set(this.by_district) - {""}
        else [],
    }


def _found(figures: Figures, words: FigureWords) -> dict[str, str]:
    counted = {"found": figures.found, "taken": figures.taken, "blocked": figures.found_blocked}
    return {name: words.number(many) for name, many in counted.items()}


def _within(times: Times, words: FigureWords) -> list[str]:
    """Give median and 90th percentile; nothing where nothing was measured."""
    return [words.within(times.median), words.within(times.ninetieth)] if times.count else []


def length(rendered: str) -> int:
    """Count the UTF-16 units of a rendered text, formatting left out."""
    return len(_TAG.sub("", rendered).encode("utf-16-le")) // 2
