"""The commands, thin: each imports only what it needs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.core_dumps import forbid_core_dumps
from bot.languages import Language
from bot.log import configure
from bot.qr.arguments import add_arguments
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.reports.chain import PrintedHead

STOPPED_BY_HAND: Final = 130


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and carry the command out; a trouble is told on stderr, exit code 1, or 78 for the key."""
    chosen = _parser().parse_args(_spelt_out(sys.argv[1:] if arguments is None else arguments))
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

    if chosen.texts or chosen.preview is not None:
        return whole.check_texts(settings, chosen.preview)
    code: int = _in_loop(lambda: whole.check(settings))
    return code


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

    with _refusals(NotTakenOut):
        return 0 if _in_loop(work) else 1


def _case_file(settings: Settings, chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from bot.clock import utc_now
    from bot.papers.case import Cases
    from bot.papers.case_file import CaseFiles
    from bot.papers.command import Asked, Command, NoCase
    from bot.papers.pieces import Pieces
    from bot.papers.workshop import NotMade, Workshop
    from bot.running import open_with_keys, tell
    from bot.wording import load_wording

    async def work() -> None:
        texts, zone = load_wording(settings.templates_dir).texts, ZoneInfo(settings.timezone)
        out = chosen.out or Path(f"case-{chosen.number}.zip")
        pieces = [name for named in chosen.pieces for name in named.split(",") if name]
        language = chosen.language or settings.desk_language
        asked = Asked(chosen.number, language, pieces, chosen.by, out, chosen.yes)
        async with open_with_keys(settings) as (database, ring):
            cases = Cases(Pieces(ring, texts, hidden_too=True), zone)
            files = CaseFiles(cases, Workshop(), ring, texts)
            for line in await Command(database, ring, files, texts).run(asked, utc_now()):
                tell(line)

    with _refusals(NoCase, NotMade):
        _in_loop(work)
    return 0


def _verify_case_file(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.papers.verifying import NoCaseFile, Verifying
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            whole, lines = await Verifying(database, ring).run(chosen.file)
        for line in lines:
            tell(line)
        return whole

    with _refusals(NoCaseFile):
        return 0 if _in_loop(work) else 1


def _register(settings: Settings, chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from bot.database import driver
    from bot.offices.store import read
    from bot.reports.register import Asked, NotRegistered, Register, statuses
    from bot.reports.register_files import FORMATS, write
    from bot.reports.register_template import load_columns
    from bot.running import open_with_keys
    from bot.wording import load_wording

    async def work() -> int:
        wording, columns = load_wording(settings.templates_dir), load_columns(settings.templates_dir)
        if chosen.out is None:
            raise NotRegistered("--out FILE is wanted: where is the register to be written?")
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
            async with database.transaction() as connection:
                # What the restricted desk has is shown on that desk alone.
                seen = (await read(await driver(connection))).scope(None)
            rows = Register(database, ring, ZoneInfo(settings.timezone)).rows(asked, seen)
            return await write(chosen.out, form, columns, settings.desk_language, wording.texts, rows)

    with _refusals(NotRegistered):
        count = _in_loop(work)
    print(f"{count} {'link' if count == 1 else 'links'} in {chosen.out}.")
    return 0


def _mark(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.clock import utc_now
    from bot.marking_command import Marked, NotMarked, mark
    from bot.reports.returned_template import load_returned_words
    from bot.running import open_with_keys, tell

    asked = Marked(chosen.file, chosen.decision, chosen.officer)

    async def work() -> list[str]:
        async with open_with_keys(settings) as (database, ring):
            return await mark(database, ring, asked, load_returned_words(settings.templates_dir), utc_now())

    with _refusals(NotMarked):
        for line in _in_loop(work):
            tell(line)
    return 0


def _stats(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.migrate import require_newest
    from bot.papers.figure_command import Asked, NotCounted, stats
    from bot.reports.statistics import Counting
    from bot.running import open_database
    from bot.wording import load_wording

    async def work() -> str:
        given = (chosen.first, chosen.last, chosen.week, chosen.by, chosen.format, chosen.out, chosen.office)
        asked, texts = Asked(*given).checked(), load_wording(settings.templates_dir).texts
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            counting = Counting(database, settings.timezone)
            return await stats(database, asked, counting, texts, settings.desk_language)

    with _refusals(NotCounted):
        sys.stdout.write(_in_loop(work))
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

    with _refusals(AreasRefused, then="Nothing was changed.\n"):
        areas = read_areas(chosen.file, properties(chosen.code, chosen.name_kk, chosen.name_ru, chosen.name_en))
    tell(_in_loop(work))
    return 0


def _offices(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.clock import utc_now
    from bot.keys import key_ring
    from bot.migrate import require_newest
    from bot.offices.wish import OfficeRefused, Wish
    from bot.offices_command import Registry
    from bot.running import open_database, tell
    from bot.wording import load_wording

    async def work() -> list[str]:
        kinds = tuple(load_wording(settings.templates_dir).kinds)
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            registry = Registry(database, kinds, settings.staff_chat_id, settings.desk_language)
            if chosen.act == "list":
                return await registry.listed()
            if chosen.act == "close":
                ring = await key_ring(settings, database)
                await ring.load()
                return [await registry.close(chosen.name, ring, utc_now())]
            wish = Wish(
                getattr(chosen, "rename", None) or chosen.name,
                chosen.chat,
                chosen.districts,
                chosen.kinds,
                chosen.language,
                getattr(chosen, "restricted", False),
            )
            add = chosen.act == "add"
            return [await (registry.add(wish, utc_now()) if add else registry.change(chosen.name, wish))]

    with _refusals(OfficeRefused, then="Nothing was changed.\n"):
        lines = _in_loop(work)
    for line in lines:
        tell(line)
    return 0


def _qr(settings: Settings, chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from bot.clock import utc_now
    from bot.migrate import require_newest
    from bot.qr.command import manage
    from bot.qr.errors import QrRefused
    from bot.qr.registry import Registry
    from bot.running import open_database, tell

    async def work() -> Callable[[], Iterable[str]]:
        today = utc_now().astimezone(ZoneInfo(settings.timezone)).date()
        async with open_database(settings) as (database, _url):
            await require_newest(database)
            return await manage(Registry(database, today), settings, chosen)

    with _refusals(QrRefused):
        # What takes minutes to draw is drawn when the database is let go.
        for line in _in_loop(work)():
            tell(line)
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
    (
        "stats",
        _stats,
        "tell the figures of a period beside the one before and the one a year ago",
        "shekteu stats --from 2026-11-01 --to 2026-11-30 --format xlsx --out november.xlsx",
    ),
    ("areas", _areas, "list the districts, or import their borders", "shekteu areas import districts.geojson"),
    (
        "offices",
        _offices,
        "give offices desks of their own, each for its districts and kinds",
        "shekteu offices add Байзак --chat -1001234567890 --districts 313600000",
    ),
    (
        "qr",
        _qr,
        "look after placements (billboards, stops, brochures, posts, stickers), and draw their codes and posters",
        "shekteu qr import placements.csv",
    ),
    ("evidence", None, "make and verify case files, take out photos as they were sent", "shekteu evidence 17"),
    ("journal", None, "prove that no act of the desk was changed", "shekteu journal verify"),
    ("keys", None, "look after the keys: `keys rotate` changes them while the bot runs", "shekteu keys rotate"),
)
HEAD: Final = "1204-9f3a5b1c22d0e7aa"
VERIFY: Final = (
    "Walk along the journal's chain, name the first act that was changed, taken out or put in, and print the chain's "
    "head. The exit code is 1 when something does not hold. Whoever has the server and the key can write a new chain: "
    "a head on paper finds that too."
)
CASE: Final = (
    "Write one ZIP for a case: a cover to be printed, the links, what officers did with the journal's proof, and the "
    "SHA-256 of each file. Nothing of what the citizen wrote, sent or pointed at is in it unless its pieces are named; "
    "without --with the command says which there are."
)
ROTATE: Final = (
    "Seal everything under a new key while the bot runs, and wrap the keyring by a new SECRET_KEY. For that, set "
    "SECRET_KEY to the new key and SECRET_KEY_PREVIOUS to the old one, and start the bot again first. Without "
    "SECRET_KEY_PREVIOUS the wrapping stays. It can be stopped and run again at any moment."
)


def _spelt_out(arguments: list[str]) -> list[str]:
    """Write `evidence 17` as `evidence case 17`."""
    short = arguments[:1] == ["evidence"] and len(arguments) > 1 and arguments[1].isdecimal()
    return ["evidence", "case", *arguments[1:]] if short else arguments


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
        acts = added.add_subparsers(metavar="ACT")
        marked = acts.add_parser(
            "mark",
            help="mark the links of a list as sent to be blocked, or as blocked",
            description="Mark the links of a list, such as the one that comes back from the system in which they are "
            "blocked. The running bot does it, tells the desk what came of it, and everybody who reported a link.",
            epilog="Example: shekteu register mark closed.xlsx --as blocked --officer Aigerim",
        )
        marked.add_argument("file", type=Path, metavar="FILE", help="a .txt, .csv or .xlsx")
        marked.add_argument("--as", dest="decision", required=True, metavar="WHAT", help="sent_to_block or blocked")
        marked.add_argument("--officer", required=True, metavar="NAME", help="who of the office says so")
        marked.set_defaults(command=_mark)
        added.add_argument("--out", type=Path, metavar="FILE", help="a file that is not there yet")
        added.add_argument("--format", metavar="FORMAT", help="xlsx, csv or json; else the ending of FILE says it")
        _day_options(added)
        added.add_argument("--kind", metavar="KIND", help="only links of reports of this kind, such as `link`")
        added.add_argument(
            "--status", metavar="STATUS", help="only links that stand so: new, sent_to_block, blocked, …"
        )
        added.add_argument(
            "--with-private",
            action="store_true",
            help="invites and personal addresses too: a dealer may have made them for the one who reported them",
        )
    elif name == "stats":
        added.add_argument("--week", action="store_true", help="the last seven days")
        added.add_argument("--month", action="store_true", help="the last thirty days; so it is without any of these")
        _day_options(added)
        added.add_argument("--by", metavar="WHAT", help="one table alone: kind, decision, district, platform or day")
        added.add_argument(
            "--format", default="text", metavar="FORMAT", help="text, json, csv, xlsx, pdf (a note) or png (a picture)"
        )
        added.add_argument("--out", type=Path, metavar="FILE", help="a file that is not there yet")
        added.add_argument("--office", metavar="NAME", help="of one office alone, or of the `main` desk")
    elif name == "check":
        added.add_argument("--texts", action="store_true", help="only the texts, in every language")
        added.add_argument(
            "--preview",
            nargs="?",
            const="",
            metavar="NAME",
            help="show the texts whose name begins so, such as citizen.menu, or all, as they will read",
        )
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
    elif name == "offices":
        _office_options(added)
    elif name == "qr":
        add_arguments(added)
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
        _case_options(acts)
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


def _day_options(added: argparse.ArgumentParser) -> None:
    for option, which in (("--from", "first"), ("--to", "last")):
        added.add_argument(
            option, dest=which, type=date.fromisoformat, metavar="DAY", help=f"the {which} day, as 2026-11-30"
        )


def _case_options(acts: Any) -> None:
    case = acts.add_parser(
        "case",
        help="write the case file of a report; `evidence 17` does the same",
        description=CASE,
        epilog="Example: shekteu evidence 17 --language kk --with words,photo-1 --yes",
    )
    case.add_argument("number", type=int, metavar="№", help="the number of the report on its card")
    case.add_argument("--language", type=Language, choices=tuple(Language), help="of the cover; else DESK_LANGUAGE")
    case.add_argument(
        "--with",
        dest="pieces",
        action="append",
        default=[],
        metavar="PIECE,…",
        help="put these pieces in; none is else",
    )
    case.add_argument("--yes", action="store_true", help="I know that the accused will read these pieces")
    case.add_argument("--by", metavar="NAME", help="who makes it, as the cover and the journal name them")
    case.add_argument("--out", type=Path, metavar="FILE", help="a file that is not there yet; else case-№.zip")
    case.set_defaults(command=_case_file)
    verify = acts.add_parser(
        "verify",
        help="say whether a case file is as it was made",
        description="Say whether a case file is as this office made it, and its acts stand in this office's journal. "
        "The exit code is 1 when something does not hold.",
        epilog="Example: shekteu evidence verify case-17.zip",
    )
    verify.add_argument("file", type=Path, metavar="FILE", help="the ZIP")
    verify.set_defaults(command=_verify_case_file)


def _office_options(added: argparse.ArgumentParser) -> None:
    acts = added.add_subparsers(metavar="ACT", dest="act")
    added.set_defaults(act="list")
    for act, about, example in (
        ("list", "list the offices and what goes to each", "shekteu offices list"),
        (
            "add",
            "add an office: its group is a desk from now on",
            "shekteu offices add Police --chat -1009 --kinds den,lab",
        ),
        ("change", "change an office; what is not given stays as it is", "shekteu offices change Байзак --language kk"),
        ("close", "close an office: its open cards go to the main desk", "shekteu offices close Байзак"),
    ):
        about = about[0].upper() + about[1:]
        one = acts.add_parser(act, help=about, description=f"{about}.", epilog=f"Example: {example}")
        if act == "list":
            continue
        one.add_argument("name", metavar="NAME", help="how the desks call it")
        if act == "close":
            continue
        one.add_argument(
            "--chat", type=int, required=act == "add", metavar="ID", help="its group, where the bot is administrator"
        )
        one.add_argument(
            "--districts", metavar="KATO,KATO", help="what lies in these districts goes there; none: everywhere"
        )
        one.add_argument("--kinds", metavar="KIND,KIND", help="only reports of these kinds go there; none: all")
        one.add_argument("--language", metavar="LANGUAGE", help="kk, ru or en; else DESK_LANGUAGE")
        if act == "add":
            one.add_argument(
                "--restricted", action="store_true", help="for what concerns officers: no other desk is shown any of it"
            )
        else:
            one.add_argument("--rename", metavar="NEW", help="its new name")


def _head(short: str) -> PrintedHead:
    from bot.reports.chain import PrintedHead

    try:
        return PrintedHead.read(short)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{short!r} is not as a head is printed, such as {HEAD}") from None


@contextmanager
def _refusals(*sorts: type[Exception], then: str = "") -> Iterator[None]:
    """End the command with 1, and the sentence alone, when it refuses what it was given."""
    try:
        yield
    except sorts as refused:
        sys.stderr.write(f"{str(refused) or refused.__doc__}\n{then}")
        sys.exit(1)


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
