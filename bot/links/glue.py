"""What people write against a bare host without a space: `👉t.me`, `сайт-example.kz`, `каналt.me`, `olx.kz.Там`.

No name mixes alphabets in these ways, so the host ends where the alphabet changes.
"""

import re

_CYRILLIC = r"\u0400-\u04ff"
_SIGN_BEFORE = re.compile(rf".*(?:[^\w.\-~]|[{_CYRILLIC}]-(?=[A-Za-z]))", re.DOTALL)
_WORD_BEFORE = re.compile(rf"[{_CYRILLIC}]+(?=[A-Za-z])")
_UNLIKE_LATIN = frozenset("бвгджзийлптцчшщъыьэюяәғқңөұү")  # `орenai.com` may be a name made to deceive, `каналt.me` not
_AFTER = re.compile(rf"[^\w.\-~]|(?<=[A-Za-z])-?(?=[{_CYRILLIC}])")
_NEXT_SENTENCE = re.compile(rf"(?<=[A-Za-z])\.+[{_CYRILLIC}]")
_NOT_IN_A_SUFFIX = re.compile(r"(?<=\w)(?:-|[_~]+(?!\w))")
_NEXT_SCHEME = re.compile(r"(?<=.)https?$", re.IGNORECASE)
_EASTERN = r"\u3001-\u9fff\uac00-\ud7ff\uff01-\uffee"  # written without spaces between words
_EASTERN_EDGE = re.compile(rf"(?<=[A-Za-z0-9])(?=[{_EASTERN}])|(?<=[{_EASTERN}])(?=[A-Za-z0-9])")
_EASTERN_LETTER = re.compile(rf"[{_EASTERN}]")


def first_edge(text: str, start: int, end: int) -> int:
    """Where eastern writing begins or ends for the first time between two places; `end` if nowhere."""
    edge = _EASTERN_EDGE.search(text, start + 1, end)
    return edge.start() if edge else end


def is_word_before(text: str, begin: int) -> bool:
    """Whether the letter before this place belongs to a writing without spaces."""
    return _EASTERN_LETTER.match(text, begin - 1) is not None


def bare(text: str, begin: int, end: int) -> tuple[int, int]:
    """A bare host without what is glued to its beginning, unless a label is nothing but signs."""
    first, _, _ = text[begin:end].partition(".")
    glued = _SIGN_BEFORE.match(first)
    if glued is None:
        glued = _WORD_BEFORE.match(first)
        glued = glued if glued and not _UNLIKE_LATIN.isdisjoint(glued[0].lower()) else None
    if glued and glued.end() < len(first):
        begin += glued.end()
    return begin, end


def host_end(text: str, begin: int, end: int) -> int:
    """The end of a host, bare or not, without the next sentence, address or letters of others glued to it."""
    sentence = _NEXT_SENTENCE.search(text, begin, end)
    if sentence and "." in text[begin : sentence.start()]:
        end = sentence.start()
    last = begin + text[begin:end].rstrip(".").rfind(".") + 1
    if text.startswith("://", end) and (glued := _NEXT_SCHEME.search(text, last, end)):
        return glued.start()
    after = _AFTER.search(text, last, end)
    if after is None and not text.startswith("xn--", last):
        after = _NOT_IN_A_SUFFIX.search(text, last, end)
    return after.start() if after and after.start() > last else end
