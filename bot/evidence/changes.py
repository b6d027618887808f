"""What changed of a page from one capture to the next, as the desk is told of it."""

from __future__ import annotations

from typing import Any, Final

from bot.papers.captured import CapturedPage

LINES: Final = 8
"""Lines that are told of those that were taken out, and of those that were put in."""
LENGTH: Final = 120
TITLE: Final = 200
DESCRIPTION: Final = 300


def changes(page: CapturedPage, before: CapturedPage | None) -> list[dict[str, Any]]:
    """Give what a message tells of a capture that an officer asked for, one entry; none: nothing has changed.

    Where nothing has since the capture before, it is what had changed when that was made.
    """
    told = _told(page, "") or (_told(before, before.at.isoformat()) if before else None)
    return [told] if told else []


def _told(page: CapturedPage, until: str) -> dict[str, Any] | None:
    if page.since is None:
        return None
    told: dict[str, Any] = {
        "title": _pair(page.title_before[:TITLE], page.title[:TITLE]),
        "description": _pair(_line(page.description_before, DESCRIPTION), _line(page.description, DESCRIPTION)),
        "subscribers": _pair(page.subscribers_before, page.subscribers),
    }
    lines = page.difference.splitlines()
    for name, sign in (("removed", "-"), ("added", "+")):
        own = [_line(line[1:], LENGTH) for line in lines if line[:1] == sign and line[1:].strip()]
        told |= {name: "\n".join(own[:LINES]), f"more_{name}": max(0, len(own) - LINES)}
    return {"since": page.since.isoformat(), "until": until, **told} if any(told.values()) else None


def _pair(old: str | int | None, new: str | int | None) -> list[str | int] | None:
    """Give what one of two captures tells otherwise. What only one of them tells may not have been known."""
    return [old, new] if old and new and old != new else None


def _line(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
