"""Handles and numbers with the name of their network beside: «инста: name», «тг name_1», «ватсап +7 701 …».

Which words name a network is data (`words` and `handle` in `platforms.toml`). All of this is guessed, not read plainly.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.links import platforms
from bot.links.link import Link
from bot.links.reading import canonical

_DIGIT = r"[ \u00a0().\-\u2010-\u2013]{0,3}[0-9]"
# Those of Kazakhstan and Russia are as long as they are: what follows is the number of a house.
_PHONE = rf"(?:(?:\+?7|8)(?:{_DIGIT}){{10}}(?![0-9])|\+?[0-9](?:{_DIGIT}){{9,13}}(?![0-9]))"
_NUMBER = r"(?:номер[іы]?|нөмір[іи]?|нөмер[іи]?|тел(?:ефон)?|number|phone|№)"
_NAME = r"(?P<at>@?)(?P<name>[A-Za-z][A-Za-z0-9_.]{1,29}[A-Za-z0-9_])(?![\w@?=&]|[.\-/][\w]|://)"
# Before its network's name only what cannot be a word: with @, or with _ in it.
_NAME_FIRST = r"(?P<name_first>@[A-Za-z][A-Za-z0-9_.]{2,30}|[A-Za-z][A-Za-z0-9]{0,29}_[A-Za-z0-9_]{1,29})"
_SAID = "[:=>\u2192\u27a1\U0001f449\U0001f447]\ufe0f?"
# «вк-id123», but not `tg-name`
_DASH = r"[\-\u2013\u2014](?=[ \t@])|(?<=[\u0400-\u04ff])[\-\u2013\u2014]"
_BETWEEN = rf"(?P<between>[ \t\u00a0]{{0,3}}(?:{_SAID}|{_DASH})?[ \t\u00a0]{{0,3}})[«\"“„']?"
_PAIRS = ("()", "«»", "“”", "„“", '"', "'")
_MAY = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2}|[0-9](?:[ \u00a0().\-\u2010-\u2013]{0,3}[0-9]){9}")
_STRONG = re.compile(r"[0-9_.]")
_LATIN_NEXT = re.compile(r"[ \t]+[A-Za-z]{2}")
_ENDS = re.compile(r"[ \t]*(?:[,;.!?)\]\n]|$)")
# «5000 тг» is money, but not behind a number of a phone.
_MONEY = "(?:(?<![0-9][ \u00a0])|(?<=-[0-9]{2}[ \u00a0])|(?<=[0-9]{7}[ \u00a0]))"
_ALSO_MONEY = frozenset({"тг", "tg"})
_WHERE = re.compile(r"(?<!\w)(?:в|на|in|on)[ \t\u00a0]\Z", re.IGNORECASE)
_KAZAKH_OR_RUSSIAN = re.compile(r"\+?[78][479][0-9]{9}")
# What stands after a network's name in its own products and in ordinary talk.
_ORDINARY = """
premium business web bot bots channel channels desktop messenger reels reel stories story live direct shop music video
videos online plus lite beta pro store chat chats group groups link links app apps account wallet stars ads status page
post posts api sms email mail gmail user name username admin support help news phone number and the was via for with
"""
_NOT_HANDLES = frozenset(_ORDINARY.split())


def named_handles(text: str) -> Iterator[tuple[int, int, Link]]:
    """Start, end and link of each handle or number that stands beside the name of its network."""
    if not _MAY.search(text):
        return
    for found in _networks().finditer(text):
        code = _codes()[_folded(found["before"] or found["after"])]
        link = _link(code, found, text)
        if link is not None:
            yield _begun(text, found), _closed(text, found), link


def _link(code: str, found: re.Match[str], text: str) -> Link | None:
    name, phone = found["name"], found["phone"] or found["phone_first"]
    if found["name_first"]:
        name = found["name_first"].removeprefix("@")
    form = platforms.table().handles[code]
    if phone:
        digits = re.sub(r"[^0-9+]", "", phone)
        if not (digits.startswith("+") or _KAZAKH_OR_RUSSIAN.fullmatch(digits)):
            return None
        digits = digits.lstrip("+")
        digits = "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits
        form = "https://t.me/+{phone}" if code == "telegram" else form
        return canonical(form.replace("{phone}", digits)) if "{phone}" in form else None
    at = found["at"] or (found["name_first"] or "").startswith("@")
    if "{name}" not in form or (at and code == "telegram"):  # that is a handle without any guessing
        return None
    if platforms.is_public_host(name.lower()) or name.lower().startswith("www."):
        return None
    taken = at or found["name_first"] or _looks_like_a_handle(found, text)
    link = canonical(form.replace("{name}", name)) if taken else None
    # What its network takes for no account (x.com/name.shop) is none of its handles.
    return None if link is None or link.what == "page" else link


def _begun(text: str, found: re.Match[str]) -> int:
    """Where it begins, with the «в» of «в инсте name»: without the name it would say nothing."""
    before = _WHERE.search(text, max(0, found.start() - 8), found.start()) if found["before"] else None
    return before.start() if before else found.start()


def _closed(text: str, found: re.Match[str]) -> int:
    """Where it ends, with the bracket or the quote that closes one in it: «@name (инста)»."""
    opens = [pair[-1] for pair in _PAIRS if pair[0] in found[0] and found[0].rfind(pair[-1]) <= found[0].find(pair[0])]
    return found.end() + 1 if text[found.end() : found.end() + 1] in opens else found.end()


def _looks_like_a_handle(found: re.Match[str], text: str) -> bool:
    """Whether a name without @ is more than the next word of a sentence (`Telegram yesterday`, «инста reels»)."""
    name = found["name"]
    if name.lower() in _NOT_HANDLES:
        return False
    if _STRONG.search(name):
        return True
    if len(name) < 4 or _LATIN_NEXT.match(text, found.end()):
        return False
    said = found["between"].strip()
    return bool(re.fullmatch(_SAID, said) and _ENDS.match(text, found.end())) or not found["before"].isascii()


@cache
def _codes() -> dict[str, str]:
    return {_folded(word): code for code, words in platforms.table().words.items() for word in words}


@cache
def _networks() -> re.Pattern[str]:
    names = (_MONEY * (word in _ALSO_MONEY) + re.escape(word) for word in sorted(_codes(), key=len, reverse=True))
    words = "|".join(names).replace(r"\ ", r"[ \-]")
    by_number = rf"[ \t:.,\-\u2013\u2014(]{{0,4}}(?:{_NUMBER}[ \t:.\-\u2013\u2014]{{0,3}})?(?P<phone>{_PHONE})"
    first = rf"(?:(?P<phone_first>{_PHONE})|{_NAME_FIRST})[ \t,(\-\u2013\u2014]{{1,3}}(?:(?:на|в)[ \t])?"
    return re.compile(
        rf"(?<![\w@./])(?:(?P<before>{words})(?!\w)(?:{by_number}|{_BETWEEN}{_NAME})"
        # nor is the beginning of an address the name of a network, nor what names the next one: «a_b инста: c_d»
        rf"|(?<!/[ \u00a0]){first}(?P<after>{words})(?!\w|\.\w|/|[ \t\u00a0]{{0,3}}{_SAID}))",
        re.IGNORECASE,
    )


def _folded(word: str) -> str:
    return word.lower().replace("-", " ").replace("ё", "е")
