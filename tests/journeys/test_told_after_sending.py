"""After sending a citizen is told which public names are closed already, and nothing that a dealer could ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.reports.waiting import Waits
from bot.sandbox.world import Message
from tests.journeys.acting import RECEIPT, Citizen, Desk, settled, texts_of, unique
from tests.stage import Stage

CLOSED, SENT, DOUBTED, TAKEN = "Доступ закрыт", "В Кибернадзор", "Не подтвердилось", "Взять"


def closed(citizen: Citizen, *links: str) -> str:
    """What a citizen is told of these links."""
    return citizen.text("closed_already", links=list(links), more=0)


def of_closing(citizen: Citizen) -> str:
    """Words that stand in nothing that a citizen reads but in that."""
    return {"kk": "шектеліп қойған", "ru": "уже закрыт", "en": "is closed already"}[citizen.language]


def names(count: int, form: str = "t.me/{}") -> list[str]:
    """So many links that nobody has reported."""
    return [form.format(unique("name").replace("_", "-" if form == "{}.kz" else "_")) for _ in range(count)]


async def known(stage: Stage, links: list[str], times: int = 1) -> list[str]:
    """Make links known to the desk, each with a card of its own, reported so many times."""
    for _ in range(times):
        for some in (links[start : start + 5] for start in range(0, len(links), 5)):
            citizen = Citizen(stage)
            citizen.types(" ".join(some))
            await citizen.reads(some[0])
            await citizen.sends()
    await settled(stage)
    return links


async def decides(stage: Stage, link: str, button: str) -> None:
    await settled(stage)
    desk = Desk(stage)
    desk.last = 0
    await desk.decide(await desk.sees(link), button)
    await settled(stage)


async def sends(citizen: Citizen, *links: str) -> Message:
    """Send links, see that nothing is told of them before, and give what comes after."""
    citizen.types(" ".join(links))
    summary = await citizen.reads(links[0])
    assert of_closing(citizen) not in summary.words
    receipt = await citizen.sends()
    return await citizen.reads(receipt)


async def test_who_sends_a_public_name_that_is_closed_is_told_after_sending(stage: Stage) -> None:
    for language, link in zip(("kk", "ru", "en"), await known(stage, names(3)), strict=True):
        await decides(stage, link, CLOSED)
        citizen = Citizen(stage, language)
        told = await sends(citizen, link)
        assert told.words.endswith(closed(citizen, link)), told.words
        await citizen.settled()
        assert len(citizen.heard) == 1, "the acknowledgement alone"
        # Reported again it is open again: the desk looks, and the next who sends it hears nothing.
        following = Citizen(stage, language)
        assert of_closing(following) not in (await sends(following, link)).words
        # Closed once more, that is told to those who reported it since, and to the next who sends it.
        heard = texts_of(citizen.heard)
        await decides(stage, link, CLOSED)
        again = following.text("kinds.link.feedback.blocked")
        assert [words for words in texts_of(following.heard) if words == again] == [again]
        assert texts_of(citizen.heard) == [*heard, again]
        last = Citizen(stage, language)
        assert (await sends(last, link)).words.endswith(closed(last, link))
        assert texts_of(citizen.heard) == [*heard, again], "who was told is told no more"


async def test_of_many_links_those_are_named_that_are_closed_and_no_others(stage: Stage) -> None:
    """In work, sent, doubted, opened again: nothing. The same by a report that makes a list, and by an addition."""
    public = await known(stage, names(5))
    others = await known(stage, [*names(1, "t.me/+{}"), *names(1, "shop.kz/{}")])
    [site] = await known(stage, names(1, "{}.kz"))
    for link, button in zip(public, (CLOSED, TAKEN, SENT, DOUBTED, CLOSED), strict=True):
        await decides(stage, link, button)
    for link in [*others, site]:
        await decides(stage, link, CLOSED)
    await decides(stage, public[4], "Открыть снова")
    citizen = Citizen(stage)
    told = await sends(citizen, *public)
    assert told.words.endswith(closed(citizen, public[0])), told.words
    for link in public[:2]:
        await decides(stage, link, CLOSED)
    volunteer = Citizen(stage, "kk")
    told = await sends(volunteer, *names(6), *others, site, *public)
    assert told.words.endswith(closed(volunteer, *sorted([*public[:2], site]))), told.words
    for link in [public[0], *others]:
        await decides(stage, link, CLOSED)
    adding = Citizen(stage, "en")
    receipt = RECEIPT.findall((await sends(adding, *names(1))).words)[0]
    adding.types(f"/add {receipt}")
    await adding.reads(adding.text("addition_asked", links=True))
    adding.types(" ".join([public[0], *others]))
    assert of_closing(adding) not in (await adding.reads(public[0])).words
    adding.presses("send")
    await adding.reads(f"{adding.text('added', refused=0)}\n\n{closed(adding, public[0])}")


HELD_BACK = {
    "it can be taken back": "UPDATE decisions SET until = now() + interval '1 minute' WHERE subject = $1",
    "a line is being written": "UPDATE decisions SET held_until = now() + interval '1 minute' WHERE subject = $1",
    "it has a line that others wait for": "UPDATE decisions SET sealed = '\\x00' WHERE subject = $1",
    "it is being taken to those who reported it": "UPDATE decisions SET spread = false WHERE subject = $1",
    "nobody is to hear of it": "UPDATE decisions SET ended = 'silent' WHERE subject = $1",
    "it was seen alive since": "INSERT INTO watches (resource_id, host, state, looked_at, failures)"
    " VALUES ($1, 't.me', 'alive', now() + interval '1 second', 0)",
}


async def test_nothing_is_told_sooner_than_to_those_who_reported_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await known(stage, names(len(HELD_BACK) + 1))
    for link in links:
        await decides(stage, link, CLOSED)
    for link, (why, statement) in zip(links, HELD_BACK.items(), strict=False):
        await stage.fetch(statement, await resource(stage, link))
        citizen = Citizen(stage)
        assert of_closing(citizen) not in (await sends(citizen, link)).words, why
    # What was seen alive and is closed since is closed.
    await decides(stage, links[len(HELD_BACK) - 1], CLOSED)
    await stage.fetch("UPDATE watches SET looked_at = now() - interval '1 day'")
    citizen = Citizen(stage)
    assert of_closing(citizen) in (await sends(citizen, links[len(HELD_BACK) - 1])).words
    monkeypatch.setattr(stage.app.reports, "_waits", Waits(0, (120, 1200)))
    first, last = Citizen(stage), links[-1]
    subject = await resource(stage, last)
    assert of_closing(first) not in (await sends(first, last)).words, "their answers may still wait"
    await decides(stage, last, CLOSED)
    await stage.fetch("UPDATE decisions SET until = now() - interval '20 minutes' WHERE subject = $1", subject)
    second = Citizen(stage)
    assert (await sends(second, last)).words.endswith(closed(second, last))


async def resource(stage: Stage, link: str) -> Any:
    [row] = await stage.fetch("SELECT id FROM resources WHERE url = 'https://' || $1", link)
    return row["id"]


async def test_what_is_told_depends_on_no_count_and_no_date(stage: Stage) -> None:
    rare, often = await known(stage, names(1)), await known(stage, names(1), times=4)
    await decides(stage, rare[0], CLOSED)
    await decides(stage, often[0], CLOSED)
    await stage.fetch("UPDATE decisions SET at = at - interval '90 days', until = until - interval '90 days'")
    told = [bare((await sends(Citizen(stage), link)).words, link) for link in (*rare, *often)]
    assert told[0] == told[1]


def bare(words: str, *links: str) -> str:
    """What a message says, without what has to differ."""
    words = RECEIPT.sub("CODE", words)
    for place, link in enumerate(links):
        words = words.replace(link, f"LINK{place}")
    return words


class Dealer(Citizen):
    """Sends in what they gave to their buyers, and keeps all that the bot says to it."""

    async def notes(self, *links: str) -> list[Any]:
        """Give what came after the last message: the words, the buttons, how many there were."""
        await self.settled()
        return [[(bare(m.words, *links), m.inline, m.silent) for m in self.heard], self.keyboard]

    async def probes(self, invite: str) -> list[Any]:
        """An invite alone: before Send, after it, by the code, by the code of an addition, and once more."""
        noted = []
        self.types(invite)
        noted.append(await self.notes(invite))
        self.presses("send")
        receipt = await self.receipt()
        noted.append(await self.notes(invite))
        for words in (f"/status {receipt}", self.label("send"), f"/add {receipt}", invite, self.label("send")):
            self.types(words)
            noted.append(await self.notes(invite))
        self.types(invite)
        noted.append(await self.notes(invite))
        self.types("/cancel")
        return noted

    async def probes_beside(self, invite: str, own: str) -> list[Any]:
        """An invite beside a link that the dealer gives up: what is done to that one must tell nothing of the other."""
        noted = []
        self.types(f"{own} {invite}")
        noted.append(await self.notes(invite, own))
        self.presses("send")
        receipt = await self.receipt()
        noted.append(await self.notes(invite, own))
        await decides(self.stage, own, CLOSED)
        # In every state that one is told of: the count comes behind the acknowledgement, however long it takes.
        await self.sandbox.wait_for(lambda: len(self.heard) > 1)
        noted.append(await self.notes(invite, own))
        self.types(f"/status {receipt}")
        return [*noted, await self.notes(invite, own)]

    async def probes_later(self, invite: str, own: str) -> list[Any]:
        """An invite added to a report that was decided long ago."""
        self.types(own)
        await self.reads(own)
        receipt = await self.sends()
        await decides(self.stage, own, CLOSED)
        noted = []
        for words in (f"/add {receipt}", invite, self.label("send"), f"/status {receipt}"):
            self.types(words)
            noted.append(await self.notes(invite, own))
        return noted


async def test_a_dealer_learns_of_no_invite_whether_it_is_known(stage: Stage) -> None:
    """Unknown, in work, sent to be blocked, closed: each comes back as all the others do."""
    states = (None, TAKEN, SENT, CLOSED)
    noted: dict[str, list[Any]] = {"alone": [], "beside": [], "later": []}
    for state in states:
        invites = names(3, "t.me/+{}")
        if state:
            await known(stage, invites)
        for invite in invites if state else ():
            await decides(stage, invite, state or "")
        own = names(2)
        noted["alone"].append(await Dealer(stage).probes(invites[0]))
        noted["beside"].append(await Dealer(stage).probes_beside(invites[1], own[0]))
        noted["later"].append(await Dealer(stage).probes_later(invites[2], own[1]))
    for way, of_states in noted.items():
        for state, came in zip(states, of_states, strict=True):
            assert came == of_states[0], (way, state)


async def test_an_invite_gets_its_hint_once_and_can_be_sent(stage: Stage, citizen: Citizen) -> None:
    first, second = names(2, "t.me/+{}")
    hint, [public] = citizen.text("invite_hint", added=False), names(1)
    citizen.types(first)
    asked = await citizen.reads(first)
    assert asked.words.startswith(hint), "before what will be sent, and no further press"
    assert citizen.label("send") in citizen.buttons
    citizen.types(public)
    await citizen.reads("2")
    citizen.types(second)
    await citizen.settled()
    assert not any(hint in message.words for message in citizen.heard)
    await citizen.sends()
    citizen.types(public)
    assert hint not in (await citizen.reads(public)).words
    citizen.presses("back")
    citizen.types("/cancel")
    citizen.types(f"https://chat.whatsapp.com/{'Ab1' * 7}")
    assert hint in (await citizen.reads("chat.whatsapp.com")).words, "each draft has its own"
    citizen.types("/cancel")
    lists = [f"{public}\n{invite}\n".encode() for invite in names(2, "t.me/+{}")]
    for number, data in enumerate(lists):
        citizen.document("list.txt", data)
        read = await citizen.reads(citizen.text("list_read", links=2, unread=0))
        assert read.words.startswith(citizen.text("list_invites")) == (number == 0)
