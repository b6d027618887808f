"""Numbers as they are read here."""

from __future__ import annotations


def grouped(number: int) -> str:
    """Write a number in groups of three digits, such as 1 000 000; its parts stay on one line."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")
