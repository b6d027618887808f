"""The commands, thin: each imports only what it needs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.core_dumps import forbid_core_dumps
from bot.languages import Language
from bot.log import configure
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.reports.chain import PrintedHead

STOPPED_BY_HAND: Final = 130


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and carry the command out; a trouble is told on stderr, exit code 1, or 78 for the key."""
    chosen = _parser().parse_args(arguments)
    settings: Settings | None = None
    forbid_core_dumps()
    try:
        settings = load()
        configure(settings.log_level)
        code: int = chosen.command(settings, chosen)
    except KeyboardInterrupt:
        code = STOPPED_BY_HAND
    except Exception as error:
        from bot.troubles import KEYS_DO_NOT_FIT, exit_code, explain

        sys.stderr.write(explain(error, settings) + "\n")
        code = exit_code(error)
        if code == KEYS_DO_NOT_FIT and getattr(chosen, "hold", False):
            _hold()
    sys.exit(code)


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from bot.running import run

    _in_loop(lambda: run(settings))
    return 0


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from bot.migrate import migrate
    from bot.running import open_database

    async def work() -> None:
        async with open_database(settings) as (database, _url):
            await migrate(database)

    _in_loop(work)
    print("The database is at the newest revision.")
    return 0


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.checking import whole

    return whole.check_texts(settings) if chosen.texts else _in_loop(lambda: whole.check(settings))


def _purge(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.running import purge_now

    _in_loop(lambda: purge_now(settings, dry=chosen.dry_run))
    return 0


def _rotate(settings: Settings, _: argparse.Namespace) -> int:
    from bot.keys import key_ring
    from bot.migrate import require_newest
    from bot.rotation import Rotation
    from bot.running import open_database, tell

    async def work() -> bool:
        async with open_database(settings) as (database, url):
            await require_newest(database)
            rotated = await Rotation(database, url, await key_ring(settings, database), tell).run()
        if rotated and settings.secret_key_previous:
            tell("SECRET_KEY_PREVIOUS is needed no longer: take it out of the settings, and start the bot again.")
        return rotated

    return 0 if _in_loop(work) else 1


def _originals(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.originals import NotTakenOut, Originals
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            taken = await Originals(database, ring).take_out(chosen.number, chosen.out)
        for line in taken.lines(chosen.out):
            tell(line)
        return taken.whole

    try:
        return 0 if _in_loop(work) else 1
    except NotTakenOut as nothing:
        sys.stderr.write(f"{nothing}\n")
        return 1


def _register(settings: Settings, chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from bot.reports.register import Asked, NotRegistered, Register, statuses
    from bot.reports.register_files import FORMATS, write
    from bot.reports.register_template import load_columns
    from bot.running import open_with_keys
    from bot.wording import load_wording

    async def work() -> int:
        wording, columns = load_wording(settings.templates_dir), load_columns(settings.templates_dir)
        form = chosen.format or chosen.out.suffix.removeprefix(".").lower()
        for name, given, known in (
            ("--format", form, FORMATS),
            ("--kind", chosen.kind, wording.kinds),
            ("--status", chosen.status, statuses()),
        ):
            if given is not None and given not in known:
                raise NotRegistered(f"{name} {given}: one of {', '.join(known)} is wanted.")
        asked = Asked(chosen.first, chosen.last, chosen.kind, chosen.status, chosen.with_private)
        async with open_with_keys(settings) as (database, ring):
            rows = Register(database, ring, ZoneInfo(settings.timezone)).rows(asked)
            return await write(chosen.out, form, columns, settings.desk_language, wording.texts, rows)

    try:
        count = _in_loop(work)
    except NotRegistered as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    print(f"{count} {'link' if count == 1 else 'links'} in {chosen.out}.")
    return 0


def _journal(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.clock import utc_now
    from bot.journal import Verifying
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            found = await Verifying(database, ring, utc_now(), chosen.head).run()
        for line in found.lines():
            tell(line)
        return found.whole

    return 0 if _in_loop(work) else 1


def _backup(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.backup import back_up, require_database
    from bot.postgres_programs import tidily
    from bot.running import open_database, tell

    async def work() -> None:
        require_database(settings)
        async with open_database(settings) as (_database, url):
            written = await back_up(url, chosen.file)
        for line in written.lines():
            tell(line)

    _in_loop(lambda: tidily(work()))
    return 0


def _restore(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.archive import Archive
    from bot.clock import utc_now
    from bot.migrate import migrate
    from bot.postgres_programs import tidily
    from bot.restore import require_fit, restore
    from bot.running import open_database, tell

    async def work() -> None:
        archive = Archive(chosen.file)
        await require_fit(archive, settings)
        async with open_database(settings, alone=True) as (database, url):
            restored = await restore(url, archive, utc_now())
            await migrate(database)
        for line in restored.lines(settings):
            tell(line)

    _in_loop(lambda: tidily(work()))
    return 0


def _areas(settings: Settings, _: argparse.Namespace) -> int:
    from bot.areas.command import listed
    from bot.migrate import require_newest
    from bot.running import open_database, tell

    async def work() -> None:
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            lines = await listed(database)
        for line in lines:
            tell(line)

    _in_loop(work)
    return 0


def _import_areas(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.areas.command import bring, properties
    from bot.areas.geojson import AreasRefused, read_areas
    from bot.migrate import require_newest
    from bot.running import open_database, tell

    async def work() -> str:
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            return await bring(database, areas)

    try:
        areas = read_areas(chosen.file, properties(chosen.code, chosen.name_kk, chosen.name_ru, chosen.name_en))
    except AreasRefused as refused:
        sys.stderr.write(f"{refused}\nNothing was changed.\n")
        return 1
    tell(_in_loop(work))
    return 0


COMMANDS: Final = (
    ("run", _run, "run the bot, or without BOT_TOKEN the sandbox", "BOT_TOKEN=… STAFF_CHAT_ID=-100… shekteu run"),
    ("migrate", _migrate, "bring the database to the newest revision", "DATABASE_URL=postgresql://… shekteu migrate"),
    ("check", _check, "say line by line what is right or wrong, and how to mend it", "shekteu check --texts"),
    ("purge", _purge, "delete what is stored no longer than its term, now", "shekteu purge --dry-run"),
    ("backup", _backup, "write a backup into a new file, while the bot runs", "shekteu backup shekteu-2026-11-23.dump"),
    (
        "restore",
        _restore,
        "bring a backup into an empty database",
        "DATABASE_URL=postgresql://…/empty shekteu restore shekteu-2026-11-23.dump",
    ),
    (
        "register",
        _register,
        "write the reported links into a file, one row a resource, for the system in which they are blocked",
        "shekteu register --from 2026-11-01 --to 2026-11-30 --status new --out november.xlsx",
    ),
    ("areas", _areas, "list the districts, or import their borders", "shekteu areas import districts.geojson"),
    ("evidence", None, "take out what is kept as evidence", "shekteu evidence originals 17 --out report-17"),
    ("journal", None, "prove that no act of the desk was changed", "shekteu journal verify"),
    ("keys", None, "look after the keys: `keys rotate` changes them while the bot runs", "shekteu keys rotate"),
)
HEAD: Final = "1204-9f3a5b1c22d0e7aa"
VERIFY: Final = (
    "Walk along the journal's chain, name the first act that was changed, taken out or put in, and print the chain's "
    "head. The exit code is 1 when something does not hold. Whoever has the server and the key can write a new chain: "
    "a head on paper finds that too."
)
ROTATE: Final = (
    "Seal everything under a new key while the bot runs, and wrap the keyring by a new SECRET_KEY. For that, set "
    "SECRET_KEY to the new key and SECRET_KEY_PREVIOUS to the old one, and start the bot again first. Without "
    "SECRET_KEY_PREVIOUS the wrapping stays. It can be stopped and run again at any moment."
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shekteu", description="Anonymous reporting of the drug trade through Telegram, and the prosecutors' desk."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, about, example in COMMANDS:
        about = about[0].upper() + about[1:]
        added = commands.add_parser(name, help=about, description=f"{about}.", epilog=f"Example: {example}")
        added.set_defaults(command=command)
        _options(name, added)
    return parser


def _options(name: str, added: argparse.ArgumentParser) -> None:
    if name == "run":
        added.add_argument(
            "--hold",
            action="store_true",
            help="for containers: with a key that does not fit, wait to be stopped instead of ending again and again",
        )
    elif name == "purge":
        added.add_argument("--dry-run", action="store_true", help="say what is due, and delete nothing")
    elif name in ("backup", "restore"):
        added.add_argument("file", type=Path, metavar="FILE", help="where it is, or will be")
    elif name == "register":
        added.add_argument("--out", type=Path, required=True, metavar="FILE", help="a file that is not there yet")
        added.add_argument("--format", metavar="FORMAT", help="xlsx, csv or json; else the ending of FILE says it")
        for option, where, about in (("--from", "first", "first"), ("--to", "last", "last")):
            added.add_argument(
                option, dest=where, type=date.fromisoformat, metavar="DAY", help=f"the {about} day, as 2026-11-30"
            )
        added.add_argument("--kind", metavar="KIND", help="only links of reports of this kind, such as `link`")
        added.add_argument(
            "--status", metavar="STATUS", help="only links that stand so: new, sent_to_block, blocked, …"
        )
        added.add_argument(
            "--with-private",
            action="store_true",
            help="invites and personal addresses too: a dealer may have made them for the one who reported them",
        )
    elif name == "check":
        added.add_argument("--texts", action="store_true", help="only the texts, in every language")
    elif name == "areas":
        acts = added.add_subparsers(metavar="ACT")
        acts.add_parser(
            "list", help="list them", description="List the districts.", epilog="Example: shekteu areas list"
        )
        brought = acts.add_parser(
            "import",
            help="put the districts of a file in the place of those that are there",
            description="Put the districts of a GeoJSON file in the place of those that are there: all of them, or "
            "none if one is not as it must be. The bot takes them up by itself.",
            epilog="Example: shekteu areas import districts.geojson --code KATO --name-en NAME_LATIN",
        )
        brought.add_argument("file", type=Path, metavar="FILE", help="polygons in WGS 84, longitude first")
        for option, what, known in (
            ("code", "KATO code", "KATO, kato, code"),
            *(
                (f"name-{each}", f"name in {each}", f"ADM2_{each.upper()}, name_{each}, name:{each}")
                for each in Language
            ),
        ):
            brought.add_argument(f"--{option}", metavar="PROPERTY", help=f"which property is the {what} ({known})")
        brought.set_defaults(command=_import_areas)
    elif name == "evidence":
        acts = added.add_subparsers(required=True, metavar="ACT")
        originals = acts.add_parser(
            "originals",
            help="write the photos of a report as they were sent, with their SHA256SUMS",
            description="Write the photos of a report as they were sent into a folder, and SHA256SUMS beside them. "
            "They may hold where and by which phone they were taken. Kept with EVIDENCE_ORIGINALS=on alone.",
            epilog="Example: shekteu evidence originals 17 --out report-17",
        )
        originals.add_argument("number", type=int, metavar="№", help="the number of the report on its card")
        originals.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")
        originals.set_defaults(command=_originals)
    elif name == "journal":
        acts = added.add_subparsers(required=True, metavar="ACT")
        verify = acts.add_parser(
            "verify",
            help="name the first act that was changed, taken out or put in",
            description=VERIFY,
            epilog=f"Example: shekteu journal verify --head {HEAD}",
        )
        verify.add_argument(
            "--head", type=_head, metavar="HEAD", help="a head that was printed before: the chain must pass it"
        )
        verify.set_defaults(command=_journal)
    elif name == "keys":
        acts = added.add_subparsers(required=True, metavar="ACT")
        rotate = acts.add_parser(
            "rotate", help="change the keys", description=ROTATE, epilog="Example: shekteu keys rotate"
        )
        rotate.set_defaults(command=_rotate)


def _head(short: str) -> PrintedHead:
    from bot.reports.chain import PrintedHead

    try:
        return PrintedHead.read(short)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{short!r} is not as a head is printed, such as {HEAD}") from None


def _hold() -> None:
    """Wait to be stopped: whoever starts us again and again would hide the one line that tells what is wrong."""
    sys.stderr.write("Starting again would not help, so this waits to be stopped.\n")
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    signal.sigwait(stops)


def _in_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


if __name__ == "__main__":
    main()
