"""What `shekteu check` asks Telegram: the token, where updates go, and the bot's rights in the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from bot.checking.desk import check_desk, find_desk
from bot.checking.lines import Lines
from bot.delivery.errors import TelegramDown, TelegramRefused, TooMany
from bot.settings import TELEGRAM_API, Settings
from bot.telegram.api import Api

WEBHOOK_PORTS: Final = frozenset({443, 80, 88, 8443})
"""Telegram delivers to no other."""


async def check_telegram(
    lines: Lines, settings: Settings, token: str, desk: int | None, offices: Mapping[str, int], wait: float
) -> None:
    """Check the bot and its desks; without a main desk wait so many seconds until the bot is added to one."""
    api = Api(settings.telegram_api_url, token)
    await api.open()
    try:
        me = await _who(lines, settings, api)
        if me is None:
            return
        occupied = await _webhook(lines, settings, api)
        if desk is None:
            if not me.get("can_join_groups", True):
                lines.wrong("desk", "the bot may not be added to groups", "@BotFather: /setjoingroups, Enable")
                return
            if occupied:
                mend = "end the program that takes them, or make a bot of its own for this"
                lines.wrong("desk", "STAFF_CHAT_ID is not set, and this bot's updates go to a webhook", mend)
                return
            desk = await find_desk(lines, api, me, wait)
        if desk is not None:
            await check_desk(lines, settings, api, me, desk)
        for name, chat_id in offices.items():
            await check_desk(lines, settings, api, me, chat_id, name)
    except TooMany as error:
        lines.wrong("Telegram", "it asks to wait", f"try again in {error.seconds:.0f} seconds")
    except TelegramDown:
        lines.wrong("Telegram", *_down(settings))
    finally:
        await api.close()


async def _who(lines: Lines, settings: Settings, api: Api) -> dict[str, Any] | None:
    try:
        me: dict[str, Any] = await api.call("getMe")
    except TelegramRefused as refused:
        found = "it does not know this token" if refused.code in (401, 404) else f"it refuses getMe ({refused.code})"
        lines.wrong("Telegram", found, "copy BOT_TOKEN anew: @BotFather, /mybots, the bot, API Token")
        return None
    lines.fine("Telegram", f"the token is good, the bot is @{me.get('username')} ({me.get('first_name')})")
    if not me.get("can_read_all_group_messages"):
        lines.note(
            "Telegram", "privacy mode is on, which is well: as an administrator the bot sees its desk all the same"
        )
    return me


def _down(settings: Settings) -> tuple[str, str]:
    if settings.telegram_api_url == TELEGRAM_API:
        return "it cannot be reached", "look at the network; behind a proxy set HTTPS_PROXY"
    return "the server of TELEGRAM_API_URL does not answer as a Bot API does", "start it, or correct the address"


async def _webhook(lines: Lines, settings: Settings, api: Api) -> bool:
    """Compare where updates go with the settings; True when they go to a webhook that is not ours."""
    info: dict[str, Any] = await api.call("getWebhookInfo")
    set_to, wanted = info.get("url", ""), settings.webhook_url or ""
    waiting = f"; {count} updates wait" if (count := info.get("pending_update_count", 0)) else ""
    if wanted and settings.telegram_api_url == TELEGRAM_API and not _deliverable(wanted):
        ports = ", ".join(map(str, sorted(WEBHOOK_PORTS)))
        lines.wrong("webhook", "Telegram delivers to https alone", f"let WEBHOOK_URL be https, on port {ports}")
    if set_to == wanted:
        lines.fine(
            "webhook", ("Telegram delivers to WEBHOOK_URL" if wanted else "none is set; the bot polls") + waiting
        )
        if wanted and (failed := info.get("last_error_message")):
            lines.note("webhook", f"the last delivery that failed ended in “{failed}”; is it reachable from outside?")
        return False
    now = f"updates go to a webhook at {urlsplit(set_to).hostname}" if set_to else "none is set yet"
    then = "`run` sets WEBHOOK_URL" if wanted else "`run` ends that and polls"
    lines.note("webhook", f"{now}; {then}{waiting}")
    return bool(set_to)


def _deliverable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and (parts.port or 443) in WEBHOOK_PORTS
    except ValueError:
        return False
