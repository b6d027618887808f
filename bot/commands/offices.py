"""`shekteu offices`."""

from __future__ import annotations

import argparse
from typing import Final

from bot.commands.command import Command, in_loop, refusals
from bot.settings import Settings


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
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

    with refusals(OfficeRefused, then="Nothing was changed.\n"):
        lines = in_loop(work)
    for line in lines:
        tell(line)
    return 0


def _arguments(added: argparse.ArgumentParser) -> None:
    added.set_defaults(act="list")


def _name(added: argparse.ArgumentParser) -> None:
    added.add_argument("name", metavar="NAME", help="how the desks call it")


def _wish(added: argparse.ArgumentParser, *, chat_wanted: bool) -> None:
    _name(added)
    added.add_argument(
        "--chat", type=int, required=chat_wanted, metavar="ID", help="its group, where the bot is administrator"
    )
    added.add_argument(
        "--districts", metavar="KATO,KATO", help="what lies in these districts goes there; none: everywhere"
    )
    added.add_argument("--kinds", metavar="KIND,KIND", help="only reports of these kinds go there; none: all")
    added.add_argument("--language", metavar="LANGUAGE", help="kk, ru or en; else DESK_LANGUAGE")


def _add_arguments(added: argparse.ArgumentParser) -> None:
    _wish(added, chat_wanted=True)
    added.add_argument(
        "--restricted", action="store_true", help="for what concerns officers: no other desk is shown any of it"
    )


def _change_arguments(added: argparse.ArgumentParser) -> None:
    _wish(added, chat_wanted=False)
    added.add_argument("--rename", metavar="NEW", help="its new name")


ACTS: Final = (
    Command("list", None, "list the offices and what goes to each", "shekteu offices list"),
    Command(
        "add",
        None,
        "add an office: its group is a desk from now on",
        "shekteu offices add Police --chat -1009 --kinds den,lab",
        _add_arguments,
    ),
    Command(
        "change",
        None,
        "change an office; what is not given stays as it is",
        "shekteu offices change Байзак --language kk",
        _change_arguments,
    ),
    Command(
        "close", None, "close an office: its open cards go to the main desk", "shekteu offices close Байзак", _name
    ),
)
COMMAND: Final = Command(
    "offices",
    _run,
    "give offices desks of their own, each for its districts and kinds",
    "shekteu offices add Байзак --chat -1001234567890 --districts 313600000",
    _arguments,
    ACTS,
)
