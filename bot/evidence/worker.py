"""The process that reads one stranger's page: `python -m bot.evidence.worker`, exchanges as JSON on its stdin.

It holds no secret, opens no file and no connection, and has little memory and time: whatever a page does to its
readers, it does it here.
"""

from __future__ import annotations

import base64
import difflib
import json
import os
import resource
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from bot.evidence.exchange import Exchange
from bot.evidence.naming import named
from bot.evidence.page import Line, Page, read_page
from bot.evidence.telegram_page import NOTHING, read_telegram
from bot.evidence.warc import write_warc

MEMORY: Final = 512 << 20
CPU_SECONDS: Final = 10
LINES: Final = 3000
"""Lines of a text that are compared: comparing takes the square of them."""
DIFFERENCE: Final = 20_000


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the page as evidence, and what stands on it, unless only the evidence is wanted."""
    exchanges = [_exchange(each) for each in asked["exchanges"]]
    told: dict[str, Any] = {"warc": base64.b64encode(write_warc(exchanges)).decode()}
    if not asked["read"]:
        return told
    page = read_page(exchanges[-1])
    seen = read_telegram(page) if asked["telegram"] else NOTHING
    difference = _difference(asked["before"], page) if asked["before"] is not None else ""
    lines = [*map(Line, (page.title, *page.description.split("\n"))), *page.lines]
    wanted = asked.get("naming")
    names = named(exchanges[0].url, exchanges[-1].url, lines, wanted) if wanted else []
    stands = {"title": page.title, "description": page.description, "text": page.text, "seen": asdict(seen)}
    return {**told, **stands, "difference": difference, "named": [asdict(each) for each in names]}


def _exchange(told: dict[str, Any]) -> Exchange:
    lists = {name: [(key, value) for key, value in told[name]] for name in ("request", "headers")}
    made = {"asked_at": datetime.fromisoformat(told["asked_at"]), "body": base64.b64decode(told["body"])}
    return Exchange(**{**told, **lists, **made})


def _difference(before: str, page: Page) -> str:
    """Give what was taken out and put in since, line by line."""
    old, new = before.splitlines()[:LINES], page.text.splitlines()[:LINES]
    lines = (line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:3] not in ("---", "+++"))
    return "\n".join(line for line in lines if not line.startswith("@@"))[:DIFFERENCE]


def main() -> None:
    """Read what stdin asks for, and answer on stdout."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    told = answer(json.loads(sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
