"""What an operator asks of an office, read and checked: each fault is one clear sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bot.languages import Language
from bot.offices.office import Office, OfficeList

NAME_MOST: Final = 60
"""Characters of a name: it stands on a button, and in a line of a card."""


class Fault(StrEnum):
    """What is wrong with what was asked of an office; the desk has a text of each."""

    UNKNOWN = "unknown"
    NAME = "name"
    TAKEN = "taken"
    LANGUAGE = "language"
    NO_DISTRICTS = "no_districts"
    DISTRICTS = "districts"
    KINDS = "kinds"
    SHARED = "shared"
    RESTRICTED = "restricted"
    OTHER = "other"
    """What the command line alone can ask for."""


class OfficeRefused(ValueError):
    """The office cannot be as it was asked for; the message says why. Nothing was changed."""

    def __init__(self, message: str, fault: Fault = Fault.OTHER, **told: Any) -> None:
        """`fault` and `told` say the same for another language than that of the command line."""
        super().__init__(message)
        self.fault, self.told = fault, told


@dataclass(frozen=True, slots=True)
class Known:
    """What an office is checked against."""

    offices: OfficeList
    districts: Collection[str]
    kinds: Collection[str]
    main_chat: int | None
    """The main desk's chat; None where the settings do not tell it, as in the sandbox."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How an office should be; None leaves a thing as it is, or at its default."""

    name: str
    chat_id: int | None = None
    districts: str | None = None
    kinds: str | None = None
    language: str | None = None
    restricted: bool = False


def wanted(wish: Wish, known: Known, default: Language, now: Office | None = None) -> Office:
    """Give the office as it will be, a new one or `now` as it is changed; raise OfficeRefused."""
    chat_id = wish.chat_id if wish.chat_id is not None else now.chat_id if now else None
    if chat_id is None:
        raise OfficeRefused(
            "--chat is wanted: the id of the office's group, which the bot tells when it is added to it."
        )
    office = Office(
        now.id if now else 0,
        _name(wish.name),
        chat_id,
        _language(wish.language, now.language if now else default),
        _codes(wish.districts, known.districts, now.districts if now else frozenset()),
        _kinds(wish.kinds, known.kinds, now.kinds if now else frozenset()),
        now.restricted if now else wish.restricted,
    )
    _alone(office, known)
    return office


def named(offices: OfficeList, name: str) -> Office:
    """Find an open office by its name, however it is capitalised; raise OfficeRefused."""
    found = next((office for office in offices.open if office.name.lower() == name.strip().lower()), None)
    if found is None:
        there = ", ".join(f"“{office.name}”" for office in offices.open) or "none"
        known = [office.name for office in offices.open]
        raise OfficeRefused(f"There is no office “{name}”. Those there are: {there}.", Fault.UNKNOWN, offices=known)
    return found


def _alone(office: Office, known: Known) -> None:
    """Raise OfficeRefused where another office stands in this one's way."""
    others = [other for other in known.offices.open if other.id != office.id]
    if office.chat_id >= 0:
        raise OfficeRefused(f"--chat {office.chat_id} is no group: the ids of groups begin with a minus sign.")
    if office.chat_id == known.main_chat:
        raise OfficeRefused(
            f"--chat {office.chat_id} is the main desk (STAFF_CHAT_ID): an office wants a group of its own."
        )
    for other in others:
        if other.name.lower() == office.name.lower():
            raise OfficeRefused(f"There is an office “{other.name}” already.", Fault.TAKEN, name=other.name)
        if other.chat_id == office.chat_id:
            raise OfficeRefused(f"--chat {office.chat_id} is the desk of “{other.name}” already.")
        if other.restricted and office.restricted:
            raise OfficeRefused(f"“{other.name}” is the restricted office already: there can be one.")
        if office.contends_with(other):
            shared = sorted(office.districts & other.districts) + sorted(office.kinds & other.kinds)
            raise OfficeRefused(
                f"“{other.name}” has {', '.join(shared)} already: nobody could tell which of the two a report goes to.",
                Fault.SHARED,
                name=other.name,
                districts=sorted(office.districts & other.districts),
                kinds=sorted(office.kinds & other.kinds),
            )
    if office.restricted and (office.districts or office.kinds):
        raise OfficeRefused(
            "A restricted office takes neither districts nor kinds: it gets what concerns officers alone.",
            Fault.RESTRICTED,
        )


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise OfficeRefused(f"A name of 1 to {NAME_MOST} characters is wanted.", Fault.NAME, most=NAME_MOST)
    return name


def _language(given: str | None, otherwise: Language) -> Language:
    if given is None:
        return otherwise
    if given not in set(Language):
        raise OfficeRefused(f"--language {given}: one of {', '.join(Language)} is wanted.", Fault.LANGUAGE)
    return Language(given)


def _codes(given: str | None, known: Collection[str], otherwise: frozenset[str]) -> frozenset[str]:
    if given is None:
        return otherwise
    codes = _words(given)
    if codes and not known:
        raise OfficeRefused(
            "No districts were imported yet: `shekteu areas import FILE.geojson` brings them.", Fault.NO_DISTRICTS
        )
    if unknown := sorted(codes - set(known)):
        raise OfficeRefused(
            f"--districts {', '.join(unknown)}: not among the districts that `shekteu areas` lists.",
            Fault.DISTRICTS,
            given=unknown,
        )
    return codes


def _kinds(given: str | None, known: Collection[str], otherwise: frozenset[str]) -> frozenset[str]:
    if given is None:
        return otherwise
    kinds = _words(given)
    if unknown := sorted(kinds - set(known)):
        raise OfficeRefused(
            f"--kinds {', '.join(unknown)}: the kinds are {', '.join(known)}.", Fault.KINDS, given=unknown
        )
    return kinds


def _words(given: str) -> frozenset[str]:
    return frozenset(word for word in given.replace(",", " ").split() if word)
