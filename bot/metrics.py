"""What `/metrics` counts, for Prometheus. Labels are words of the program: none can hold an identity or a text."""

from __future__ import annotations

from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

UPDATES: Final = Counter(
    "shekteu_updates",
    "Updates by what became of them: taken, repeated, dropped, flood, again, set_aside, malformed",
    ["outcome"],
    registry=REGISTRY,
)
REPLIES: Final = Counter("shekteu_replies", "Replies given, by method", ["method"], registry=REGISTRY)
TURN_SECONDS: Final = Histogram(
    "shekteu_turn_seconds",
    "Seconds from an update to its commit",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
DELIVERIES: Final = Counter(
    "shekteu_deliveries",
    "Deliveries by recipient and outcome: sent, shown, later, closed, dropped, unreachable, failed",
    ["recipient", "outcome"],
    registry=REGISTRY,
)
JOBS: Final = Counter(
    "shekteu_jobs", "Jobs by name and outcome: done, again, failed", ["job", "outcome"], registry=REGISTRY
)
WAITING: Final = Gauge(
    "shekteu_waiting", "Deliveries that should have left and have not", ["recipient"], registry=REGISTRY
)
OLDEST_SECONDS: Final = Gauge(
    "shekteu_oldest_waiting_seconds",
    "How long ago the oldest of them should have left, however often it was put off since",
    ["recipient"],
    registry=REGISTRY,
)
LEADS: Final = Gauge("shekteu_leads", "1 in the process that leads, 0 in those that follow", registry=REGISTRY)
TELEGRAM_SILENT: Final = Gauge(
    "shekteu_telegram_silent_seconds", "How long the leader has not heard from Telegram", registry=REGISTRY
)
PAUSED: Final = Gauge("shekteu_paused", "1 while administrators of the desk keep intake closed", registry=REGISTRY)
PENDING: Final = Gauge(
    "shekteu_pending_updates", "Updates that wait for the webhook, as Telegram told the leader", registry=REGISTRY
)


@cache
def of(counter: Counter, *labels: str) -> Counter:
    """Give a counter's part by its labels: what every update counts looks its parts up once."""
    return counter.labels(*labels)
