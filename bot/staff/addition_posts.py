"""What a citizen added, as it stands under the card: words, photos, a point."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.delivery.sender import Outgoing
from bot.privacy.keyring import KeyRing
from bot.reports import form_queries, long_words, queries
from bot.reports.additions import Additions
from bot.reports.forms import Forms
from bot.reports.questions import words_of
from bot.staff.album import album, reply_to
from bot.staff.shown import cut, readable
from bot.staff.word_posts import words_post
from bot.texts import Texts

SHOWN_LINKS = 5
SHOWN_LENGTH = 100


class AdditionPosts:
    """Renders additions."""

    def __init__(self, ring: KeyRing, additions: Additions, forms: Forms, texts: Texts) -> None:
        self._ring, self._additions, self._forms, self._texts = ring, additions, forms, texts

    async def message(
        self, raw: Any, template: str, params: dict[str, Any], under: int, language: str
    ) -> Outgoing | None:
        """Render one of an addition's messages; None when there is nothing of it any more."""
        addition_id = UUID(params["addition"])
        row = await raw.fetchrow(form_queries.ADDITION, addition_id)
        if row is None or row["sealed"] is None:
            return None
        if row["hidden_name"]:
            # That something was added is told; what it is stays hidden with the rest.
            text = self._texts.render(language, "desk.addition_hidden", number=row["number"])
            return Outgoing("sendMessage", {"text": text, **reply_to(under)}) if template == "addition" else None
        if template == "addition_photos":
            photos = await raw.fetch(queries.PARTS_OF_SORT, addition_id, "photo")
            refused = sum(photo["state"] == "refused" for photo in photos)
            caption = self._texts.render(language, "desk.addition_photos", number=row["number"], refused=refused)
            posted = album(self._ring, photos, caption, under)
            return posted or (Outgoing("sendMessage", {"text": caption, **reply_to(under)}) if refused else None)
        added = self._additions.open(addition_id, row["sealed"])
        if template == "addition_point":
            point = added.point
            return Outgoing("sendLocation", {**point.model_dump(), **reply_to(under)}) if point else None
        if template == "addition_words":
            return words_post(self._texts, language, row["number"], added.words, params["part"], under)
        own = self._forms.words(row["form_id"], row["asked"])
        question = words_of(self._texts, language, row["choice"], own)
        text = self._texts.render(
            language,
            "desk.addition",
            number=row["number"],
            answers=row["form_id"] is not None,
            question=question,
            words=cut(added.words, long_words.ADDITION),
            latitude=added.point.latitude if added.point else None,
            longitude=added.point.longitude if added.point else None,
            photos=added.photos,
            links=[readable(url, SHOWN_LENGTH) for url in added.links[:SHOWN_LINKS]],
            links_total=len(added.links),
        )
        return Outgoing("sendMessage", {"text": text, **reply_to(under)})
