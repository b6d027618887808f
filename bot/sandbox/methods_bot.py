"""Methods about the bot itself: who it is, its updates, commands and descriptions."""

import re

from bot.sandbox.core import Core
from bot.sandbox.entities import units
from bot.sandbox.errors import bad_request
from bot.sandbox.methods import method
from bot.sandbox.posting import chat_of
from bot.sandbox.world import Json

_SCOPES_OF_CHATS = ("chat", "chat_administrators", "chat_member")


@method("getMe")
async def get_me(core: Core, _given: Json) -> Json:
    """The bot, with what only it is told."""
    return {
        **core.me(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("getUpdates")
async def get_updates(core: Core, given: Json) -> list[Json]:
    """Wait for updates and confirm those below the offset."""
    core.updates.allow(given.get("allowed_updates"))
    timeout = given.get("timeout", 0)
    if timeout < 0:
        raise bad_request("timeout must be non-negative")
    return await core.updates.get(given.get("offset", 0), given.get("limit", 100), min(timeout, 50))


@method("setMyCommands")
async def set_my_commands(core: Core, given: Json) -> bool:
    """Commands of a scope and a language."""
    if len(given["commands"]) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in given["commands"]:
        name = command["command"].removeprefix("/")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= units(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    core.profile.commands[_scope(core, given)] = given["commands"]
    return True


@method("getMyCommands")
async def get_my_commands(core: Core, given: Json) -> list[Json]:
    """The commands of exactly this scope and language."""
    return core.profile.commands.get(_scope(core, given), [])


@method("deleteMyCommands")
async def delete_my_commands(core: Core, given: Json) -> bool:
    """Forget the commands of a scope and language."""
    core.profile.commands.pop(_scope(core, given), None)
    return True


@method("setMyName")
async def set_my_name(core: Core, given: Json) -> bool:
    """The bot's name in a language."""
    return _set(core.profile.names, given, "name", 64)


@method("getMyName")
async def get_my_name(core: Core, given: Json) -> Json:
    """The name in a language, else the default one."""
    return {"name": _get(core.profile.names, given) or core.bot_name}


@method("setMyDescription")
async def set_my_description(core: Core, given: Json) -> bool:
    """What an empty chat shows."""
    return _set(core.profile.descriptions, given, "description", 512)


@method("getMyDescription")
async def get_my_description(core: Core, given: Json) -> Json:
    """The description in a language, else the default one."""
    return {"description": _get(core.profile.descriptions, given)}


@method("setMyShortDescription")
async def set_my_short_description(core: Core, given: Json) -> bool:
    """What the bot's profile shows."""
    return _set(core.profile.short_descriptions, given, "short_description", 120)


@method("getMyShortDescription")
async def get_my_short_description(core: Core, given: Json) -> Json:
    """The short description in a language, else the default one."""
    return {"short_description": _get(core.profile.short_descriptions, given)}


@method("setChatMenuButton")
async def set_chat_menu_button(core: Core, given: Json) -> bool:
    """What stands beside the input field."""
    chat_id = given.get("chat_id")
    if chat_id is not None:
        chat_of(core, chat_id)
    core.profile.menu_buttons[chat_id] = given.get("menu_button", {"type": "default"})
    return True


def _set(table: dict[str, str], given: Json, field: str, limit: int) -> bool:
    value = given.get(field, "")
    if units(value) > limit:
        raise bad_request(f"{field} must be at most {limit} characters long")
    table[_language(given)] = value
    return True


def _get(table: dict[str, str], given: Json) -> str:
    return table.get(_language(given)) or table.get("", "")


def _language(given: Json) -> str:
    code: str = given.get("language_code", "")
    if code and not (len(code) == 2 and code.isalpha() and code.islower()):
        raise bad_request("invalid language code specified")
    return code


def _scope(core: Core, given: Json) -> tuple[str, str]:
    scope = given.get("scope") or {"type": "default"}
    if scope["type"] in _SCOPES_OF_CHATS:
        chat_of(core, scope["chat_id"])
    name = ":".join(str(scope[key]) for key in ("type", "chat_id", "user_id") if key in scope)
    return name, _language(given)
