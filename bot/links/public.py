"""Public names: by what many people know a channel, an account or a site as a whole."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = frozenset({"channel", "account"})
# One with a port of its own, or at a number, is none.
_WHOLE_SITE: Final = re.compile(r"https://([^/?#:\[\]]*[^/?#:\[\].0-9])")
# Under these anybody registers a name of their own, as under `kz` itself. It lacks most of them on purpose: what is not
# here counts as somebody's subdomain, of which less is told, and a third of a second of the list of all is not spent.
SHARED_ENDINGS: Final = frozenset(
    {
        *("com.kz", "net.kz", "org.kz", "edu.kz", "gov.kz", "mil.kz"),
        *("com.kg", "net.kg", "org.kg", "com.uz", "co.uz", "com.by", "com.ua", "com.tr", "com.cn", "co.uk"),
    }
)


def is_public_name(platform: str, what: str, url: str, *, private: bool) -> bool:
    """Tell whether a canonical link is a public name: a channel or an account itself, or a site at its own domain.

    All that lies within one can be made for one buyer in a moment, though its link looks like any other: a post, a
    story, an app, a page of a site, a subdomain, a port, a short link, an unlisted video. So can an onion address.
    """
    if private:
        return False
    if platform == "site":
        return _at_its_own_domain(url)
    return what in _NAMES


def _at_its_own_domain(url: str) -> bool:
    found = _WHOLE_SITE.fullmatch(url)
    if found is None or found[1] in SHARED_ENDINGS:
        return False
    labels = found[1].split(".")
    return len(labels) == 2 or (len(labels) == 3 and ".".join(labels[1:]) in SHARED_ENDINGS)
