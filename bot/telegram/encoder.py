"""The one encoder of calls to the Bot API, for bodies of webhook responses and for calls alike."""

from __future__ import annotations

from typing import Any, Final

TEXT_METHODS: Final = frozenset({"sendMessage", "editMessageText"})
CAPTION_METHODS: Final = frozenset({"sendPhoto", "sendDocument", "editMessageCaption"})
PROTECTED_METHODS: Final = frozenset(
    {"sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup", "sendLocation", "sendVenue"}
)
"""Methods that know `protect_content`."""


def encode(method: str, params: dict[str, Any], *, protect: bool = False) -> dict[str, Any]:
    """Give a method's JSON parameters with our defaults: HTML, no link previews, and protection where it is asked."""
    body = {name: value for name, value in params.items() if value is not None}
    if method in TEXT_METHODS:
        body.setdefault("parse_mode", "HTML")
        body.setdefault("link_preview_options", {"is_disabled": True})
    if method in CAPTION_METHODS and "caption" in body:
        body.setdefault("parse_mode", "HTML")
    if method == "sendMediaGroup":
        body["media"] = [{"parse_mode": "HTML"} | item if "caption" in item else item for item in body["media"]]
    if protect and method in PROTECTED_METHODS:
        # A file that an officer has to keep says otherwise: from a protected message nothing can be saved.
        body.setdefault("protect_content", True)
    return body
