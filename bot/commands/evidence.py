"""`shekteu evidence`: case files, and photos as they were sent."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from bot.commands.command import Command, in_loop, refusals
from bot.languages import Language
from bot.settings import Settings


def spelt_out(arguments: list[str]) -> list[str]:
    """Write `evidence 17` as `evidence case 17`."""
    short = arguments[:1] == ["evidence"] and len(arguments) > 1 and arguments[1].isdecimal()
    return ["evidence", "case", *arguments[1:]] if short else arguments


def _originals(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.new_file import NotTakenOut
    from bot.originals import Originals
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            taken = await Originals(database, ring).take_out(chosen.number, chosen.out)
        for line in taken.lines(chosen.out):
            tell(line)
        return taken.whole

    with refusals(NotTakenOut):
        return 0 if in_loop(work) else 1


def _case(settings: Settings, chosen: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from bot.clock import utc_now
    from bot.evidence.screenshots import NoBrowser, browser, drawing
    from bot.papers.case import Cases
    from bot.papers.case_file import CaseFiles
    from bot.papers.command import Asked, NoCase
    from bot.papers.command import Command as CaseFileCommand
    from bot.papers.pieces import Pieces
    from bot.papers.workshop import NotMade, Workshop
    from bot.running import open_with_keys, tell
    from bot.wording import load_wording

    async def work() -> None:
        texts, zone = load_wording(settings.templates_dir).texts, ZoneInfo(settings.timezone)
        out = chosen.out or Path(f"case-{chosen.number}.zip")
        pieces = [name for named in chosen.pieces for name in named.split(",") if name]
        language = chosen.language or settings.desk_language
        drawn = drawing(browser()) if chosen.screenshots else None
        asked = Asked(chosen.number, language, pieces, chosen.by, out, chosen.yes, drawn)
        async with open_with_keys(settings) as (database, ring):
            cases = Cases(Pieces(ring, texts, hidden_too=True), zone)
            files = CaseFiles(cases, Workshop(), ring, texts)
            for line in await CaseFileCommand(database, ring, files, texts).run(asked, utc_now()):
                tell(line)

    with refusals(NoCase, NotMade, NoBrowser):
        in_loop(work)
    return 0


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.evidence import verifying as captures
    from bot.papers.verifying import NoCaseFile, Verifying
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        async with open_with_keys(settings) as (database, ring):
            if captures.is_capture(chosen.file):
                whole, lines = await captures.Verifying(database, ring).run(chosen.file)
            else:
                whole, lines = await Verifying(database, ring, captures.fault).run(chosen.file)
        for line in lines:
            tell(line)
        return whole

    with refusals(NoCaseFile, captures.NoCapture):
        return 0 if in_loop(work) else 1


def _captures(settings: Settings, chosen: argparse.Namespace) -> int:
    from bot.evidence.screenshots import NoBrowser, browser
    from bot.evidence.taking_out import Captures
    from bot.new_file import NotTakenOut
    from bot.running import open_with_keys, tell

    async def work() -> bool:
        program = browser() if chosen.screenshots else None
        async with open_with_keys(settings) as (database, ring):
            taken = await Captures(database, ring).take_out(chosen.number, chosen.out, program)
        for line in taken.lines(chosen.out):
            tell(line)
        return not taken.damaged

    with refusals(NotTakenOut, NoBrowser):
        return 0 if in_loop(work) else 1


def _originals_arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("number", type=int, metavar="№", help="the number of the report on its card")
    added.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or an empty folder")


def _captures_arguments(added: argparse.ArgumentParser) -> None:
    _originals_arguments(added)
    _add_screenshots(added)


def _add_screenshots(added: argparse.ArgumentParser) -> None:
    added.add_argument(
        "--screenshots",
        action="store_true",
        help="draw each captured page too, by the chromium of this machine, without scripts and network",
    )


def _case_arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("number", type=int, metavar="№", help="the number of the report on its card")
    added.add_argument("--language", type=Language, choices=tuple(Language), help="of the cover; else DESK_LANGUAGE")
    added.add_argument(
        "--with",
        dest="pieces",
        action="append",
        default=[],
        metavar="PIECE,…",
        help="put these pieces in; none is else",
    )
    added.add_argument("--yes", action="store_true", help="I know that the accused will read these pieces")
    added.add_argument("--by", metavar="NAME", help="who makes it, as the cover and the journal name them")
    added.add_argument("--out", type=Path, metavar="FILE", help="a file that is not there yet; else case-№.zip")
    _add_screenshots(added)


def _verify_arguments(added: argparse.ArgumentParser) -> None:
    added.add_argument("file", type=Path, metavar="FILE", help="the ZIP, or a .warc.gz")


ACTS: Final = (
    Command(
        "originals",
        _originals,
        "write the photos of a report as they were sent, with their SHA256SUMS",
        "shekteu evidence originals 17 --out report-17",
        _originals_arguments,
        description="Write the photos of a report as they were sent into a folder, and SHA256SUMS beside them. "
        "They may hold where and by which phone they were taken. Kept with EVIDENCE_ORIGINALS=on alone.",
    ),
    Command(
        "captures",
        _captures,
        "write the pages of a report's links as they were looked at, as WARC files",
        "shekteu evidence captures 17 --out report-17",
        _captures_arguments,
        description="Write the pages of a report's links into a folder, as they were looked at with PROBE=on: WARC "
        "files with all headers, beside each what stood there for people to read, and SHA256SUMS. With --screenshots "
        "each is drawn too, as far as it can be from what was kept: its text and its style, no scripts, no pictures.",
    ),
    Command(
        "case",
        _case,
        "write the case file of a report; `evidence 17` does the same",
        "shekteu evidence 17 --language kk --with words,photo-1 --yes",
        _case_arguments,
        description="Write one ZIP for a case: a cover to be printed, the links, what officers did with the journal's "
        "proof, and the SHA-256 of each file. Nothing of what the citizen wrote, sent or pointed at is in it unless "
        "its pieces are named; without --with the command says which there are.",
    ),
    Command(
        "verify",
        _verify,
        "say whether a case file, or a capture, is as it was made",
        "shekteu evidence verify case-17.zip",
        _verify_arguments,
        description="Say whether a case file is as this office made it, and its acts stand in this office's journal; "
        "of a capture (.warc.gz), whether its digests hold and this office keeps the same. "
        "The exit code is 1 when something does not hold.",
    ),
)
COMMAND: Final = Command(
    "evidence", None, "make and verify case files, take out photos as they were sent", "shekteu evidence 17", acts=ACTS
)
