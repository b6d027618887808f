"""The people of a crowd: what each sends when, and what each must read in return."""

from __future__ import annotations

import io
import random
import re
from functools import partial
from typing import Any, Final

import qrcode  # type: ignore[import-untyped]

from tests.crowd.hour import Hour
from tests.crowd.phone import Phone, Updates
from tests.crowd.plan import Plan
from tests.crowd.sending import ANSWERED, Sending, Way, list_file, messages

FIRST_CHAT: Final = 5_000_000_001
BOOKS: Final = 0.5
"""The share of lists that are first sent as a workbook, before it is read what is taken."""
SHOWN: Final = 5
"""Links that a summary shows; of the others it says how many there are."""
CODE: Final = re.compile(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>")
_MORE: Final = re.compile(r"и ещё (\d+) ссыл")


class Crowd:
    """All of them, their updates numbered as Telegram numbers them."""

    def __init__(self, hour: Hour, plan: Plan) -> None:
        self.hour, self.plan = hour, plan
        self.chance = random.Random(plan.seed + 1)
        self.updates = Updates(self.chance)
        self.people = [Person(self, FIRST_CHAT + number) for number in range(plan.people)]
        for sending in plan.sendings:
            self.people[sending.person].plans(sending)

    def text(self, name: str, **variables: Any) -> str:
        """A text as the crowd reads it."""
        return self.hour.app.wording.texts.render("ru", name, **variables)


class Person(Phone):
    """One of them, in a chat with the bot."""

    def __init__(self, crowd: Crowd, chat: int) -> None:
        super().__init__(crowd.hour, crowd.updates, chat)
        self.crowd = crowd
        self.folded = 0
        """How often they were told that their links were put into their list."""
        self._counted = 0

    @property
    def codes(self) -> list[str]:
        """The codes that they were sent, as often as they came."""
        return [code for post in self.posts for code in CODE.findall(post.text)]

    def plans(self, sending: Sending) -> None:
        """Have a sending happen at its time."""
        steps = list(self._steps(sending))
        lead = sending.sent - sending.began
        for number, step in enumerate(steps):
            self.hour.at(sending.began + lead * number / (len(steps) + 1), step)
        self.hour.at(sending.sent, partial(self._sends, sending))
        if sending.way is Way.LATE_CODE:
            self.hour.at(sending.sent + ANSWERED, self._uses_code)

    def _steps(self, sending: Sending) -> list[Any]:
        chance = self.crowd.chance
        match sending.way:
            case Way.FILE:
                return [*([self._workbook] if chance.random() < BOOKS else []), partial(self._file, sending)]
            case Way.CODE:
                return [partial(self._types, sending, 0), partial(self._photo, sending), self._uses_code]
            case Way.LATE_CODE:
                return [partial(self._types, sending, 0), partial(self._photo, sending)]
            case Way.DISGUISED:
                return [partial(self._types, sending, 0), partial(self._confirms, sending)]
            case _:
                written = messages(sending, chance)
                return [partial(self._types, sending, place, text) for place, text in enumerate(written)]

    async def _types(self, sending: Sending, place: int, text: str | None = None) -> None:
        text = messages(sending, self.crowd.chance)[place] if text is None else text
        read = await self.says(text)
        if sending.way is Way.DISGUISED:
            assert sending.named[0][0].token in read, (text, read)
            assert self.crowd.text("labels.yes") in self.labels
            return
        whole = sending.way is Way.PASTED
        earlier, so_far = ([], sending.named) if whole else (sending.named[:place], sending.named[: place + 1])
        # The first invite of a report gets a hint; what else is sent after the first message is only counted.
        hint = any(thing.invite for thing, _ in so_far) and not any(thing.invite for thing, _ in earlier)
        assert (self.crowd.text("citizen.invite_hint", added=False) in read) == hint, (read, text)
        if place == 0 or read:
            self._summed_up(read, so_far)
        else:
            self._counted = len({thing for thing, _ in so_far})

    async def _confirms(self, sending: Sending) -> None:
        self._summed_up(await self.says(self.crowd.text("labels.yes")), sending.named)

    async def _file(self, sending: Sending) -> None:
        name, data = list_file(sending, self.crowd.chance)
        kind = {"file_name": name, "mime_type": "text/csv" if name.endswith("csv") else "text/plain"}
        read = await self.says(document=self.uploaded(data) | kind)
        assert read == self.crowd.text("citizen.list_reading")

    async def _workbook(self) -> None:
        """Send what Excel saves by itself: it is not taken, and said what is instead."""
        kind = {
            "file_name": "ссылки.xlsx",
            "mime_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
        read = await self.says(document=self.uploaded(b"PK\x03\x04") | kind)
        assert read.startswith(self.crowd.text("citizen.refused_file")), read

    async def _photo(self, sending: Sending) -> None:
        drawn = io.BytesIO()
        qrcode.make(sending.named[1][1]).get_image().convert("RGB").save(drawn, "JPEG")
        await self.says(photo=[self.uploaded(drawn.getvalue()) | {"width": 400, "height": 400}])

    async def _uses_code(self) -> None:
        """Answer the question about a photo's code with a yes."""
        asked = next(post for post in reversed(self.posts) if "inline_keyboard" in (post.markup or {}))
        button = asked.markup["inline_keyboard"][0][0]
        at = {"message_id": asked.id, "date": self.date, "chat": self.private}
        query = {"id": f"q{next(self.updates.numbers)}", "from": self.sender, "message": at, "chat_instance": "1"}
        await self.brings({"callback_query": query | {"data": button["callback_data"]}})

    async def _sends(self, sending: Sending) -> None:
        if sending.way is Way.FILE:
            told = self.crowd.text("citizen.list_read", links=len(sending.things), unread=0)
            if any(thing.invite for thing in sending.things):
                told = f"{self.crowd.text('citizen.list_invites')}\n\n{told}"
            assert self.posts[-1].text == told, (self.posts[-1].text, told)
        if sending.way is Way.MESSAGES:
            counted = self.crowd.text("citizen.counter", links=self._counted)
            assert self.posts[-1].text == counted, (self.posts[-1].text, counted)
        read = await self.says(self.crowd.text("labels.send"))
        folded = self.crowd.text("citizen.folded")
        assert read == "" or read.startswith(folded), read
        self.folded += bool(read)

    async def asks(self, code: str) -> str:
        """Ask by a code how a report stands."""
        return await self.says(f"/status {code}")

    def _summed_up(self, read: str, named: list[Any]) -> None:
        """See that the summary names the links, and how many more there are."""
        things = list(dict.fromkeys(thing for thing, _ in named))
        more = _MORE.search(read)
        shown = [thing for thing in things if thing.token in read]
        assert len(shown) + int(more[1] if more else 0) == len(things), (read, [written for _, written in named])
        assert len(shown) == min(len(things), SHOWN), read
        assert self.crowd.text("labels.send") in self.labels
