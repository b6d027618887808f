"""The pilot's month, played: citizens on their phones, officers on the desk, moment after moment of the plan."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

import asyncpg
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from bot.reports.lifecycle import Decision
from bot.sandbox.world import Message
from tests.journeys.acting import TARAZ, Citizen, Desk, plain, settled
from tests.journeys.pilot import REGISTERS, REPORTING, Plan, Thing, at, decide, touch
from tests.stage import Stage

AT_ONCE: Final = 20
"""Citizens who write at the same time."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Month(Stage):
    """A stage whose clock stands within a minute until it is moved to another."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        self._moment, self._since = at(0, 8), monotonic()
        self._looks: Any = None
        super().__init__(*given, **settings)

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=min(monotonic() - self._since, 55.0))

    async def fetch(self, statement: str, *params: Any) -> list[Any]:
        """Look into the database, by one connection: it is looked a thousand times."""
        self._looks = self._looks or await asyncpg.connect(self.url)
        return list(await self._looks.fetch(statement, *params))

    async def close(self) -> None:
        if self._looks:
            await self._looks.close()
        await super().close()

    async def move(self, moment: datetime) -> None:
        """Go on to a moment, once the bot has done all that was to be done before it."""
        await settled(self)
        assert moment >= self._moment
        self._moment, self._since = moment, monotonic()


class Played:
    """A month as it is played: the plan, the desk, and the citizens with their receipts."""

    def __init__(self, stage: Month, plan: Plan) -> None:
        self.stage, self.plan, self.desk = stage, plan, Desk(stage)
        self.second = stage.sandbox.add_person("Бекзат")
        stage.sandbox.join(self.second, stage.desk)
        self.reporters: list[tuple[Citizen, Thing, datetime, str]] = []
        self.books: dict[int, tuple[Message, list[Thing]]] = {}
        """The register of each day, and what of it was marked."""
        self._cards: dict[str, Message] = {}

    def act(self, decision: str) -> str:
        return self.stage.wording.texts.plain("ru", f"desk.act.{decision}")

    def said(self, name: str, **variables: object) -> str:
        return plain(self.stage.wording.texts.render("ru", f"desk.{name}", **variables))

    # Citizens

    async def reports(self, things: list[Thing], moment: datetime) -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(thing: Thing) -> None:
            async with room:
                citizen = Citizen(self.stage, ("kk", "ru", "en")[len(self.reporters) % 3])
                fill = {"link": self._link, "graffiti": self._graffiti, "den": self._den}[thing.kind]
                await fill(citizen, thing)
                self.reporters.append((citizen, thing, moment, await citizen.sends()))

        await asyncio.gather(*map(one, things))

    async def _link(self, citizen: Citizen, thing: Thing) -> None:
        citizen.types(thing.typed)
        await self._until(citizen, "send")

    async def _graffiti(self, citizen: Citizen, thing: Thing) -> None:
        citizen.types("/start")
        await citizen.reads(citizen.text("menu"))
        citizen.presses("kind:graffiti")
        await citizen.reads("")
        citizen.photos(1)
        await citizen.reads(citizen.text("photos_taken", count=1, most=10))
        citizen.presses("done")
        await citizen.reads("")
        citizen.location((TARAZ[0] + self.plan.graffiti.index(thing) / 100, TARAZ[1]))
        await citizen.reads("")
        citizen.types(thing.typed)
        await self._until(citizen, "send")

    async def _den(self, citizen: Citizen, thing: Thing) -> None:
        citizen.types("/start")
        await citizen.reads(citizen.text("menu"))
        citizen.presses("kind:den")
        await citizen.reads("")
        citizen.types(thing.typed)
        await citizen.reads("")
        while citizen.label("skip") in citizen.buttons:
            citizen.presses("skip")
            await citizen.reads("")

    async def _until(self, citizen: Citizen, label: str) -> None:
        await self.stage.sandbox.wait_for(lambda: citizen.heard and citizen.label(label) in citizen.buttons)

    # Officers

    def card(self, thing: Thing) -> Message:
        """The card of a thing, found by what it shows."""
        if thing.typed not in self._cards:
            shown = f"{thing.url.split('//')[1]}\n" if thing.kind == "link" else thing.typed
            posts = self.stage.sandbox.messages(self.stage.desk.id)
            cards = (post for post in posts if post.from_bot and post.inline)
            self._cards[thing.typed] = next(card for card in cards if shown in card.words)
        return self._cards[thing.typed]

    async def press(self, things: list[Thing], act: str) -> None:
        """Have the second officer press the same button of several cards, as they stand then."""
        await settled(self.stage)
        for thing in things:
            card = self.card(thing)
            assert await self.stage.press(self.second, card, self.act(act)) == "Готово", (thing, act)

    async def claims(self, things: list[Thing], moment: datetime) -> None:
        await self.press(things, "claim")
        touch(things, moment)

    async def decides(self, things: list[Thing], decision: Decision, moment: datetime) -> None:
        await self.press(things, decision)
        decide(things, decision, moment)

    async def says(self, things: list[Thing], decision: Decision, moment: datetime, *steps: str) -> None:
        """Decide by a form, as the first officer."""
        for thing in things:
            await settled(self.stage)
            await self.desk.decide(self.card(thing), self.act(decision), *steps)
        decide(things, decision, moment)

    async def sends_register(self, day: int) -> None:
        """Take the register out, and say that it was sent."""
        await self.stage.move(at(day, 9))
        book = await self.answered(self.says_on_desk("/register"), "document", under=False)
        await self.stage.move(at(day, 9, 30))
        due = [thing for thing in self.plan.ways("listed", "refused") if self._waits(thing, day)]
        if self.plan.returned.begun[-1] < at(day, 9) and not self.plan.returned.decided[1:]:
            due.append(self.plan.returned)
        held = [thing for thing in self.plan.ways("held") if thing.filed[0] < at(day, 9) and not thing.decided]
        sent = self.says_on_desk("/sent", book)
        told = {"done": self.done(Decision.SENT_TO_BLOCK), "marked": len(due), "links": len(due) + len(held)}
        await self.answered(sent, self.result(**told, held=len(held), holders=["Бекзат"] if held else []))
        decide(due, Decision.SENT_TO_BLOCK, at(day, 9, 30))
        self.books[day] = book, due

    async def list_returns(self, day: int) -> None:
        """Send the list that came back, as a reply to the register."""
        book, sent = self.books[day - 3]
        await self.stage.move(at(day, 15))
        written, closed = io.BytesIO(), [thing for thing in sent if thing.way != "refused"]
        with Workbook(written, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet()
            sheet.write_row(0, 0, ("№", "Ссылка", "Статус"))
            for row, thing in enumerate(sent, 1):
                sheet.write_row(row, 0, (row, thing.url, "Отказ" if thing.way == "refused" else "Заблокирован"))
        file = self.stage.sandbox.send_document(
            self.second, "answer.xlsx", written.getvalue(), XLSX, chat=self.stage.desk, reply_to=book.id
        )
        refused = [thing for thing in sent if thing.way == "refused"]
        told = {"done": self.done(Decision.BLOCKED), "marked": len(closed), "links": len(sent)}
        await self.answered(file, self.result(**told, others=len(refused), answers=["Отказ"] if refused else []))
        decide(closed, Decision.BLOCKED, at(day, 15))
        await self.stage.move(at(day, 16))
        await self.decides(refused, Decision.NOT_CONFIRMED, at(day, 16))

    def says_on_desk(self, text: str, under: Message | None = None) -> Message:
        answered = under.id if under else None
        return self.stage.sandbox.send_text(self.stage.officer, text, chat=self.stage.desk, reply_to=answered)

    def empty(self, name: str) -> str:
        lists = self.stage.app.lists
        terms = {"claim_hours": lists.claim_hours, "decide_days": lists.decide_days} if name == "overdue" else {}
        return self.said(f"list_{name}", lines=[], **terms)

    def done(self, decision: Decision) -> str:
        return self.stage.wording.texts.plain("ru", f"desk.done.{decision}")

    def result(self, **counts: object) -> str:
        nothing = {"decided": 0, "held": 0, "holders": [], "gone": 0, "unknown": 0, "unknown_links": []}
        nothing |= {"others": 0, "answers": [], "bad": 0, "bad_lines": [], "cut": False}
        return self.said("batch_done", **{**nothing, **counts})

    async def answered(self, message: Message, what: str, *, under: bool = True) -> Message:
        """Wait for what comes after a message: a text in reply to it, or a file or photo."""

        def fits(post: Message) -> bool:
            return (post.words == what and post.reply_to == message.id) if under else what in post.content

        def found() -> Message | None:
            posts = (post for post in self.stage.sandbox.messages(self.stage.desk.id) if post.from_bot)
            return next((post for post in posts if post.id > message.id and fits(post)), None)

        return await self.stage.sandbox.wait_for(found, 120.0)

    def _waits(self, thing: Thing, day: int) -> bool:
        return thing.filed[0] < at(day, 9) and not thing.decided


def timetable(played: Played) -> dict[datetime, Callable[[], Awaitable[None]]]:
    """What happens when, but for the registers and lists."""
    plan, found = played.plan, dict[datetime, Callable[[], Awaitable[None]]]()

    def on(moment: datetime, things: list[Thing], act: Callable[[list[Thing], datetime], Awaitable[None]]) -> None:
        if things:
            assert moment not in found
            found[moment] = lambda: act(things, moment)

    for moment, things in plan.moments().items():
        on(moment, things, played.reports)
    for day in range(REPORTING + 7):

        def reported(days_ago: int, *ways: str, day: int = day) -> list[Thing]:
            return [thing for thing in plan.ways(*ways) if plan.day_of(thing) == day - days_ago]

        on(at(day, 18, 30), reported(0, "held", "own"), played.claims)
        on(at(day, 8, 30), reported(1, "own"), lambda t, m: played.decides(t, Decision.SENT_TO_BLOCK, m))
        on(at(day, 12), reported(5, "held"), lambda t, m: played.decides(t, Decision.BLOCKED, m))
        on(at(day, 12, 30), reported(6, "own"), lambda t, m: played.decides(t, Decision.BLOCKED, m))
        on(at(day, 13), reported(3, "returned"), lambda t, m: played.decides(t, Decision.NOT_CONFIRMED, m))
        on(at(day, 14), reported(1, "passed_on"), lambda t, m: played.says(t, Decision.PASSED_ON, m))
        on(at(day, 11), reported(1, "removed"), lambda t, m: played.says(t, Decision.REGISTERED, m))
        on(at(day, 11, 30), reported(5, "removed"), lambda t, m: played.says(t, Decision.REMOVED, m))
    return found


async def play(played: Played) -> None:
    """Play the month, moment after moment."""
    events = timetable(played)
    for day in REGISTERS:
        events[at(day, 9)] = partial(played.sends_register, day)
        events[at(day + 3, 15)] = partial(played.list_returns, day + 3)
    for moment in sorted(events):
        await played.stage.move(moment)
        await events[moment]()
    await played.stage.move(at(30, 20))
