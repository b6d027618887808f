"""`shekteu qr`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from bot.commands.command import Command, in_loop, refusals
from bot.qr.layouts import GRIDS, USUAL, Format
from bot.qr.placement import Surface
from bot.settings import Settings


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
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

    with refusals(QrRefused):
        # What takes minutes to draw is drawn when the database is let go.
        for line in in_loop(work)():
            tell(line)
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.set_defaults(act="list", campaign=None, closed=False)


def _list(added: argparse.ArgumentParser) -> None:
    added.add_argument("--closed", action="store_true", help="closed ones too")
    _campaign(added)


def _add(added: argparse.ArgumentParser) -> None:
    added.add_argument("name", metavar="NAME", help="how the office calls it")
    added.add_argument("--surface", required=True, metavar="SURFACE", help=", ".join(Surface))
    added.add_argument("--district", default="", metavar="DISTRICT", help="its KATO code or its name")
    added.add_argument("--language", default="kk,ru", metavar="LANGUAGE", help="kk, ru or en, or two: kk,ru")
    _campaign(added, wanted=True)


def _import(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a .csv or .xlsx with the columns name, district, surface, language, campaign",
    )


def _rename(added: argparse.ArgumentParser) -> None:
    _place(added)
    added.add_argument("name", metavar="NEW", help="its new name")


def _move(added: argparse.ArgumentParser) -> None:
    _place(added)
    added.add_argument("--district", metavar="DISTRICT", help="its KATO code or name; '' for none")
    added.add_argument("--surface", metavar="SURFACE", help=", ".join(Surface))


def _code(added: argparse.ArgumentParser) -> None:
    _place(added)
    added.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .png or .svg, not there yet")
    added.add_argument("--size", type=float, default=60, metavar="MM", help="its side with the quiet zone")
    added.add_argument("--emblem", type=Path, metavar="FILE", help="a PNG or SVG for its middle")
    _bot(added)


def _posters(added: argparse.ArgumentParser) -> None:
    added.add_argument("--format", required=True, metavar="FORMAT", help=", ".join(Format))
    added.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder they go to")
    added.add_argument("--place", metavar="PLACE", help="of one placement alone: its code or its name")
    added.add_argument("--language", metavar="LANGUAGE", help="kk, ru or en, or kk,ru; else each placement's own")
    added.add_argument("--one", action="store_true", help="one PDF with a page for each")
    added.add_argument("--plain", action="store_true", help="without bleed and crop marks, for a printer at hand")
    added.add_argument(
        "--per-page", type=int, default=USUAL, metavar="N", help=f"stickers of a page: {', '.join(map(str, GRIDS))}"
    )
    added.add_argument("--template", default="standard", metavar="NAME", help="a file of templates/posters/")
    _bot(added)
    _campaign(added)


def _place(added: argparse.ArgumentParser) -> None:
    added.add_argument("place", metavar="PLACE", help="its code or its name")
    _campaign(added)


def _campaign(added: argparse.ArgumentParser, *, wanted: bool = False) -> None:
    added.add_argument("--campaign", required=wanted, metavar="CAMPAIGN", help="of this campaign")


def _bot(added: argparse.ArgumentParser) -> None:
    added.add_argument("--bot", metavar="NAME", help="the bot's name; else Telegram is asked, with BOT_TOKEN")


ACTS: Final = (
    Command("list", None, "list the placements", "shekteu qr list --campaign autumn", _list),
    Command(
        "add",
        None,
        "add a placement",
        "shekteu qr add 'Тараз, Абай 12' --campaign autumn --surface stop --district Тараз",
        _add,
    ),
    Command(
        "import",
        None,
        "add the placements of a table, all of them or none",
        "shekteu qr import placements.csv",
        _import,
    ),
    Command(
        "rename", None, "give a placement another name", "shekteu qr rename 'Тараз, Абай 12' 'Тараз, Абай 14'", _rename
    ),
    Command(
        "move",
        None,
        "note that a placement stands elsewhere now",
        "shekteu qr move QbT7rWn3gh --district Байзақ",
        _move,
    ),
    Command("close", None, "close a placement; its code still starts the bot", "shekteu qr close QbT7rWn3gh", _place),
    Command(
        "code",
        None,
        "draw the code of a placement as PNG or SVG",
        "shekteu qr code QbT7rWn3gh --size 60 --out abai-12.svg",
        _code,
    ),
    Command(
        "posters",
        None,
        "draw posters, or sheets of stickers, for a campaign; it can be stopped and run again",
        "shekteu qr posters --campaign autumn --format a3 --language kk,ru --out posters",
        _posters,
    ),
)
COMMAND: Final = Command(
    "qr",
    _run,
    "look after placements (billboards, stops, brochures, posts, stickers), and draw their codes and posters",
    "shekteu qr import placements.csv",
    _arguments,
    ACTS,
)
