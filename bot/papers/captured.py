"""A capture as people read it: what stood on a page when it was looked at, and what had changed."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class CapturedPage(BaseModel):
    """What is sealed beside the WARC file of a capture."""

    url: str
    """What was asked for."""
    landed: str
    """Where the page came from, at the end of all redirects."""
    at: datetime
    status: int
    sha256: str
    """Of the WARC file, in hexadecimal digits."""
    state: str
    title: str = ""
    description: str = ""
    text: str = ""
    subscribers: int | None = None
    since: datetime | None = None
    """The capture before, with which it was compared."""
    difference: str = ""
    title_before: str = ""
    description_before: str = ""
    subscribers_before: int | None = None
    """As the capture before has them."""
    truncated: str = ""
    whole: bool = True
    """False: the program could not read it; it is in the WARC file all the same."""
