"""Public names: what anybody can see, and nobody makes for one person alone."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = frozenset({"channel", "account"})
_OF_TELEGRAM: Final = frozenset({"channel", "post", "story", "album", "collection", "app", "game"})
_SITES: Final = frozenset({"site", "onion"})
_WHOLE_SITE: Final = re.compile(r"[a-z]+://[^/?#]+")


def is_public_name(platform: str, what: str, url: str, *, private: bool) -> bool:
    """Tell whether a canonical link is a public name: an account, a channel, something within one on Telegram, a site.

    A page of a site, a short link, an unlisted video or a paste is none: like an invite it may have been made for one
    buyer, though its link looks like any other.
    """
    if private:
        return False
    if platform in _SITES:
        return _WHOLE_SITE.fullmatch(url) is not None
    return what in (_OF_TELEGRAM if platform == "telegram" else _NAMES)
