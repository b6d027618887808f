"""Telegram's HTML parse mode, as strict as its server: text with tags becomes text and entities."""

import re
from dataclasses import dataclass

from bot.sandbox.entities import units
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.world import Json

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = frozenset(_SIMPLE) | {"a", "code", "pre", "blockquote", "tg-emoji"}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#(\d{1,8})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>]*")
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    position: int


def parse(source: str) -> tuple[str, list[Json]]:
    """Text and entities of a source with tags; raises what the server answers for a malformed one."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.parts: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "<":
                if self.source.startswith("</", self.at):
                    self._end_tag()
                else:
                    self._start_tag()
            elif char == "&" and (match := _CHARACTER.match(self.source, self.at)):
                self._add(_decoded(match))
                self.at = match.end()
            else:
                self._add(char)
                self.at += 1
        if self.open:
            raise _refusal(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), self.entities

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _start_tag(self) -> None:
        begin = self.at
        self.at = begin + 1
        tag = self._match(_NAME).lower()
        self._here(begin)
        if tag not in _TAGS:
            raise _refusal(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise _refusal(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_Open(tag, argument, self.length, len(self.parts)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._match(_SPACE)
            if self._here(begin) == ">":
                self.at += 1
                return argument
            attribute = self._match(_ATTRIBUTE)
            if not attribute:
                raise _refusal(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
            self._match(_SPACE)
            value = ""
            if self._here(begin) == "=":
                self.at += 1
                self._match(_SPACE)
                value = self._value(begin)
            argument = _argument(tag, attribute, value) or argument

    def _value(self, begin: int) -> str:
        quote = self._here(begin)
        if quote not in "\"'":
            start = self.at
            token = self._match(_TOKEN)
            if self._here(begin) != ">" and not self._here(begin).isspace():
                raise _refusal(f"Unexpected end of name token at byte offset {self._byte(start)}")
            return token.lower()
        close = self.source.find(quote, self.at + 1)
        if close < 0:
            raise _refusal(f"Unclosed start tag at byte offset {self._byte(begin)}")
        value = self.source[self.at + 1 : close]
        self.at = close + 1
        return _CHARACTER.sub(_decoded, value)

    def _here(self, begin: int) -> str:
        if self.at >= len(self.source):
            raise _refusal(f"Unclosed start tag at byte offset {self._byte(begin)}")
        return self.source[self.at]

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        self.at = match.end() if match else self.at
        return match.group() if match else ""

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _refusal(f"Unexpected end tag at byte offset {self._byte(begin)}")
        close = self.source.find(">", begin)
        if close < 0:
            raise _refusal(f"Unclosed end tag at byte offset {self._byte(begin)}")
        name = self.source[begin + 2 : close].rstrip()
        last = self.open.pop()
        if name and name.lower() != last.tag:
            raise _refusal(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{last.tag}>", found "</{name}>"'
            )
        self.at = close + 1
        if self.length > last.offset:
            self._close(last)

    def _close(self, last: _Open) -> None:
        span = {"offset": last.offset, "length": self.length - last.offset}
        inner = self.entities[-1] if self.entities else None
        # <pre><code class="language-x"> is one entity, in either order of nesting.
        if inner is not None and {last.tag, inner["type"]} == {"pre", "code"} and inner.items() >= span.items():
            inner.update(type="pre", _language=inner["_language"] or last.argument)
            return
        if last.tag in _SIMPLE:
            self.entities.append({"type": _SIMPLE[last.tag], **span})
        elif last.tag == "blockquote":
            self.entities.append({"type": "expandable_blockquote" if last.argument else "blockquote", **span})
        elif last.tag == "a":
            url = last.argument or "".join(self.parts[last.position :])
            if url.startswith("tg://user?id="):
                self.entities.append({"type": "text_mention", **span, "_user": int(url[13:] or 0)})
            elif re.match(r"[a-z][a-z0-9+.-]*://|[^\s/]+\.[^\s]", url, re.IGNORECASE):
                self.entities.append({"type": "text_link", **span, "url": url})
        elif last.tag == "tg-emoji":
            self.entities.append({"type": "custom_emoji", **span, "custom_emoji_id": last.argument})
        else:
            self.entities.append({"type": last.tag, **span, "_language": last.argument})


def _argument(tag: str, attribute: str, value: str) -> str:
    match tag, attribute:
        case "a", "href":
            return value
        case "code", "class" if value.startswith("language-"):
            return value[9:]
        case "span", "class" if value.startswith("tg-"):
            return value[3:]
        case "tg-emoji", "emoji-id":
            return value
        case "blockquote", "expandable":
            return "1"
    return ""


def _decoded(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()


def _refusal(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")
