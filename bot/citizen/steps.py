"""Which question comes next: computed from the kind file and what the draft has."""

from __future__ import annotations

from bot.citizen.dialogue import Dialogue
from bot.reports.contents import Contents
from bot.reports.kinds import Content, Kind, Take


def holds(draft: Contents, content: Content) -> bool:
    """Tell whether a draft has something of a content."""
    match content:
        case Content.LINKS:
            return draft.links_total > 0 or draft.lists > 0
        case Content.LOCATION:
            return draft.point is not None or bool(draft.address)
        case Content.PHOTOS:
            return draft.photos > 0
        case Content.WORDS:
            return bool(draft.words)


def holds_anything(draft: Contents) -> bool:
    """Tell whether a draft has anything at all."""
    return any(holds(draft, content) for content in Content)


def next_take(kind: Kind, dialogue: Dialogue) -> Take | None:
    """Give what is asked next, or None when the draft can be confirmed."""
    draft = dialogue.draft
    if draft is None:
        return None
    for take in kind.takes:
        if not (take.asked or take.required):
            continue
        held = holds(draft, take.content)
        if take.required and not held:
            return take
        if take.content in dialogue.finished:
            continue
        if not held or take.content is Content.PHOTOS:
            return take
    return None


def complete(kind: Kind, draft: Contents) -> bool:
    """Tell whether a draft has all that its kind requires."""
    return all(holds(draft, take.content) for take in kind.takes if take.required)


def fits(kind: Kind, draft: Contents) -> bool:
    """Tell whether a kind takes all that a draft holds."""
    return all(kind.take(content) for content in Content if holds(draft, content))


def can_add(kind: Kind, draft: Contents) -> list[str]:
    """List what a complete draft may still take."""
    room = {Content.PHOTOS: draft.photos, Content.LINKS: draft.links_total}
    return [
        take.content.value
        for take in kind.takes
        if not holds(draft, take.content) or 0 < room.get(take.content, take.most) < take.most
    ]


def step_back(kind: Kind, dialogue: Dialogue) -> Content | None:
    """Give the question before the present one, whose answer is to be given anew; None at the first."""
    present = next_take(kind, dialogue)
    asked = [take for take in kind.takes if take.asked or take.required]
    earlier = asked if present is None else asked[: asked.index(present)]
    return earlier[-1].content if earlier else None
