"""`shekteu check`: says line by line what is right or wrong with an installation, and how to mend it.

It changes nothing: no key is made, no table, no webhook; no update of Telegram's is confirmed.
"""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.checking.key import check_disk, check_key
from bot.checking.lines import Lines
from bot.embedded import Embedded, EmbeddedFailed
from bot.languages import Language
from bot.settings import Settings
from bot.texts import TextsBroken

WAIT_FOR_DESK: Final = 300.0
"""Seconds in which somebody adds the bot to its desk."""


async def check(settings: Settings, wait: float = WAIT_FOR_DESK) -> int:
    """Check everything and give the exit code. Without STAFF_CHAT_ID wait so many seconds for the desk."""
    lines = Lines()
    with lines.guarded("settings"):
        _settings(lines, settings)
    with lines.guarded("texts"):
        for name in _texts(lines, settings):
            lines.note("texts", f"no number for “{name}” yet, so it is hidden; ask the office, fill in contacts.toml")
    desk = settings.staff_chat_id
    key = None
    with lines.guarded("key"):
        key = check_key(lines, settings)
    with lines.guarded("database"):
        async with _database(lines, settings) as url:
            if url:
                from bot.checking.database import check_database

                desk = await check_database(lines, settings, url, key)
    with lines.guarded("Telegram"):
        await _telegram(lines, settings, desk, wait)
    return lines.code


def check_texts(settings: Settings) -> int:
    """Check the texts alone, in every language, and give the exit code."""
    lines = Lines()
    with lines.guarded("texts"):
        _texts(lines, settings)
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


def _texts(lines: Lines, settings: Settings) -> list[str]:
    """Check the texts and name the numbers of help that the office still has to give."""
    from bot.citizen.labels import Labels
    from bot.citizen.safety import Safety
    from bot.reports.register_template import load_columns
    from bot.wording import load_wording

    try:
        wording = load_wording(settings.templates_dir)
        load_columns(settings.templates_dir)
        unknown = Safety(settings.templates_dir).unknown()
        Labels(wording.texts, wording.kinds)
    except (TextsBroken, ValueError) as broken:  # ValueError: two labels that read alike
        for fault in str(broken).splitlines():
            lines.wrong(
                "texts", fault, "mend it in the file of TEMPLATES_DIR; the line says which text and what is amiss"
            )
        return []
    lines.fine("texts", f"{len(wording.texts)} texts in {len(Language)} languages, {len(wording.kinds)} kinds: fine")
    return unknown


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


async def _telegram(lines: Lines, settings: Settings, desk: int | None, wait: float) -> None:
    if settings.bot_token is None:
        lines.note("Telegram", "no BOT_TOKEN, so `run` starts the sandbox: nothing leaves this computer")
        return
    from bot.checking.telegram import check_telegram

    await check_telegram(lines, settings, settings.bot_token.get_secret_value(), desk, wait)
