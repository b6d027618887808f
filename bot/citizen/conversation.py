"""What is answered to a citizen: the present step, the menu, the summary, in the citizen's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.citizen.addition_kinds import KINDS as ADDED
from bot.citizen.addition_kinds import text_name
from bot.citizen.dialogue import Asked, Dialogue, Step, store
from bot.citizen.labels import Labels
from bot.citizen.safety import Safety
from bot.citizen.steps import can_add, complete, fits, holds, holds_anything, next_take
from bot.languages import Language
from bot.reports.contents import Contents
from bot.reports.kinds import Content, Kind, Kinds, Take
from bot.reports.pause import Closed, Pause
from bot.telegram.reply import Reply, Rows, say
from bot.telegram.turn import Turn
from bot.texts import Texts

SHOWN_LINKS = 5
SHOWN_WORDS = 300


@dataclass(slots=True)
class Talk:
    """One turn's talk with one citizen."""

    turn: Turn
    dialogue: Dialogue
    language: Language
    guessed: Language
    """What the client speaks."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A district that a citizen may confirm, or say that it is another."""

    name: str
    goes: bool
    """Unless they say that it is another, the report goes to this district's office."""


class Conversation:
    """Renders the dialogue's answers; holds nothing of any citizen."""

    def __init__(
        self,
        texts: Texts,
        kinds: Kinds,
        labels: Labels,
        safety: Safety,
        pause: Pause | None = None,
        goes_by: Callable[[str, str], bool] = lambda _kind, _district: False,
    ) -> None:
        """`goes_by` tells whether a report of a kind goes to another office for a district that is only suggested."""
        self.texts, self.kinds, self.labels, self.safety = texts, kinds, labels, safety
        self.pause, self._goes_by = pause or Pause(), goes_by

    def text(self, talk: Talk, name: str, **variables: Any) -> str:
        """Render a citizen's text."""
        return self.texts.render(talk.language, f"citizen.{name}", **variables)

    def kind(self, draft: Contents) -> Kind:
        """Give the kind of a draft, be it a report or an addition to one."""
        return ADDED.get(draft.kind) or self.kinds[draft.kind]

    def menu(self, talk: Talk, *lead: str) -> Reply:
        """End the dialogue's step and show the menu."""
        store(talk.turn, talk.dialogue, None)
        top = ["erase"] if talk.dialogue.sent else None
        return say(_join(*lead, self.text(talk, "menu")), self.labels.menu(talk.language, top))

    def ask_language(self, talk: Talk) -> Reply:
        """Ask for the language."""
        store(talk.turn, talk.dialogue, Step.language)
        rows = self.labels.rows(talk.language, ["kazakh", "russian", "english"])
        return say(self.text(talk, "language_asked"), rows)

    def help_contacts(self, talk: Talk) -> Reply:
        """Show the numbers to call, above the keyboard that is there."""
        return say(self.contacts_text(talk, danger=False), self.rows(talk))

    def contacts_text(self, talk: Talk, *, danger: bool) -> str:
        """Render the numbers to call."""
        return self.text(talk, "help_contacts", contacts=self.safety.contacts(talk.language), danger=danger)

    def paused(self, talk: Talk) -> str:
        """Say that no reports are taken for the moment; empty while they are."""
        return self._closed(talk, "paused", self.pause.closed) if self.pause.closed else ""

    def not_sent(self, talk: Talk, closed: Closed) -> Reply:
        """Say that a draft stays here unsent, with the numbers to call: whoever sends may not be able to wait."""
        told = _join(self._closed(talk, "paused_send", closed), self.contacts_text(talk, danger=True))
        return say(told, self.rows(talk))

    def _closed(self, talk: Talk, name: str, closed: Closed) -> str:
        return self.text(talk, name, words=closed.words)

    def ask_receipt(self, talk: Talk, *lead: str) -> Reply:
        """Ask for a receipt."""
        store(talk.turn, talk.dialogue, Step.answering)
        name = "add_asked" if talk.dialogue.asked is Asked.ADD else "status_asked"
        return say(_join(*lead, self.text(talk, name)), self.rows(talk))

    def wait(self, talk: Talk, *lead: str) -> Reply:
        """Say that a list is being read: `Send` comes with what was found in it."""
        store(talk.turn, talk.dialogue, Step.confirming)
        return say(_join(*lead), self.labels.rows(talk.language, ["back", "cancel"]))

    def ask_kind(self, talk: Talk, question: str, *lead: str) -> Reply:
        """Ask which kind it is, for what was sent before a kind was chosen."""
        store(talk.turn, talk.dialogue, Step.kind)
        return say(_join(*lead, self.text(talk, question)), self.rows(talk))

    def present(self, talk: Talk, *lead: str) -> Reply:
        """Show the present step again, whatever it is, after a lead."""
        draft = talk.dialogue.draft
        if talk.dialogue.asked:
            return self.ask_receipt(talk, *lead)
        if draft is None:
            return self.menu(talk, *lead)
        if talk.dialogue.guesses:
            store(talk.turn, talk.dialogue, Step.filling)
            asked = self.text(talk, "guessed_links", links=[_short(link.shown) for link in talk.dialogue.guesses])
            return say(_join(*lead, asked), self.rows(talk))
        if not draft.kind:
            return self.ask_kind(talk, _question(draft), *lead)
        if talk.dialogue.pending:
            store(talk.turn, talk.dialogue, Step.filling)
            point = talk.dialogue.pending
            asked = self.text(talk, "outside_country", latitude=point.latitude, longitude=point.longitude)
            return say(_join(*lead, asked), self.rows(talk))
        if draft.kind in ADDED and not holds_anything(draft):
            store(talk.turn, talk.dialogue, Step.answering)
            kind = self.kind(draft)
            links = kind.take(Content.LINKS) is not None
            asked = self.text(talk, f"{text_name(kind)}_asked", links=links)
            return say(_join(*lead, asked), self.rows(talk))
        take = next_take(self.kind(draft), talk.dialogue)
        if take is None:
            store(talk.turn, talk.dialogue, Step.confirming)
            return say(_join(*lead, self.asked_there(talk, draft), self.summary(talk, draft)), self.rows(talk))
        store(talk.turn, talk.dialogue, Step.filling)
        return say(_join(*lead, self.question(talk, draft, take)), self.rows(talk))

    def question(self, talk: Talk, draft: Contents, take: Take) -> str:
        """Render the question for a content: the kind's own, else the common one."""
        kind = self.kind(draft)
        if take.content is Content.PHOTOS and draft.photos:
            return self.text(talk, "photos_taken", count=draft.photos, most=take.most)
        if take.content is Content.LINKS and draft.photos:
            return self.text(talk, "screenshot_taken")
        own = f"kinds.{kind.name}.ask.{take.content}"
        if self.texts.has(talk.language, own):
            asked = self.texts.render(talk.language, own, most=take.most)
        elif take.content is Content.LOCATION and take.address:
            asked = self.text(talk, "ask_location_or_address")
        else:
            asked = self.text(talk, f"ask_{take.content}", most=take.most)
        first = kind.careful and take is kind.takes[0]
        return _join(self.text(talk, "careful") if first else "", asked)

    def summary(self, talk: Talk, draft: Contents) -> str:
        """Render what will be sent."""
        kind, suggestion = self.kind(draft), self.suggestion(talk, draft)
        return self.text(
            talk,
            "summary",
            kind=self._name(talk, kind),
            links=[_short(link.shown or link.url) for link in draft.links[:SHOWN_LINKS]],
            more_links=draft.links_total - min(SHOWN_LINKS, len(draft.links)),
            words=draft.words[:SHOWN_WORDS],
            words_cut=len(draft.words) > SHOWN_WORDS,
            address=draft.address[:SHOWN_WORDS],
            latitude=draft.point.latitude if draft.point else None,
            longitude=draft.point.longitude if draft.point else None,
            photos=draft.photos,
            lists=draft.lists,
            careful=kind.careful,
            can_add=can_add(kind, draft),
            restricted=draft.restricted,
            district=suggestion.name if suggestion and draft.there else "",
        )

    def asked_there(self, talk: Talk, draft: Contents) -> str:
        """Ask whether a draft is about the district of its citizen's code; empty where that is no question."""
        suggestion = self.suggestion(talk, draft)
        if suggestion is None or draft.there:
            return ""
        return self.text(talk, "there_asked", district=suggestion.name, goes=suggestion.goes)

    def suggestion(self, talk: Talk, draft: Contents) -> Suggestion | None:
        """Give the district of the code by which a draft's citizen came, where it may be told as the draft's own.

        Only a draft without a place is asked of it; a link, which has none, only where it goes to another office by it.
        """
        came, kind = talk.dialogue.came, self.kind(draft)
        name = came.names.get(talk.language) if came else None
        if came is None or not name or draft.kind in ADDED:
            return None
        if draft.placed or draft.restricted or draft.there is False:
            return None
        goes = self._goes_by(draft.kind, came.district)
        return Suggestion(name, goes) if goes or kind.take(Content.LOCATION) else None

    def rows(self, talk: Talk) -> Rows:
        """Give the keyboard of the present step."""
        draft, language = talk.dialogue.draft, talk.language
        if talk.dialogue.asked:
            return self.labels.rows(language, ["cancel"])
        if draft is None:
            return self.labels.menu(language, ["erase"] if talk.dialogue.sent else None)
        if talk.dialogue.guesses:
            return self.labels.rows(language, ["yes", "no_link"], ["cancel"])
        if not draft.kind:
            return self.labels.choice(language, self.offered(draft))
        if talk.dialogue.pending:
            return self.labels.rows(language, ["yes", "other_place"], ["cancel"])
        kind = self.kind(draft)
        if draft.kind in ADDED:
            return self.labels.rows(language, ["send"] if holds_anything(draft) else [], ["cancel"])
        take = next_take(kind, talk.dialogue)
        if take is None:
            said = ["not_there"] if draft.there else ["there", "not_there"]
            asked = said if self.suggestion(talk, draft) else []
            return self.labels.rows(language, ["send"], asked, ["restricted"], ["back", "cancel"])
        held = take.content is Content.PHOTOS and draft.photos > 0
        top = ["done"] if held else [] if take.required else ["skip"]
        return self.labels.rows(language, top, ["back", "cancel"])

    def offered(self, draft: Contents) -> list[str]:
        """List the kinds that what a draft holds may belong to."""
        held = {content for content in (Content.PHOTOS, Content.LOCATION) if holds(draft, content)}
        fitting = [kind for kind in self.kinds.values() if fits(kind, draft)]
        return [kind.name for kind in fitting if not held or held & kind.offered_for]

    def for_links(self, draft: Contents | None) -> str | None:
        """Give the kind that links make a report of, unless it cannot take what the draft holds already."""
        for kind in self.kinds.values():
            take = kind.take(Content.LINKS)
            if take and take.required and (draft is None or fits(kind, draft)):
                return kind.name
        return None

    def ready(self, draft: Contents) -> bool:
        """Tell whether a draft can be sent."""
        return bool(draft.kind) and complete(self.kind(draft), draft) and holds_anything(draft)

    def _name(self, talk: Talk, kind: Kind) -> str:
        if kind.name in ADDED:
            return self.texts.plain(talk.language, f"citizen.{text_name(kind)}_name")
        return self.texts.plain(talk.language, f"kinds.{kind.name}.name")


def _question(draft: Contents) -> str:
    if draft.photos:
        return "which_kind_photos"
    return "which_kind_location" if draft.point else "menu"


def _join(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _short(address: str) -> str:
    return address if len(address) <= 200 else address[:199] + "…"
