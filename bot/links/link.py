"""One link in its canonical form: what everything else passes around."""

import re
from dataclasses import dataclass, field

_PUBLIC_NAME = re.compile(r"https://t\.me/([a-z][a-z0-9_]{0,31})(?:[/?].*)?")
_NAMED = frozenset({"channel", "post", "story", "album", "collection", "app", "game"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link as we keep it: two links are the same resource exactly when their `url` is the same.

    `platform` is a name of the table of platforms (`platforms.toml`), `telegram`, `onion` or `site`; `what` says what
    stands there (`channel`, `post`, `invite`, `phone`, `account`, `page` …). `channel` is any public name of Telegram:
    channel, group, bot or person, which a link does not tell.
    """

    platform: str
    what: str
    url: str
    private: bool = False
    """It may have been made for one person (invites, phone numbers, private chats): to be kept sealed."""
    refused: bool = False
    """It carries a code that lets somebody into an account: never to be stored. `url` has no trace of the code."""
    guessed: bool = field(default=False, compare=False)
    """It was not read plainly (`t . me / name`, «инста: name»): somebody has to confirm it before it is taken."""

    @property
    def shown(self) -> str:
        """The link for people's eyes: no scheme, national letters readable, punycode beside if they could deceive."""
        from bot.links.shown import readable  # only texts need it: links are mostly only compared

        return readable(self.url)

    @property
    def public_name(self) -> str | None:
        """The folded public name on Telegram, without `@`, or None."""
        if self.platform != "telegram" or self.what not in _NAMED or self.private:
            return None
        found = _PUBLIC_NAME.fullmatch(self.url)
        return found[1] if found else None
