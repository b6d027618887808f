"""Texts and keyboards of a call, refused where Telegram refuses them."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.sandbox import entities as found
from bot.sandbox import html
from bot.sandbox.entities import units
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.world import Json, Person

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_ENTITIES = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline"}
    | {"strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention"}
    | {"custom_emoji"}
)
_DRESS = frozenset({"text", "style", "icon_custom_emoji_id"})
_DONE = frozenset({"url", "callback_data", "copy_text", "switch_inline_query", "switch_inline_query_current_chat"})


@dataclass(frozen=True)
class Formatted:
    """A text as Telegram keeps it: plain, with entities; and its source for tests to look at."""

    text: str
    entities: list[Json]
    source: str


def text_of(given: Json, people: dict[int, Person], too_long: str = "message is too long") -> Formatted:
    """The text of a message, neither empty nor above 4,096 UTF-16 units."""
    formatted = _format(given, "text", "entities", people)
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if units(formatted.text) > TEXT_LIMIT:
        raise bad_request(too_long)
    return formatted


def caption_of(given: Json, people: dict[int, Person]) -> Formatted:
    """The caption, perhaps empty, at most 1,024 UTF-16 units."""
    formatted = _format(given, "caption", "caption_entities", people)
    if units(formatted.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return formatted


def _format(given: Json, field: str, entities_field: str, people: dict[int, Person]) -> Formatted:
    source = given.get(field) or ""
    mode = (given.get("parse_mode") or "").lower()
    if mode == "html":
        text, entities = html.parse(source)
    elif mode in ("markdown", "markdownv2"):
        raise bad_request(f"the sandbox does not do parse_mode {given['parse_mode']}")
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, entities = source, [_given_entity(source, entity) for entity in given.get(entities_field) or []]
    text, entities = _trimmed(text, entities)
    return Formatted(text, found.find(text, [_finished(entity, people) for entity in entities]), source)


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space around, as the server keeps it; entities move along, and empty ones go."""
    text = text.replace("\r", "")
    stripped = text.strip()
    cut, length = units(text[: len(text) - len(text.lstrip())]), units(stripped)
    kept: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        end = min(length, entity["offset"] + entity["length"] - cut)
        if start < end:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


def _given_entity(text: str, entity: Json) -> Json:
    kind, start, end = entity["type"], entity["offset"], entity["offset"] + entity["length"]
    if kind not in _ENTITIES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if start < 0 or entity["length"] < 0:
        raise bad_request(f"receive an entity with incorrect offset {start}")
    if start > units(text):
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {start}")
    if end > units(text):
        raise bad_request(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        )
    wanted = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}.get(kind)
    if wanted is not None and wanted not in entity:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{wanted}\"")
    return dict(entity)


def _finished(entity: Json, people: dict[int, Person]) -> Json:
    language, user = entity.pop("_language", ""), entity.pop("_user", None)
    if language and entity["type"] == "pre":
        entity["language"] = language
    if user is not None:
        if user not in people:
            raise bad_request("user not found")
        person = people[user]
        entity["user"] = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    return entity


def markup_of(given: Json, private: bool) -> Json | None:
    """The keyboard of a message, or nothing for an empty inline one."""
    markup: Json | None = given.get("reply_markup")
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return inline_of(given)
    if "keyboard" in markup:
        rows = [row for row in markup["keyboard"] if row]
        if not rows:
            raise bad_request("can't parse keyboard: it has no buttons")
        if sum(map(len, rows)) > 300 or max(map(len, rows)) > 12:
            raise bad_request("REPLY_MARKUP_TOO_LONG")
        for button in _buttons(rows):
            if not button["text"].strip():
                raise bad_request("keyboard button text must be non-empty")
            asks = sorted(set(button) - _DRESS)
            if len(asks) > 1:
                raise bad_request("can't parse keyboard button: only one request is allowed")
            if asks and not private:
                asked = {"request_contact": "phone number", "request_location": "location"}.get(asks[0], asks[0])
                raise bad_request(f"{asked} can be requested in private chats only")
        _placeholder(markup)
        return {**markup, "keyboard": rows}
    _placeholder(markup)
    return markup


def inline_of(given: Json) -> Json | None:
    """The inline keyboard of a message or edit; nothing when it has no buttons."""
    markup: Json | None = given.get("reply_markup")
    if markup is None:
        return None
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in _buttons(rows):
        _inline_button(button)
    return {"inline_keyboard": rows} if rows else None


def _buttons(rows: Iterable[list[Json]]) -> Iterable[Json]:
    return (button for row in rows for button in row)


def _inline_button(button: Json) -> None:
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = sorted(set(button) - _DRESS)
    # An empty callback_data is none, for Telegram too.
    if not actions or button.get("callback_data") == "":
        raise _button("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _button(f"one action expected, found {', '.join(actions)}")
    if actions[0] not in _DONE:
        raise bad_request(f"the sandbox does not do buttons with {actions[0]}")
    data = button.get("callback_data")
    if data is not None and len(data.encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= units(button["copy_text"]["text"]) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        _button_url(button["url"])


def _button_url(url: str) -> None:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https", "tg", "ton", ""):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if not parts.scheme or (parts.scheme.startswith("http") and "." not in host):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _button(why: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {why}")


def _placeholder(markup: Json) -> None:
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= units(placeholder) <= 64:
        raise bad_request("can't parse keyboard: input_field_placeholder must have 1-64 characters")
