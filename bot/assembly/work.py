"""The jobs, and what is done again and again, put together."""

from __future__ import annotations

from bot.assembly.parts import Parts
from bot.citizen.upkeep import Upkeep
from bot.jobs import Jobs
from bot.privacy.painted import PaintedReader
from bot.purge import Purge
from bot.reports.added_lines import LINE_OVER, LateLines
from bot.reports.batches import MARK
from bot.reports.deciding import FOLLOW, SETTLE, SPREAD, SPREAD_LIST
from bot.reports.parts import READ_PART
from bot.reports.public_figures import EVERY as PUBLISH
from bot.reports.reading import PartReader
from bot.reports.releasing import RELEASE
from bot.reports.spreading import Spreader
from bot.staff.desk_help import LOOK_AGAIN
from bot.staff.handlers import LEAVE_GROUP
from bot.staff.monday import EVERY as MONDAY
from bot.staff.overdue import EVERY as OVERDUE
from bot.staff.strange_groups import StrangeGroups


def make_jobs(parts: Parts) -> Jobs:
    """Put together what does each job, and when chores are due."""
    database, ring, settings, wake, clock = parts.database, parts.ring, parts.settings, parts.wake, parts.clock
    reader = PartReader(
        database,
        ring,
        parts.outbox,
        parts.reports,
        parts.additions,
        parts.fetching,
        parts.photo_places.wanted,
        parts.codes,
        PaintedReader(),
        parts.photo_codes.wanted,
        wake,
        clock,
        bot_name=parts.own_name.get,
        keep_originals=settings.evidence_originals,
    )
    upkeep = Upkeep(database, ring, parts.outbox, parts.reports, clock)
    purge = Purge(database, ring, clock, settings)
    spreader = Spreader(database, parts.decisions, wake, clock)
    groups = StrangeGroups(parts.api.call, parts.desks.ids)
    work = {
        READ_PART: reader.read,
        MARK: parts.marking.mark,
        SPREAD: spreader.resource,
        SPREAD_LIST: spreader.report,
        SETTLE: spreader.settle,
        FOLLOW: spreader.follow,
        LINE_OVER: LateLines(database, parts.added_lines, wake, clock).close,
        RELEASE: parts.releasing.run,
        LEAVE_GROUP: groups.leave,
    }
    chores = {
        ("drafts", "*/10 * * * *"): upkeep.drafts,
        ("purge", "7 * * * *"): purge.run,
        ("overdue", OVERDUE): parts.reminder.look,
        ("monday", MONDAY): parts.monday.look,
        ("figures", "*/5 * * * *"): parts.counting.keep,
        ("tallying", "*/5 * * * *"): parts.tallying.run,
        ("public", PUBLISH): parts.publishing.look,
        ("desk_help", LOOK_AGAIN): parts.desk_help.look,
    }
    return Jobs(work, chores)
