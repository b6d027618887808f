"""The rotation's statements: constant SQL on a connection of its own."""

from __future__ import annotations

from typing import Final

LOCK: Final = 7_340_023
SESSION: Final = {"application_name": "shekteu-rotate", "lock_timeout": "10s"}
TRY: Final = "SELECT pg_try_advisory_lock($1)"
LASTING: Final = "SELECT id, purpose, wrapped FROM lasting_keys ORDER BY purpose"
PERIODS: Final = "SELECT id, wrapped FROM period_keys"
MAKE: Final = "INSERT INTO lasting_keys (id, purpose, wrapped) VALUES ($1, $2, $3)"
WRAP_LASTING: Final = "UPDATE lasting_keys SET wrapped = $3 WHERE id = $1 AND wrapped = $2"
WRAP_PERIOD: Final = "UPDATE period_keys SET wrapped = $3 WHERE id = $1 AND wrapped = $2"
RENAME: Final = "UPDATE lasting_keys SET purpose = $2 WHERE purpose = $1"
DESTROY: Final = "DELETE FROM lasting_keys WHERE id = $1"
NOW: Final = "SELECT pg_current_xact_id()::text::bigint"
OLDEST_OPEN: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""The oldest transaction that may still write something."""
NO_TRACE: Final = ("VACUUM FULL lasting_keys", "VACUUM FULL period_keys", "CHECKPOINT")
