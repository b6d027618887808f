"""The pilot's month played through, by HTTP and with a clock that is moved: every figure is the one that was planned.

A sample of 60 reports; with PILOT_REPORTS=1200 the whole month (`make thorough`): 1,176 links, 1,116 of them closed, 21
graffiti, 3 dens.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator

import pytest

from bot.journal import Verifying
from bot.languages import Language
from bot.links.workbooks import workbook_rows
from bot.papers.figure_files import as_json
from bot.papers.figure_text import caption
from bot.reports.figures import Figures
from bot.reports.lifecycle import Decision
from bot.wording import Wording
from tests.children import shekteu
from tests.journeys.acting import plain, settled
from tests.journeys.conftest import no_waiting, nothing_refused
from tests.journeys.pilot import MONTH, Plan, at, statistics
from tests.journeys.playing import AT_ONCE, Month, Played, play
from tests.stage import ROOT

__all__ = ["no_waiting"]

REPORTS = int(os.environ.get("PILOT_REPORTS", "60"))


@pytest.fixture
async def month(database_url: str, wording: Wording, no_waiting: None) -> AsyncIterator[Month]:
    stage = Month(database_url, wording)
    await stage.open()
    yield stage
    nothing_refused(stage)
    await stage.close()


async def run(stage: Month, *arguments: str) -> str:
    """Run a command on the stage's database."""
    key = base64.b64encode(stage._key).decode()
    code, written, _ = await shekteu(*arguments, folder=ROOT, DATABASE_URL=stage.url, SECRET_KEY=key)
    assert code == 0
    return written


def same(counted: Figures, planned: Figures) -> None:
    """Compare figure by figure, so that a failure names it."""
    for name in Figures.__dataclass_fields__:
        if name != "offices":
            assert getattr(counted, name) == getattr(planned, name), name


async def test_a_month_as_the_pilots_comes_to_the_planned_figures_everywhere(month: Month) -> None:
    plan = Plan(REPORTS)
    played = Played(month, plan)
    await play(played)
    planned = statistics(plan)
    if REPORTS == 1200:
        assert (planned.this.reports.total, planned.this.blocked) == (1200, 1116)
        assert planned.this.by_kind == {"link": 1176, "graffiti": 21, "den": 3}
    walls = len(plan.graffiti)
    done = planned.this.reports.by_standing
    assert done["registered"] == done["removed"] == walls, "of each a case is registered, and each is painted over"
    assert sum(done.values()) == planned.this.reports.total + walls

    # The figures: as the bot counts them, as the desk reads them, as the command prints them.
    counted = await month.app.counting.statistics(MONTH)
    same(counted.this, planned.this)
    same(counted.before, planned.before)
    days = f"{MONTH.first:%d.%m.%Y}–{MONTH.last:%d.%m.%Y}"
    shown = await played.answered(played.says_on_desk(f"/stats {days}"), "photo", under=False)
    assert shown.words == plain(caption(planned, month.wording.texts, Language.RU))
    printed = await run(month, "stats", "--from", str(MONTH.first), "--to", str(MONTH.last), "--format", "json")
    # The main desk is the only one here.
    assert json.loads(printed)["this"] == json.loads(as_json(planned))["this"] | {"offices": [0]}

    # The register: each link once, with how often it was reported and how it stands.
    book = await played.answered(
        played.says_on_desk(f"/register {days.replace('–', ' ')} все"), "document", under=False
    )
    rows = list(workbook_rows(month.sandbox.files.get(book.content["document"]["file_id"]).data))[1:]
    listed = {cells[1]: (int(cells[5]), cells[6]) for _, cells in rows}
    assert listed == {thing.url: (len(thing.filed), played.done(thing.stands)) for thing in plan.links}
    assert len(rows) == len(plan.links)

    # Nothing is left to do.
    for name in ("queue", "mine", "overdue"):
        await played.answered(played.says_on_desk(f"/{name}"), played.empty(name))
    await settled(month)

    # Everybody heard once of each decision that is for them, and reads the last one by the code.
    for citizen, thing, filed, _ in played.reporters:
        told = thing.told(filed)
        heard = [message.words for message in month.sandbox.messages(citizen.id) if message.from_bot]
        for decision in {*told, Decision.BLOCKED, Decision.NOT_CONFIRMED}:
            name = f"kinds.{thing.kind}.feedback.{decision}"
            if month.wording.texts.has("ru", name):
                assert heard.count(citizen.text(name)) == told[decision], (thing, decision)
    for start in range(0, len(played.reporters), AT_ONCE):
        for citizen, _, _, receipt in played.reporters[start : start + AT_ONCE]:
            citizen.types(receipt)
        for citizen, thing, filed, _ in played.reporters[start : start + AT_ONCE]:
            answers = (citizen.text(f"kinds.{thing.kind}.feedback.{decision}") for decision in thing.stand_for(filed))
            await citizen.reads(citizen.text("status_decided"), *answers)

    await month.move(at(30, 21))
    await month.until("SELECT (SELECT count(*) FROM journal) = (SELECT count(*) FROM journal_chain)")
    found = await Verifying(month.database, month.app.ring, month.now()).run()
    assert found.wrong == []
    assert found.whole
