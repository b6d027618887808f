"""aiogram's types are made when they are first used, and are then what they always were."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

from tests.stage import ROOT

MADE = """
import sys
{first}
import aiogram.types
from aiogram.methods import GetChat, SendMessage
from aiogram.methods.base import Response
made = [name for name in aiogram.types.__all__ if getattr(getattr(aiogram.types, name), "__pydantic_complete__", 0)]
chat = {{"id": 1, "type": "private"}}
message = {{"message_id": 7, "date": 1, "chat": chat, "from": {{"id": 1, "is_bot": False, "first_name": "A"}}}}
update = aiogram.types.Update.model_validate({{"update_id": 1, "message": {{**message, "reply_to_message": message}}}})
print(len(made) < 50, repr(update))
button = aiogram.types.InlineKeyboardButton(text="a", callback_data="b")
keyboard = aiogram.types.InlineKeyboardMarkup(inline_keyboard=[[button]])
print(repr(SendMessage(chat_id=1, text="a", reply_markup=keyboard)))
print(repr(Response[SendMessage.__returning__].model_validate({{"ok": True, "result": message}})))
try:
    aiogram.types.Message.model_validate({{**message, "chat": 5}})
except ValueError as error:
    print(error.errors()[0]["loc"], error.errors()[0]["type"])
"""


@cache
def told(first: str) -> tuple[str, str]:
    """Whether few types were made at the import, and what the types then do."""
    done = subprocess.run(
        [sys.executable, "-c", MADE.format(first=first)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    few, _, rest = done.stdout.partition(" ")
    return few, rest


@pytest.mark.parametrize("late", ["import bot.aiogram_types", "import bot.bootstrap"])
def test_types_that_are_made_late_do_what_they_do_when_made_at_once(late: str) -> None:
    few, rest = told(late)
    at_once, wanted = told("")
    assert (few, at_once) == ("True", "False")
    assert rest == wanted
    assert "('chat',)" in rest


def test_whoever_has_imported_aiogram_before_is_not_disturbed() -> None:
    assert told("import aiogram, bot.aiogram_types") == told("")
