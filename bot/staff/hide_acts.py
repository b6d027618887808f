"""What officers do to hide a report, and administrators to show it again: by a form, so that no one press does it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.reports import form_queries
from bot.reports.deciding import Officer
from bot.reports.form_state import FormOver
from bot.reports.forms import Forms
from bot.reports.hiding import Hiding
from bot.reports.lifecycle import Act
from bot.staff.access import Access
from bot.telegram.turn import Turn


class NotAdministrator(Exception):
    """Only an administrator of the desk's chat may do this."""


@dataclass(frozen=True, slots=True)
class HideActs:
    """The acts of forms that hide, on a turn's connection."""

    hiding: Hiding
    forms: Forms
    access: Access

    def allow(self, turn: Turn, act: Act, officer: Officer) -> None:
        """Raise NotAdministrator when this officer may not do this: anybody hides, few show again."""
        if act is Act.UNHIDE and not self.access.is_administrator(turn.actor.chat_id, officer.id):
            raise NotAdministrator

    async def press(self, turn: Turn, form_id: UUID, officer: Officer) -> None:
        """Do what a form was opened for; raise FormOver, NoSuchCard, IllegalMove, NotAdministrator."""
        form = await turn.driver.fetchrow(form_queries.FORM, form_id)
        if form is None or form["report_id"] is None or form["act"] not in (Act.HIDE, Act.UNHIDE):
            raise FormOver
        act = Act(form["act"])
        self.allow(turn, act, officer)
        carry_out = self.hiding.hide if act is Act.HIDE else self.hiding.unhide
        # First the report: its row is locked before the form's, everywhere. A form that is over undoes it all.
        await carry_out(turn.driver, form["report_id"], officer, turn.now)
        await self.forms.finish(turn.driver, form_id, "done", turn.now)
