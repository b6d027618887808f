"""The methods of the Bot API and their parameters, taken from aiogram, and the check of what a call brings."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

import orjson

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.world import Json

# What Telegram says about these when they are missing; others are named.
_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
}
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})


@dataclass(frozen=True)
class Signature:
    """One method: its name, the types of its parameters, and which of them it cannot do without."""

    name: str
    fields: Mapping[str, Any]
    required: frozenset[str]


@cache
def signatures() -> Mapping[str, Signature]:
    """All methods by their name in lower case. The first call imports aiogram: that takes seconds."""
    from aiogram import methods
    from aiogram.methods.base import TelegramMethod

    table: dict[str, Signature] = {}
    for name in methods.__all__:
        method = getattr(methods, name)
        if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod:
            fields = {field.alias or key: field for key, field in method.model_fields.items()}
            table[method.__api_method__.lower()] = Signature(
                name=method.__api_method__,
                fields={key: field.annotation for key, field in fields.items()},
                required=frozenset(key for key, field in fields.items() if field.is_required()),
            )
    return table


def decode(signature: Signature, raw: Mapping[str, Any]) -> Json:
    """The parameters of a call by their true types; text fields may carry JSON, as in a form."""
    given: Json = {}
    for key, value in raw.items():
        if key not in signature.fields:
            raise bad_request(f'unknown parameter "{key}"')
        if value is None or value == "":
            continue
        given[key] = _convert(value, signature.fields[key], key, textual=isinstance(value, str))
    for key in signature.fields:
        if key in signature.required and key not in given:
            raise bad_request(_MISSING.get(key, f'parameter "{key}" is required'))
    return given


def _options(annotation: Any) -> list[Any]:
    """The members of a union, without what never comes over the wire."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [option for member in typing.get_args(annotation) for option in _options(member)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    return [annotation]


class _Mismatch(ApiError):
    """A value does not fit a type. Of several types that were possible, the one that fitted furthest was meant."""

    def __init__(self, why: str, path: str, fitted: int = 0) -> None:
        super().__init__(400, f"Bad Request: {why}")
        self.rank = (path.count(".") + path.count("["), fitted)


def _convert(value: Any, annotation: Any, path: str, textual: bool) -> Any:
    options = [option for option in _options(annotation) if option is not type(None) and not _internal(option)]
    if textual and str not in options and value[:1] in ("{", "["):
        try:
            value, textual = orjson.loads(value), False
        except orjson.JSONDecodeError as error:
            raise bad_request(f"can't parse {path} JSON object") from error
    mismatches: list[_Mismatch] = []
    for option in options:
        try:
            return _convert_one(value, option, path, textual)
        except _Mismatch as mismatch:
            mismatches.append(mismatch)
    raise max(mismatches, key=lambda mismatch: mismatch.rank)


def _internal(option: Any) -> bool:
    return isinstance(option, type) and option.__name__ in ("Default", "InputFile")


def _convert_one(value: Any, kind: Any, path: str, textual: bool) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if origin is typing.Literal:
        wanted = [getattr(one, "value", one) for one in typing.get_args(kind)]
        if value in wanted:
            return value
        raise _Mismatch(f'unsupported value "{value}" of {_last(path)}, {" or ".join(map(str, wanted))} expected', path)
    if origin is list:
        if not isinstance(value, list):
            raise _wrong(path, "Array")
        return [_convert(one, typing.get_args(kind)[0], f"{path}[{n}]", False) for n, one in enumerate(value)]
    if isinstance(kind, type) and hasattr(kind, "model_fields"):
        return _convert_model(value, kind, path)
    return _convert_plain(value, kind, path, textual)


def _convert_plain(value: Any, kind: Any, path: str, textual: bool) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        if value in [member.value for member in kind]:
            return value
        raise _Mismatch(f'unsupported value "{value}" of {_last(path)}', path)
    if kind is bool:
        if isinstance(value, bool):
            return value
        if textual and value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise _wrong(path, "Boolean")
    if kind is str:
        if isinstance(value, str):
            return value
        raise _wrong(path, "String")
    if kind in (int, float, datetime, timedelta):
        return _convert_number(value, kind, path, textual)
    raise TypeError(f"{path}: no check for {kind!r}")


def _convert_number(value: Any, kind: Any, path: str, textual: bool) -> int | float:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and kind is float:
        return value
    if textual:
        try:
            return float(value) if kind is float else int(value)
        except ValueError:
            raise _wrong(path, "Number") from None
    raise _wrong(path, "Float" if kind is float else "Integer")


def _convert_model(value: Any, model: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise _wrong(path, "Object")
    model.model_rebuild()  # made when it is first used, see bot/aiogram_types.py
    fields = {field.alias or key: field for key, field in model.model_fields.items()}
    known = value.keys() & fields.keys()
    prefix = _PARSED.get(model.__name__, "")
    for key in value:
        if key not in fields:
            raise _Mismatch(f'unknown parameter "{path}.{key}"', path, len(known))
    for key, field in fields.items():
        if field.is_required() and value.get(key) is None:
            missing = f'an\'t find field "{key}"'
            raise _Mismatch(f"{prefix}C{missing}" if prefix else f"c{missing}", path, len(known))
    result: Json = {}
    for key, inner in value.items():
        if inner is not None:
            try:
                result[key] = _convert(inner, fields[key].annotation, f"{path}.{key}", False)
            except _Mismatch as mismatch:
                if prefix and (told := mismatch.description.removeprefix("Bad Request: ")).startswith("field"):
                    mismatch.description = f"Bad Request: {prefix}F{told[1:]}"
                raise
    return result


# Telegram names what it could not parse for these.
_PARSED = {
    "InlineKeyboardButton": "can't parse inline keyboard button: ",
    "KeyboardButton": "can't parse keyboard button: ",
    "MessageEntity": "can't parse MessageEntity: ",
}


def _last(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _wrong(path: str, wanted: str) -> _Mismatch:
    named = "field" if "." in path else "parameter"
    return _Mismatch(f'{named} "{_last(path)}" must be of type {wanted}', path)
