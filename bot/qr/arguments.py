"""What may follow `shekteu qr`. Imported at each start of a command: nothing heavy here."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bot.qr.layouts import GRIDS, USUAL, Format
from bot.qr.placement import Surface

ACTS: Final = (
    ("list", "list the placements", "shekteu qr list --campaign autumn"),
    ("add", "add a placement", "shekteu qr add 'Тараз, Абай 12' --campaign autumn --surface stop --district Тараз"),
    ("import", "add the placements of a table, all of them or none", "shekteu qr import placements.csv"),
    ("rename", "give a placement another name", "shekteu qr rename 'Тараз, Абай 12' 'Тараз, Абай 14'"),
    ("move", "note that a placement stands elsewhere now", "shekteu qr move QbT7rWn3gh --district Байзақ"),
    ("close", "close a placement; its code still starts the bot", "shekteu qr close QbT7rWn3gh"),
    ("code", "draw the code of a placement as PNG or SVG", "shekteu qr code QbT7rWn3gh --size 60 --out abai-12.svg"),
    (
        "posters",
        "draw posters, or sheets of stickers, for a campaign; it can be stopped and run again",
        "shekteu qr posters --campaign autumn --format a3 --language kk,ru --out posters",
    ),
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what each act takes."""
    acts = command.add_subparsers(metavar="ACT", dest="act")
    command.set_defaults(act="list", campaign=None, closed=False)
    for act, about, example in ACTS:
        about = about[0].upper() + about[1:]
        one = acts.add_parser(act, help=about, description=f"{about}.", epilog=f"Example: {example}")
        _arguments(act, one)


def _arguments(act: str, one: Any) -> None:
    if act in ("rename", "move", "close", "code"):
        one.add_argument("place", metavar="PLACE", help="its code or its name")
    match act:
        case "list":
            one.add_argument("--closed", action="store_true", help="closed ones too")
        case "add":
            one.add_argument("name", metavar="NAME", help="how the office calls it")
            one.add_argument("--surface", required=True, metavar="SURFACE", help=", ".join(Surface))
            one.add_argument("--district", default="", metavar="DISTRICT", help="its KATO code or its name")
            one.add_argument("--language", default="kk,ru", metavar="LANGUAGE", help="kk, ru or en, or two: kk,ru")
        case "import":
            one.add_argument(
                "file",
                type=Path,
                metavar="FILE",
                help="a .csv or .xlsx with the columns name, district, surface, language, campaign",
            )
        case "rename":
            one.add_argument("name", metavar="NEW", help="its new name")
        case "move":
            one.add_argument("--district", metavar="DISTRICT", help="its KATO code or name; '' for none")
            one.add_argument("--surface", metavar="SURFACE", help=", ".join(Surface))
        case "code":
            one.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .png or .svg, not there yet")
            one.add_argument("--size", type=float, default=60, metavar="MM", help="its side with the quiet zone")
            one.add_argument("--emblem", type=Path, metavar="FILE", help="a PNG or SVG for its middle")
            _bot(one)
        case "posters":
            one.add_argument("--format", required=True, metavar="FORMAT", help=", ".join(Format))
            one.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder they go to")
            one.add_argument("--place", metavar="PLACE", help="of one placement alone: its code or its name")
            one.add_argument("--language", metavar="LANGUAGE", help="kk, ru or en, or kk,ru; else each placement's own")
            one.add_argument("--one", action="store_true", help="one PDF with a page for each")
            one.add_argument("--plain", action="store_true", help="without bleed and crop marks, for a printer at hand")
            one.add_argument(
                "--per-page", type=int, default=USUAL, metavar="N", help=f"stickers of a page: {_listed(GRIDS)}"
            )
            one.add_argument("--template", default="standard", metavar="NAME", help="a file of templates/posters/")
            _bot(one)
    if act != "import":
        one.add_argument("--campaign", required=act == "add", metavar="CAMPAIGN", help="of this campaign")


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _bot(one: Any) -> None:
    one.add_argument("--bot", metavar="NAME", help="the bot's name; else Telegram is asked, with BOT_TOKEN")
