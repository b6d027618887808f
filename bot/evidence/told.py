"""What is sealed with a watch, and how the message about a capture is called."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

CAPTURED: Final = "captured"
"""The message that tells an officer what came of a capture that they asked for."""


class Told(BaseModel):
    """What a page says of itself, and what its server wants to be told next time."""

    title: str = ""
    description: str = ""
    sort: str = ""
    """What stands behind a name of Telegram."""
    moved_to: str = ""
    etag: str = ""
    modified: str = ""
