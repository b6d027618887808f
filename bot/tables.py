"""Every table of the product, gathered for Alembic and for the test that compares them with the migrations."""

from __future__ import annotations

import bot.areas.models
import bot.delivery.models
import bot.evidence.models
import bot.offices.models
import bot.privacy.models
import bot.qr.models
import bot.reports.batch_models
import bot.reports.decision_models
import bot.reports.figures_models
import bot.reports.found_models
import bot.reports.models
import bot.reports.placement_models
import bot.telegram.models  # noqa: F401 — imported for its tables
from bot.database import Base

METADATA = Base.metadata
