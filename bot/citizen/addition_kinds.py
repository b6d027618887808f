"""The kinds of drafts that are no reports: they are added to one. Nothing is asked for but what is typed."""

from __future__ import annotations

from typing import Final

from bot.reports.kinds import Content, Kind, Take

PHOTOS_MOST: Final = 10
LINKS_MOST: Final = 500
_COMMON: Final = (
    Take(content=Content.WORDS, asked=False),
    Take(content=Content.PHOTOS, asked=False, most=PHOTOS_MOST),
    Take(content=Content.LOCATION, asked=False),
)


def _kind(name: str, *more: Take) -> Kind:
    # No file of templates/kinds: it has no label, decisions or feedback of its own, and requires any one of its takes.
    return Kind.model_construct(
        name=name, order=0, careful=False, offered_for=frozenset(), takes=(*_COMMON, *more), decisions=(), texts={}
    )


_LINKS: Final = Take(content=Content.LINKS, asked=False, most=LINKS_MOST)
"""To a report of links: those that were forgotten are reported as well."""
ANSWER: Final = _kind("answer")
ANSWER_LINKS: Final = _kind("answer_links", _LINKS)
ADDITION: Final = _kind("addition")
ADDITION_LINKS: Final = _kind("addition_links", _LINKS)
ANSWERS: Final = frozenset({ANSWER.name, ANSWER_LINKS.name})
"""Begun under a question, and so in the chat that the report's return address leads to."""
KINDS: Final = {kind.name: kind for kind in (ANSWER, ANSWER_LINKS, ADDITION, ADDITION_LINKS)}


def text_name(kind: Kind) -> str:
    """Give the name that the texts of such a draft begin with."""
    return "answer" if kind.name in ANSWERS else "addition"
