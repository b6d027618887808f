"""What `shekteu check` asks about the desk: finding it when it is not set, and the bot's rights in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.checking.lines import Lines
from bot.delivery.errors import AnotherPoller, ChatMigrated, TelegramRefused
from bot.settings import Settings
from bot.telegram.api import Api
from bot.telegram.intake import UPDATES

LONG_POLL: Final = 20
LOOK_AGAIN: Final = 3.0
"""Seconds between looks while other updates wait: unconfirmed ones come back at once, and Telegram throttles that."""
BATCH: Final = 100
PRESENT: Final = ("member", "administrator", "creator", "restricted")
RIGHTS: Final = {
    "can_delete_messages": "Delete messages",
    "can_pin_messages": "Pin messages",
    "can_manage_topics": "Manage topics",
}
MAKE_IT_ONE: Final = "in the group's settings show its history to new members, which makes it a supergroup"


async def find_desk(lines: Lines, api: Api, me: Mapping[str, Any], wait: float) -> int | None:
    """Wait until the bot is in a supergroup, print the line for `.env`, and give the chat.

    No update is confirmed, so `run` gets each of them later: the offset never moves, and the kinds asked for are those
    that `run` asks for (Telegram drops a kind that nobody has asked for).
    """
    add = f"add @{me.get('username')} to the staff's supergroup, or write /help there if it is in it"
    lines.note("desk", f"STAFF_CHAT_ID is not set: {add}. Waiting {wait / 60:.0f} minutes (Ctrl+C ends it)")
    told: set[int] = set()
    updates: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(wait):
            while True:
                updates = await api.call(
                    "getUpdates",
                    {"timeout": LONG_POLL, "limit": BATCH, "allowed_updates": list(UPDATES)},
                    time_limit=LONG_POLL + 15,
                )
                if found := _groups(updates):
                    supergroups = {chat: title for chat, (sort, title) in found.items() if sort == "supergroup"}
                    if supergroups:
                        return _print(lines, supergroups)
                    if fresh := found.keys() - told:
                        told |= fresh
                        lines.note("desk", f"the bot is in a basic group; {MAKE_IT_ONE}. Waiting on")
                if updates:
                    await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        mend = "run `shekteu check` again and add the bot while it waits"
        if len(updates) >= BATCH:
            mend = (
                "other updates stand before it; open the group in Telegram's web client, whose address ends in the id"
            )
        lines.wrong("desk", "STAFF_CHAT_ID is not set, and the bot was added to no supergroup", mend)
    except AnotherPoller:
        mend = "stop the program that polls with this token, then run `shekteu check` again"
        lines.wrong("desk", "STAFF_CHAT_ID is not set, and another program takes this bot's updates", mend)
    return None


def _print(lines: Lines, supergroups: Mapping[int, str]) -> int:
    for chat, title in supergroups.items():
        mend = f"if that is your desk (anybody can add a bot), put this line into .env:\nSTAFF_CHAT_ID={chat}"
        lines.wrong("desk", f"STAFF_CHAT_ID is not set; the bot is in “{title}”", mend)
    return list(supergroups)[-1]


def _groups(updates: Iterable[Any]) -> dict[int, tuple[str, str]]:
    """Give the groups that the bot is in as far as updates tell, the latest last: id, sort and title."""
    found: dict[int, tuple[str, str]] = {}
    for update in updates:
        membership = update.get("my_chat_member") or {}
        message = update.get("message") or {}
        chat = membership.get("chat") or message.get("chat") or {}
        if chat.get("type") not in ("group", "supergroup"):
            continue
        found.pop(chat["id"], None)
        gone = membership and membership.get("new_chat_member", {}).get("status") not in PRESENT
        if not gone and "migrate_to_chat_id" not in message:
            found[chat["id"]] = (chat["type"], str(chat.get("title", "")))
    return found


async def check_desk(
    lines: Lines, settings: Settings, api: Api, me: Mapping[str, Any], desk: int, office: str | None = None
) -> None:
    """Check a desk's chat and what the bot may do in it: the main desk's, or an office's."""
    named = f"the group of “{office}”" if office else "STAFF_CHAT_ID"
    other = f"shekteu offices change “{office}” --chat"
    try:
        chat: dict[str, Any] = await api.call("getChat", {"chat_id": desk})
        member: dict[str, Any] = await api.call("getChatMember", {"chat_id": desk, "user_id": me["id"]})
    except ChatMigrated as moved:
        mend = f"{other} {moved.chat_id}" if office else f"STAFF_CHAT_ID={moved.chat_id}"
        lines.wrong("desk", f"{named} became a supergroup with another id", mend)
        return
    except TelegramRefused:
        mend = "add the bot to the desk's chat; to find the id, unset STAFF_CHAT_ID and run `shekteu check` again"
        if office:
            mend = f"add the bot to it, or give the office another: {other} ID"
        lines.wrong("desk", f"the bot knows no chat of {named if office else 'this STAFF_CHAT_ID'}", mend)
        return
    title = f"“{chat.get('title')}”"
    if chat.get("type") != "supergroup":
        mend = MAKE_IT_ONE if chat.get("type") == "group" else "make a supergroup for the staff, and add the bot to it"
        lines.wrong("desk", f"{named} is a {chat.get('type')}, not a supergroup", mend)
        return
    if chat.get("username"):
        lines.wrong("desk", f"{title} is public: anybody can read it", "make it private in the group's settings")
    if member.get("status") != "administrator":
        rights = ", ".join(RIGHTS[right] for right in _wanted(chat, settings))
        lines.wrong("desk", f"the bot is no administrator of {title}", f"make it one, with these rights: {rights}")
        return
    missing = [RIGHTS[right] for right in _wanted(chat, settings) if not member.get(right)]
    if missing:
        mend = "the group's settings, Administrators, the bot: turn them on"
        lines.wrong("desk", f"in {title} the bot lacks rights: {', '.join(missing)}", mend)
        return
    topics = " with topics" if chat.get("is_forum") else ""
    title = f"{title} of “{office}”" if office else title
    lines.fine("desk", f"{title}, a supergroup{topics}; the bot is an administrator with the rights that it needs")


def _wanted(chat: Mapping[str, Any], settings: Settings) -> list[str]:
    topics = chat.get("is_forum") and settings.desk_topics != "none"
    return [right for right in RIGHTS if right != "can_manage_topics" or topics]
