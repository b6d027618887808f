"""What can go wrong with placements, codes and posters. The message is what an operator is told."""

from __future__ import annotations

from enum import StrEnum


class QrRefused(Exception):
    """What was asked for was not done."""


class Fault(StrEnum):
    """What is wrong with what was asked of a placement; the desk has a text of each."""

    NAME = "name"
    CAMPAIGN = "campaign"
    LOST = "lost"
    """Letters that a table's encoding had none of."""
    LANGUAGE = "language"
    SURFACE = "surface"
    NO_DISTRICTS = "no_districts"
    DISTRICT = "district"
    DISTRICTS = "districts"
    """Several are called so."""
    TAKEN = "taken"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    OTHER = "other"
    """What the command line alone can ask for."""


class PlacementRefused(QrRefused):
    """The placement cannot be as it was asked for; the message says why. Nothing was changed."""

    def __init__(self, message: str, fault: Fault = Fault.OTHER, **told: object) -> None:
        """`fault` and `told` say the same for another language than that of the command line."""
        super().__init__(message)
        self.fault, self.told = fault, told


class NoBotName(QrRefused):
    """It is not known which bot the codes are for; the message says why."""


class NotDrawn(QrRefused):
    """What was asked for cannot be drawn; the message says why."""


class BadEmblem(NotDrawn):
    """The emblem cannot be drawn; the message names the file and says why."""


class CodeUnreadable(NotDrawn):
    """A code was drawn that cannot be read, or reads as something else; the message names it. It was not written."""


class BadDesign(NotDrawn):
    """The file of a design is not right; the message says where."""


class DoesNotFit(NotDrawn):
    """A text is too long for its place even in the smallest letters; the message names it."""
