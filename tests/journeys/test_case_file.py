"""A case file, on the desk and from the command line: what it holds, what it leaves out, and that a change is found."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest

from bot.embedded import Embedded
from bot.evidence.verifying import fault
from bot.papers.case_file import COVER, MANIFEST, SEAL, SUMS
from bot.papers.proof import JOURNAL
from bot.papers.verifying import Verifying
from bot.sandbox.world import Message
from bot.staff import evidence_posts
from bot.wording import Wording
from tests.children import shekteu
from tests.integration.test_emptying import emptied
from tests.journeys.acting import TARAZ, Citizen, Desk, picture, plain, settled, unique
from tests.journeys.conftest import module_stage, no_waiting
from tests.journeys.test_decision_forms import opens
from tests.journeys.test_decision_forms import reported as a_report
from tests.journeys.test_outsiders import writes
from tests.stage import Stage

__all__ = ["no_waiting"]

INVITE = "OneBuyersOwnInvite"


@pytest.fixture(scope="module")
async def shared_stage(cluster: Embedded, wording: Wording, no_waiting: None) -> AsyncIterator[Stage]:
    async with module_stage(cluster, wording) as opened:
        yield opened


@dataclass
class Reported:
    """A report of which everything is known."""

    number: int
    card: Message
    receipt: str
    words: str
    answer: str
    channel: str


@pytest.fixture(scope="module")
async def reported(shared_stage: Stage) -> Reported:
    """A report with a public and a private link, words, two photos, and an answer that has a point."""
    stage = shared_stage
    citizen, desk, words, channel = Citizen(stage), Desk(stage), f"Продаёт {unique('Vasya')}", unique("channel")
    citizen.types(f"t.me/{channel} t.me/+{INVITE}")
    await citizen.reads(channel)
    citizen.types(words)
    await citizen.reads(words)
    citizen.photos(2)
    await citizen.settled()
    receipt = await citizen.sends()
    card = await desk.sees(channel)
    await desk.press(card, "Спросить")
    form = await desk.sees("вопрос гражданину")
    await desk.press(form, buttons(form)[0])
    question = await citizen.reads("Прокурор спрашивает")
    stage.sandbox.press(citizen.person, question.id, "Ответить")
    await citizen.reads("Напишите ответ")
    answer = f"Второй подъезд {unique()}"
    citizen.types(answer)
    await citizen.reads(answer)
    citizen.location(TARAZ)
    await citizen.reads("Точка на карте")
    citizen.presses("send")
    await desk.sees(answer)
    await desk.press(card, label(stage, "desk.act.sent_to_block"))
    await settled(stage)
    return Reported(number_of(card), card, receipt, words, answer, channel)


def number_of(card: Message) -> int:
    """The № of the report that a card shows."""
    found = re.search(r"№(\d+)", card.words)
    assert found
    return int(found[1])


@dataclass
class Opened:
    """A case file, unpacked in memory."""

    data: bytes

    @property
    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}

    @property
    def cover(self) -> str:
        return read_pdf(self.files[COVER])

    def holds(self, needle: str) -> list[str]:
        """The files in which something stands, the cover as it is read."""
        files = {**self.files, COVER: self.cover.encode()}
        return [name for name, data in files.items() if needle.encode() in data]


def read_pdf(data: bytes) -> str:
    """What a PDF says, its lines joined as they were before they were broken."""
    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join("\n".join(pages).split())


async def chosen(stage: Stage, number: int, language: str = "") -> Message:
    """Ask for the case file and give the message on which its pieces are ticked."""
    return await answered(
        stage, stage.sandbox.send_text(stage.officer, f"/evidence {number} {language}", chat=stage.desk)
    )


async def answered(stage: Stage, sent: Message) -> Message:
    """What stands under a message of the desk."""
    return await stage.sandbox.wait_for(
        lambda: next((m for m in stage.sandbox.messages(stage.desk.id) if m.reply_to == sent.id), None), 15.0
    )


def buttons(message: Message) -> list[str]:
    rows = (message.markup or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


async def tick(stage: Stage, message: Message, button: str) -> None:
    """Press a button and wait until the message shows what that did."""
    before = buttons(message)
    stage.sandbox.press(stage.officer, message.id, button, chat=stage.desk)
    await stage.sandbox.wait_for(lambda: buttons(message) != before)


async def made(stage: Stage, message: Message) -> tuple[Message, Opened]:
    """Have the file made; give its message and the file."""
    await tick(stage, message, "Собрать файл")

    def found() -> Message | None:
        posts = stage.sandbox.messages(stage.desk.id)
        return next((m for m in posts if m.document and m.reply_to == message.id), None)

    shown = await stage.sandbox.wait_for(found, 60.0)
    assert shown.document
    return shown, Opened(stage.sandbox.files.get(shown.document["file_id"]).data)


async def command(stage: Stage, folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run `shekteu evidence` as it is run; give exit code, stdout and stderr."""
    key = stage.app.settings.secret_key
    assert key is not None
    secret = key.get_secret_value()
    return await shekteu("evidence", *arguments, folder=folder, DATABASE_URL=stage.url, SECRET_KEY=secret)


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a case file in which something was changed."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    other = path.with_name(f"changed-{len(list(path.parent.iterdir()))}.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return other


def sums_anew(files: dict[str, bytes]) -> None:
    """Make manifest and sums fit the files again, as whoever changes one can."""
    manifest = json.loads(files[MANIFEST])
    for entry in manifest["files"]:
        entry["sha256"] = hashlib.sha256(files[entry["name"]]).hexdigest()
    files[MANIFEST] = json.dumps(manifest).encode()
    named = [name for name in files if name not in (SUMS, SEAL)]
    files[SUMS] = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in named).encode()


async def verified(stage: Stage, path: Path) -> tuple[bool, list[str]]:
    """What `shekteu evidence verify` finds."""
    return await Verifying(stage.database, stage.app.ring, fault).run(path)


def sums_checked(folder: Path) -> int:
    """How many files their SHA256SUMS calls right."""
    checked = subprocess.run(["sha256sum", "-c", SUMS], cwd=folder, capture_output=True, text=True, check=True)
    return checked.stdout.count(": OK")


async def test_unasked_a_case_file_holds_links_acts_and_proof_and_nothing_of_the_citizens(
    stage: Stage, reported: Reported
) -> None:
    message = await chosen(stage, reported.number)
    assert "прочтёт обвиняемый" in message.words
    assert [label[0] for label in buttons(message)[:-1]] == ["☐"] * (len(buttons(message)) - 1)
    assert buttons(message)[:-1] == [
        "☐ Слова",
        "☐ Точка на карте 1",
        "☐ Личная ссылка 2",
        "☐ Фото 1",
        "☐ Фото 2",
        "☐ Дополнение или ответ 1",
    ]
    shown, case = await made(stage, message)
    assert "Слов, фото и переписки гражданина в файле нет" in shown.words
    assert hashlib.sha256(case.data).hexdigest() in shown.words
    assert not shown.protect, "an officer saves it"
    assert set(case.files) == {COVER, "case.json", JOURNAL, MANIFEST, SUMS, SEAL}
    for needle in (reported.words, reported.answer, reported.receipt, INVITE, "42.9", "Citizen"):
        assert case.holds(needle) == [], needle
    assert case.holds(f"https://t.me/{reported.channel}") == [COVER, "case.json"]
    assert "не доказательство и не повод к началу досудебного расследования" in case.cover
    assert "то, что сотрудник выявил и закрепил сам" in case.cover
    assert "Снимков нет." in case.cover
    assert "не включены" in case.cover
    for name in ("case.json", JOURNAL):
        assert hashlib.sha256(case.files[name]).hexdigest() in case.cover.replace(" ", "")
    acts = json.loads(case.files[JOURNAL])["acts"]
    assert [(act["act"], act["sort"], act["about_link"]) for act in acts] == [
        ("sent_to_block", "resource", 1),
        ("evidence", "report", None),
    ], "of questions nothing is told"
    assert all(act["position"] and act["by"] == "Айгерим" for act in acts)
    # No moment is finer than the minute, none of the citizen's finer than the day, and no officer's number is told.
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", act["at"]) for act in acts)
    told = json.loads(case.files["case.json"])
    assert [link["what"] for link in told["links"]] == ["channel"], "of a private link not even that it is"
    assert case.holds("invite") == []
    assert "приглашение" not in case.cover.replace("приглашения включаются", "")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["filed"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["links"][0]["first_reported"])
    assert case.holds(str(stage.officer.id)) == []


async def test_what_is_ticked_enters_and_nothing_else_and_the_journal_tells_it(
    stage: Stage, reported: Reported
) -> None:
    message = await chosen(stage, reported.number, "kk")
    for button in ("☐ Слова", "☐ Фото 2", "☐ Дополнение или ответ 1", "☐ Точка на карте 1", "☑ Точка на карте 1"):
        await tick(stage, message, button)
    shown, case = await made(stage, message)
    assert "Слова, Фото 2, Дополнение или ответ 1" in shown.words
    assert "Это прочтёт обвиняемый" in shown.words
    inside = {name for name in case.files if name.startswith("citizen/")}
    assert inside == {"citizen/words.txt", "citizen/photo-2.jpg", "citizen/added-1.txt"}
    assert case.files["citizen/words.txt"].decode().strip() == reported.words
    assert reported.answer in case.files["citizen/added-1.txt"].decode()
    assert case.files["citizen/photo-2.jpg"].startswith(b"\xff\xd8")
    assert case.holds(INVITE) == []
    assert case.holds("42.9") == []
    assert "Іске қызметкердің өзі анықтап, бекіткен деректер негіз болады" in case.cover
    assert "Мұны айыпталушы мен оның қорғаушысы оқиды" in case.cover
    [newest] = await stage.fetch("SELECT array_agg(act ORDER BY id DESC) AS acts FROM journal")
    assert newest["acts"][:2] == ["disclose", "evidence"]


async def test_sums_seal_and_journal_find_whatever_is_changed(stage: Stage, reported: Reported, tmp_path: Path) -> None:
    number = str(reported.number)
    code, told, refused = await command(stage, tmp_path, number, "--with", "words,photo-1", "--language", "en")
    assert (code, told) == (1, "")
    assert "The accused and their counsel will read this: words, photo-1." in refused
    assert os.listdir(tmp_path) == [], "without --yes nothing is written"
    code, told, refused = await command(stage, tmp_path, number, "--with", "words,photo-9", "--yes")
    assert (code, told) == (1, "")
    assert "--with photo-9: the pieces of this report are words, point-1" in refused
    arguments = ("--with", "words,photo-1", "--yes", "--language", "en", "--by", "A. Officer", "--out", "case.zip")
    code, told, _ = await command(stage, tmp_path, number, *arguments)
    assert code == 0, told
    assert "it holds: words, photo-1." in told
    path = tmp_path / "case.zip"
    assert path.stat().st_mode & 0o077 == 0
    case = Opened(path.read_bytes())
    assert "neither evidence nor by itself a reason to open an investigation" in case.cover
    assert "A. Officer" in case.cover
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    assert sums_checked(unpacked) == len(case.files) - 2
    code, told, _ = await command(stage, tmp_path, "verify", "case.zip")
    assert code == 0, told
    assert "files are as they were made" in told
    assert "stand in this journal as it tells" in told

    def words(files: dict[str, bytes]) -> None:
        files["citizen/words.txt"] = b"Something else\n"

    def words_and_sums(files: dict[str, bytes]) -> None:
        words(files)
        sums_anew(files)

    def put_in(files: dict[str, bytes]) -> None:
        files["captures/made-up.png"] = b"\x89PNG"

    def an_act(files: dict[str, bytes]) -> None:
        files[JOURNAL] = files[JOURNAL].replace(b'"act": "evidence"', b'"act": "release"', 1)
        sums_anew(files)

    def a_hash(files: dict[str, bytes]) -> None:
        proof = json.loads(files[JOURNAL])
        proof["acts"][0]["hash"] = "00" * 32
        files[JOURNAL] = json.dumps(proof).encode()

    for change, found in (
        (words, "citizen/words.txt is not what it was."),
        (words_and_sums, "these sums were not written with this office's key"),
        (put_in, "captures/made-up.png was put in."),
        (an_act, "the journal tells it otherwise"),
        (a_hash, "another act stands there in this journal"),
    ):
        whole, lines = await verified(stage, rewritten(path, change))
        assert not whole, change
        assert any(found in line for line in lines), (change, lines)
    (tmp_path / "no.zip").write_bytes(b"PK no zip")
    code, _, refused = await command(stage, tmp_path, "verify", "no.zip")
    assert (code, "is no ZIP" in refused) == (1, True)


async def test_a_journal_that_was_changed_since_is_found_by_the_case_file(
    stage: Stage, reported: Reported, tmp_path: Path
) -> None:
    _, case = await made(stage, await chosen(stage, reported.number))
    path = tmp_path / "case.zip"
    path.write_bytes(case.data)
    [act] = await stage.fetch("SELECT id, officer_name FROM journal WHERE act = 'evidence' ORDER BY id LIMIT 1")
    change = "UPDATE journal SET officer_name = $2 WHERE id = $1"
    await stage.fetch(change, act["id"], "Somebody else")
    whole, lines = await verified(stage, path)
    await stage.fetch(change, act["id"], act["officer_name"])
    assert not whole
    assert any("the journal's own act, or the hash before it, is not what was chained" in line for line in lines)
    assert (await verified(stage, path))[0]


async def test_outsiders_and_made_up_or_outdated_buttons_get_no_case_file(stage: Stage, reported: Reported) -> None:
    desk, stranger = Desk(stage), stage.sandbox.add_person("Stranger")
    writes(stage, stranger, f"/evidence {reported.number}", None)
    message = await chosen(stage, reported.number)
    assert len([post for post in desk.posts if f"№{reported.number}" in post.words]) == 1
    query = stage.sandbox.press(stranger, message.id, "Собрать файл", chat=stage.desk)
    assert await toast(stage, query) == label(stage, "desk.answer_not_member")
    [data] = [one["callback_data"] for row in message.inline for one in row if "Собрать" in one["text"]]
    report, digest, language, _, _ = data.removeprefix("e:").split(":")
    for forged in (
        f"e:{report}:{digest}:xx:0:m",
        f"e:{report}:{digest}:{language}:{'f' * 25}:m",
        f"e:{report}:00000000:{language}:1:m",
        f"e:{'A' * 22}:{digest}:{language}:0:m",
        f"e:{report}:{digest}:{language}:0:x",
    ):
        query = stage.sandbox.press(stage.officer, message.id, forged, chat=stage.desk, outdated=True)
        assert await toast(stage, query) == label(stage, "desk.answer_list_changed"), forged
    for words, told in (("/evidence yesterday", "/evidence 17"), ("/evidence 999999", "999999")):
        sent = stage.sandbox.send_text(stage.officer, words, chat=stage.desk)
        assert told in (await answered(stage, sent)).words
    await settled(stage)
    assert not [post for post in desk.posts if post.document]


async def test_a_cases_number_its_article_and_an_officers_photo_are_told(stage: Stage, citizen: Citizen) -> None:
    desk, card, _ = await a_report(stage, citizen, "graffiti")
    form = await opens(desk, card, "Надпись закрашена")
    stage.sandbox.send_photos(stage.officer, [picture(9)], chat=stage.desk, reply_to=form.id)
    await desk.shows(form, "Фото «после» принято")
    await settled(stage)
    await desk.press(form, "Поставить решение")
    await desk.shows(card, "решено")
    await desk.press(card, "Открыть снова")
    await desk.shows(card, "в работе")
    await desk.decide(card, "Внесено в ЕРДР")
    await desk.shows(card, "внесено в ЕРДР")
    await settled(stage)
    message = await chosen(stage, number_of(card))
    assert buttons(message)[:-1] == ["☐ Слова", "☐ Фото 1"]
    _, case = await made(stage, message)
    assert [name for name in case.files if name.endswith(".jpg")] == ["after/photo-1.jpg"]
    assert "внесено в ЕРДР, № 227547031000089, ст. 299-1 УК" in case.cover
    assert "Фото сотрудников после удаления: 1" in case.cover
    [registered] = [act for act in json.loads(case.files[JOURNAL])["acts"] if act["act"] == "registered"]
    assert (registered["erdr"], registered["article"]) == ("227547031000089", "299-1")


async def test_what_was_taken_off_the_desk_does_not_come_back_by_a_case_file(stage: Stage, citizen: Citizen) -> None:
    _, card, _ = await a_report(stage, citizen, "graffiti")
    before = await chosen(stage, number_of(card))
    await tick(stage, before, "☐ Фото 1")
    hidden = "UPDATE reports SET hidden_by = 1, hidden_name = 'Айгерим' WHERE number = $1"
    await stage.fetch(hidden, number_of(card))
    query = stage.sandbox.press(stage.officer, before.id, "Собрать файл", chat=stage.desk)
    assert await toast(stage, query) == label(stage, "desk.answer_list_changed")
    message = await chosen(stage, number_of(card))
    assert buttons(message) == ["Собрать файл"]
    assert "обвиняемый" not in message.words


async def test_what_telegram_does_not_take_is_told_in_a_sentence(
    stage: Stage, reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_posts, "MOST", 1000)
    message = await chosen(stage, reported.number)
    await tick(stage, message, "Собрать файл")
    text = plain(stage.wording.texts.render("ru", "desk.evidence_too_big", number=reported.number))
    await stage.sandbox.wait_text(stage.desk.id, text)


async def test_when_the_term_is_over_the_file_on_the_desk_is_gone_and_a_new_one_has_links_and_acts_alone(
    stage: Stage, citizen: Citizen
) -> None:
    _, card, _ = await a_report(stage, citizen, "graffiti")
    await Desk(stage).press(card, "Не подтвердилось")
    await settled(stage)
    message = await chosen(stage, number_of(card))
    await tick(stage, message, "☐ Слова")
    shown, _ = await made(stage, message)
    await settled(stage)
    await emptied(stage)
    assert not shown.document
    assert "срок хранения истёк" in shown.words
    message = await chosen(stage, number_of(card))
    assert buttons(message) == ["Собрать файл"]
    _, case = await made(stage, message)
    assert [act["act"] for act in json.loads(case.files[JOURNAL])["acts"]][-3:] == ["evidence", "disclose", "evidence"]


async def toast(stage: Stage, query: str) -> str | None:
    """What a press is answered."""
    await stage.sandbox.wait_for(lambda: stage.sandbox.presses[query].answered)
    return stage.sandbox.presses[query].text


def label(stage: Stage, name: str) -> str:
    return stage.wording.texts.plain("ru", name)
