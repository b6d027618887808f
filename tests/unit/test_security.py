"""SECURITY.md against the code: each claim has its tests, and each of them exists; nobody who attacks is left out."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest

from tests.stage import ROOT

SECURITY: Final = (ROOT / "SECURITY.md").read_text("utf-8")
TESTS: Final = Counter(
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
)
ROWS: Final = [
    re.fullmatch(r"\| (.+) \| (.+) \|", line)
    for line in SECURITY.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| what holds |"))
]
ATTACKERS: Final = (
    "A dealer who got the database",
    "An accused who reads the case file",
    "A curious officer",
    "The thief of the server",
    "Somebody who floods",
    "Somebody who forces a phone open",
    "Telegram itself",
)


def test_every_claim_names_the_tests_that_would_fail_and_nothing_else() -> None:
    assert len(ROWS) > 30
    for row in ROWS:
        assert row, "a row has two columns"
        claim, tests = row.groups()
        assert re.fullmatch(r"`test_\w+`(?:, `test_\w+`)*", tests), claim


def test_every_test_that_is_named_exists_once() -> None:
    named = set(re.findall(r"`(test_\w+)`", SECURITY))
    assert {name for name in named if TESTS[name] != 1} == set()


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_nobody_who_attacks_is_left_out(attacker: str) -> None:
    section = re.search(rf"^### {attacker}[^\n]*\n(.*?)(?=^##)", SECURITY, re.MULTILINE | re.DOTALL)
    assert section, attacker
    assert "| what holds |" in section[1] or "Nothing holds" in section[1]


def test_what_links_reports_is_worded_as_it_is() -> None:
    wording = (
        "In a dump without keys no column links two reports of one person; arrival order, the minute, style and content"
        " may; data files and WAL hold more until they are recycled."
    )
    assert wording in SECURITY


@pytest.mark.parametrize("what", ["SIM of the office", "two-step password", "/revoke", "@BotFather", "lost phone"])
def test_the_runbook_says_what_to_do(what: str) -> None:
    assert what in SECURITY.split("## If it happens")[1]


def test_it_says_how_to_tell_of_a_hole_and_what_does_not_hold() -> None:
    assert "## Telling us of a hole" in SECURITY
    assert len(re.findall(r"^- \*\*", SECURITY.split("## What does not hold")[1], re.MULTILINE)) >= 8
