"""`shekteu check`: says line by line what is right or wrong with an installation, and how to mend it.

It changes nothing: no key is made, no table, no webhook; no update of Telegram's is confirmed.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.checking.key import check_disk, check_key
from bot.checking.lines import Lines
from bot.embedded import Embedded, EmbeddedFailed
from bot.languages import Language
from bot.settings import Settings
from bot.texts import TextsBroken

if TYPE_CHECKING:
    from bot.template_folder import TemplateFolder

WAIT_FOR_DESK: Final = 300.0
"""Seconds in which somebody adds the bot to its desk."""


async def check(settings: Settings, wait: float = WAIT_FOR_DESK) -> int:
    """Check everything and give the exit code. Without STAFF_CHAT_ID wait so many seconds for the desk."""
    lines = Lines()
    with lines.guarded("settings"):
        _settings(lines, settings)
    with lines.guarded("texts"):
        folder = _texts(lines, settings)
        for name in folder.safety.unknown() if folder else []:
            lines.note("texts", f"no number for “{name}” yet, so it is hidden; ask the office, fill in contacts.toml")
    desk, offices = settings.staff_chat_id, dict[str, int]()
    key = None
    with lines.guarded("key"):
        key = check_key(lines, settings)
    with lines.guarded("database"):
        async with _database(lines, settings) as url:
            if url:
                from bot.checking.database import check_database

                chats = await check_database(lines, settings, url, key)
                desk, offices = chats.main, dict(chats.offices)
    with lines.guarded("Telegram"):
        await _telegram(lines, settings, desk, offices, wait)
    return lines.code


def check_texts(settings: Settings, shown: str | None = None) -> int:
    """Check the texts alone, in every language, and give the exit code.

    With `shown` print those whose name begins so, as they will read.
    """
    lines = Lines()
    with lines.guarded("texts"):
        folder = _texts(lines, settings)
        if shown is None:
            _designs(lines, settings)
        if folder and shown is not None:
            from bot.checking.preview import preview

            told = list(preview(folder.wording, shown))
            sys.stdout.write("\n".join([*told, ""]) if told else "")
            if not told:
                lines.wrong("texts", f"no text's name begins with {shown}", "name one like citizen.menu, or none")
    return lines.code


def _settings(lines: Lines, settings: Settings) -> None:
    names = sorted(name.upper() for name in settings.model_fields_set)
    lines.fine(
        "settings", f"{', '.join(names)} set, the others at their defaults" if names else "all at their defaults"
    )
    file = Path(".env")
    if file.exists():
        from dotenv import dotenv_values

        known = [name.upper() for name in Settings.model_fields]
        for name in dotenv_values(file, interpolate=False):
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.8)
            if near and near[0] != name.upper():
                lines.note("settings", f".env has {name}, which is no setting; {near[0]} is one")
        if file.stat().st_mode & 0o077:
            lines.note(
                "settings", "others on this machine can read .env, which holds secrets; `chmod 600 .env` ends that"
            )


def _texts(lines: Lines, settings: Settings) -> TemplateFolder | None:
    """Check the texts; None when they are not as they must be."""
    from bot.template_folder import read_folder

    try:
        folder = read_folder(settings.templates_dir)
    except TextsBroken as broken:
        for fault in str(broken).splitlines():
            lines.wrong(
                "texts", fault, "mend it in the file of TEMPLATES_DIR; the line says which text and what is amiss"
            )
        return None
    texts, kinds = folder.wording.texts, folder.wording.kinds
    lines.fine("texts", f"{len(texts)} texts in {len(Language)} languages, {len(kinds)} kinds: fine")
    return folder


def _designs(lines: Lines, settings: Settings) -> None:
    """Try the designs of posters: `/qr` and `shekteu qr posters` read them each time they draw."""
    from bot.qr.trying import tried

    for design in tried(settings.templates_dir):
        name = f"posters/{design.name}"
        for fault in design.faults:
            lines.wrong("texts", f"{name} {fault}", "mend it in the file of TEMPLATES_DIR")
        if design.missing:
            lines.note("texts", f"{name} has no texts in {', '.join(design.missing)}: no poster can be made in it")
        if not design.faults:
            lines.fine("texts", f"{name} fits in every format, its codes are read")


@asynccontextmanager
async def _database(lines: Lines, settings: Settings) -> AsyncIterator[str | None]:
    """Give the database's address, with the embedded server up meanwhile; None when there is none to look at."""
    if settings.database_url:
        yield settings.database_url.get_secret_value()
        return
    embedded = Embedded(settings.home)
    # Looking must not make anything: neither folders nor a cluster.
    if not settings.home.exists() or not embedded.cluster.place.cluster.exists():
        lines.note("database", "there is none in DATA_DIR yet; `run` makes it")
        check_disk(lines, settings, settings.home)
        yield None
        return
    try:
        await embedded.start()
    except EmbeddedFailed as failed:
        lines.wrong("database", str(failed), "if another program runs it, stop that; else read postgres.log beside it")
        yield None
        return
    try:
        await embedded.ensure_database()
        check_disk(lines, settings, embedded.cluster.place.cluster)
        yield embedded.url()
    finally:
        await embedded.stop()


async def _telegram(lines: Lines, settings: Settings, desk: int | None, offices: dict[str, int], wait: float) -> None:
    if settings.bot_token is None:
        lines.note("Telegram", "no BOT_TOKEN, so `run` starts the sandbox: nothing leaves this computer")
        return
    from bot.checking.telegram import check_telegram

    await check_telegram(lines, settings, settings.bot_token.get_secret_value(), desk, offices, wait)
