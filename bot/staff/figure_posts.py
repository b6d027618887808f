"""The figures as the desk gets them: the picture and the numbers under it, the note, the digest on Mondays."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from bot.delivery.sender import Letter, Outgoing
from bot.languages import Language
from bot.papers import placement_papers
from bot.papers.figure_text import caption, variables
from bot.papers.placement_papers import PlacementPapers
from bot.papers.statistics_papers import StatisticsPapers
from bot.papers.workshop import NotMade
from bot.reports.figures import Period, Statistics
from bot.reports.placement_counting import PlacementCounting
from bot.reports.statistics import Counting
from bot.staff import monday, stats_posts
from bot.texts import Texts

TEMPLATES: Final = frozenset({stats_posts.TEMPLATE, stats_posts.PLACES, monday.TEMPLATE})


class FigurePosts:
    """Renders figures. They are counted when they are sent: what changed meanwhile is in them."""

    def __init__(
        self,
        counting: Counting,
        papers: StatisticsPapers,
        texts: Texts,
        places: PlacementCounting,
        place_papers: PlacementPapers,
    ) -> None:
        self._counting, self._papers, self._texts = counting, papers, texts
        self._places, self._place_papers = places, place_papers

    async def message(self, letter: Letter) -> Outgoing:
        """Render the message."""
        kept, language = letter.params, Language(letter.language)
        period = Period(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]))
        if letter.template == stats_posts.PLACES:
            return await self._placed(period, kept["by"], language)
        statistics = await self._counting.statistics(period, tuple(kept["offices"]))
        if letter.template == monday.TEMPLATE:
            shown = variables(statistics, self._texts, language)
            return _text(self._texts.render(language, "desk.monday", **shown, head=kept["head"]))
        numbers = caption(statistics, self._texts, language, kept["office"])
        try:
            return await self._drawn(statistics, language, numbers, kept)
        except NotMade:
            # Numbers without a picture are better than neither.
            return _text(numbers)

    async def _placed(self, period: Period, by: str, language: Language) -> Outgoing:
        """Render what placements brought."""
        figures = await self._places.figures(period)
        numbers = placement_papers.caption(figures, by, self._texts, language)
        if figures.period is None:
            return _text(numbers)
        try:
            picture = await self._place_papers.picture(figures, by, language, self._places.today)
        except NotMade:
            return _text(numbers)
        name = f"{by}-{figures.period.first}-{figures.period.last}.png"
        return Outgoing("sendPhoto", {"photo": f"attach://{name}", "caption": numbers}, {name: picture})

    async def _drawn(self, statistics: Statistics, language: Language, numbers: str, kept: dict[str, Any]) -> Outgoing:
        made, office, name = self._counting.today, kept["office"] or None, f"stats-{kept['first']}-{kept['last']}"
        if kept["note"]:
            note = await self._papers.note(statistics, language, office, made=made)
            # It is for a paper file: who asked for it must be able to print it.
            params = {"document": f"attach://{name}.pdf", "caption": numbers, "protect_content": False}
            return Outgoing("sendDocument", params, {f"{name}.pdf": note})
        picture = await self._papers.picture(statistics, language, office, made=made)
        return Outgoing("sendPhoto", {"photo": f"attach://{name}.png", "caption": numbers}, {f"{name}.png": picture})


def _text(text: str) -> Outgoing:
    return Outgoing("sendMessage", {"text": text})
