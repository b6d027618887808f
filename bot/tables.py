"""Every table of the product, gathered for Alembic and for the test that compares them with the migrations."""

from __future__ import annotations

import bot.areas.models
import bot.delivery.models
import bot.privacy.models
import bot.reports.models
import bot.telegram.models  # noqa: F401 — imported for its tables
from bot.database import Base

METADATA = Base.metadata
