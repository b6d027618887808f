"""`shekteu register`: one row a link, as it stands, in a file that the office's system takes."""

from __future__ import annotations

import base64
import csv
import json
import os
import stat
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from uuid import uuid4
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from bot.database import driver
from bot.delivery.outbox import CardSort
from bot.languages import Language
from bot.reports import register_files
from bot.reports.contents import Contents, StoredLink
from bot.reports.deciding import Officer
from bot.reports.lifecycle import Decision
from bot.reports.register import Asked, NotRegistered, Register, Row, statuses
from bot.reports.register_files import FORMATS, write
from bot.reports.register_template import load_columns
from bot.texts import TextsBroken
from bot.wording import Wording
from tests.children import shekteu
from tests.integration.rehearsal import ROOT, Rehearsal
from tests.workbench import look

ALMATY = ZoneInfo("Asia/Almaty")
ALL = Asked()
COLUMNS = load_columns(ROOT / "templates")
JULY = datetime(2026, 7, 10, 6, tzinfo=UTC)


class Office:
    """An office whose links were reported at known times."""

    def __init__(self, bot: Rehearsal) -> None:
        self.bot = bot
        self.register = Register(bot.database, bot.ring, ALMATY)

    async def report(
        self, url: str, now: datetime, chat: int = 1, kind: str = "link", *, private: bool = False
    ) -> None:
        link = StoredLink(platform="telegram", what="invite" if private else "channel", url=url, private=private)
        draft = Contents(kind=kind, report_id=uuid4(), words="x", links=[link])
        await self.bot.ring.ready(now)
        async with self.bot.database.transaction() as connection:
            raw = await driver(connection)
            await self.bot.app.reports.file(raw, draft, chat, now, (token_bytes(32), uuid4()))

    async def decide(self, url: str, decision: Decision, now: datetime) -> None:
        (row,) = await look(self.bot.url, "SELECT id FROM resources WHERE url = $1", url)
        async with self.bot.database.transaction() as connection:
            raw = await driver(connection)
            officer = Officer(7, "Айгерим")
            await self.bot.app.decisions.act(raw, CardSort.RESOURCE, row["id"], decision, officer, now)

    async def rows(self, asked: Asked = ALL) -> list[Row]:
        return [row async for row in self.register.rows(asked)]

    async def links(self, asked: Asked = ALL) -> list[str]:
        return [row.link.rsplit("/", 1)[-1] for row in await self.rows(asked)]


@pytest.fixture
async def office(database_url: str, wording: Wording) -> AsyncIterator[Office]:
    bot = Rehearsal(database_url, wording)
    await bot.open()
    yield Office(bot)
    await bot.app.api.close()
    await bot.database.close()


async def test_each_link_is_one_row_however_many_reported_it(office: Office) -> None:
    await office.report("https://t.me/first", JULY)
    await office.report("https://t.me/second", JULY + timedelta(hours=1))
    for person in (2, 3):
        await office.report("https://t.me/first", JULY + timedelta(hours=2), person)
    await office.report("https://t.me/first", JULY + timedelta(hours=3), 3)
    await office.decide("https://t.me/second", Decision.BLOCKED, JULY + timedelta(days=1))
    first, second = await office.rows()
    assert (first.link, first.times_reported, first.status, first.decided) == ("https://t.me/first", 3, "new", None)
    assert (second.link, second.times_reported, second.status) == ("https://t.me/second", 1, "blocked")
    assert first.numbers == sorted(first.numbers, reverse=True)
    assert len(first.numbers) == 4
    assert first.first_reported == JULY
    assert first.first_reported.utcoffset() == timedelta(hours=5)
    assert second.decided == JULY + timedelta(days=1)


async def test_days_are_the_offices_and_the_last_one_counts(office: Office) -> None:
    # 23:30 and 00:30 in Almaty, which is five hours ahead of UTC.
    await office.report("https://t.me/july_ninth", datetime(2026, 7, 9, 18, 30, tzinfo=UTC))
    await office.report("https://t.me/july_tenth", datetime(2026, 7, 9, 19, 30, tzinfo=UTC))
    assert await office.links(Asked(date(2026, 7, 10), date(2026, 7, 10))) == ["july_tenth"]
    assert await office.links(Asked(last=date(2026, 7, 9))) == ["july_ninth"]
    with pytest.raises(NotRegistered, match="--from 2026-07-11 is after --to 2026-07-10"):
        await office.links(Asked(date(2026, 7, 11), date(2026, 7, 10)))


async def test_a_status_a_decision_and_a_kind_can_be_asked_for(office: Office) -> None:
    await office.report("https://t.me/is_new", JULY)
    await office.report("https://t.me/is_sent", JULY + timedelta(minutes=1))
    await office.report("https://t.me/in_a_stash", JULY + timedelta(minutes=2), kind="stash")
    await office.decide("https://t.me/is_sent", Decision.SENT_TO_BLOCK, JULY + timedelta(days=1))
    assert await office.links(Asked(status="new")) == ["is_new", "in_a_stash"]
    assert await office.links(Asked(status="open")) == ["is_new", "in_a_stash"]
    assert await office.links(Asked(status="sent_to_block")) == ["is_sent"]
    assert await office.links(Asked(status="in_progress")) == ["is_sent"]
    assert await office.links(Asked(kind="stash")) == ["in_a_stash"]
    assert "abuse" not in statuses()


async def test_invites_stay_out_unless_they_are_asked_for(office: Office) -> None:
    await office.report("https://t.me/everybodys", JULY)
    await office.report("https://t.me/+OneBuyersOwn", JULY + timedelta(minutes=1), private=True)
    assert await office.links() == ["everybodys"]
    assert await office.links(Asked(with_private=True)) == ["everybodys", "+OneBuyersOwn"]
    async with office.bot.database.transaction() as connection:
        await (await driver(connection)).execute("UPDATE resources SET sealed = NULL WHERE url IS NULL")
    # What was erased with its reports is still a row of the count.
    assert await office.links(Asked(with_private=True)) == ["everybodys", "—"]


async def some(*rows: Row) -> AsyncIterator[Row]:
    for row in rows:
        yield row


ROW = Row(
    "https://t.me/shop", "telegram", "channel", JULY.astimezone(ALMATY), 3, "sent_to_block", None, [12, 7], uuid4()
)
ODD = Row('=HYPERLINK("https://t.me/x";"y")', "site", "page", JULY.astimezone(ALMATY), 1, "new", None, [], uuid4())


@pytest.mark.parametrize("form", FORMATS)
async def test_a_file_is_its_owners_alone_and_no_half_of_it_stays(form: str, tmp_path: Path, wording: Wording) -> None:
    path = tmp_path / f"register.{form}"
    assert await write(path, form, COLUMNS, Language.RU, wording.texts, some(ROW, ODD)) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def breaks() -> AsyncIterator[Row]:
        yield ROW
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await write(tmp_path / "other", form, COLUMNS, Language.RU, wording.texts, breaks())
    with pytest.raises(NotRegistered, match="is there already"):
        await write(path, form, COLUMNS, Language.RU, wording.texts, some(ROW))
    with pytest.raises(NotRegistered, match="make it first"):
        await write(tmp_path / "nowhere" / "x", form, COLUMNS, Language.RU, wording.texts, some(ROW))
    assert os.listdir(tmp_path) == [path.name]


async def test_csv_is_what_excel_opens_here_and_holds_no_formula(tmp_path: Path, wording: Wording) -> None:
    path = tmp_path / "register.csv"
    await write(path, "csv", COLUMNS, Language.KK, wording.texts, some(ROW, ODD))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    heading, first, second = csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert heading[:2] == ["Р/с", "Сілтеме"]
    assert first[:5] == ["1", "https://t.me/shop", "Telegram", "арна не атау", "10.07.2026 11:00"]
    assert first[5:] == ["3", wording.texts.plain("kk", "desk.done.sent_to_block"), "№ 12, № 7"]
    assert second[1].startswith("'=HYPERLINK")


async def test_json_is_for_other_programs(tmp_path: Path, wording: Wording) -> None:
    path = tmp_path / "register.json"
    await write(path, "json", COLUMNS, Language.EN, wording.texts, some(ROW, ODD))
    first, second = json.loads(path.read_text())
    assert first["link"] == "https://t.me/shop"
    assert (first["status"], second["status"]) == (ROW.status, ODD.status), "by their codes, in any language"
    assert first["first_reported"] == "2026-07-10T11:00:00"
    assert second["position"] == 2
    await write(tmp_path / "empty.json", "json", COLUMNS, Language.EN, wording.texts, some())
    assert json.loads((tmp_path / "empty.json").read_text()) == []


async def test_a_workbook_holds_words_and_moments_and_nothing_to_click(tmp_path: Path, wording: Wording) -> None:
    path = tmp_path / "register.xlsx"
    await write(path, "xlsx", COLUMNS, Language.RU, wording.texts, some(ROW, ODD))
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not [name for name in book.namelist() if "rels" in name and "sheet" in name]
    space = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    rows = sheet.findall(".//row", space)
    words = ["".join(cell.itertext()) for cell in rows[1].findall("c", space)]
    # A heading of several lines is shown whole.
    assert float(rows[0].attrib["ht"]) >= 45
    assert words[:4] == ["1", "https://t.me/shop", "Telegram", "канал или имя"]
    # Excel counts days: a moment is a number with a format, so that it can be sorted.
    assert float(words[4]) == pytest.approx(46213.458333, abs=1e-5)
    assert sheet.findall(".//f", space) == []
    assert "".join(rows[2].findall("c", space)[1].itertext()).startswith("=HYPERLINK")


async def test_more_rows_than_excel_opens_are_refused(
    tmp_path: Path, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_files, "XLSX_ROWS", 1)
    with pytest.raises(NotRegistered, match="ask for fewer days, or for csv"):
        await write(tmp_path / "r.xlsx", "xlsx", COLUMNS, Language.RU, wording.texts, some(ROW, ROW))


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("", "columns: Field required"),
        ("columns = []", "columns: List should have at least 1 item"),
        ('[[columns]]\nfield = "link"\nkk = "a"\nru = "b"', "columns/0/en: Field required"),
        ('[[columns]]\nfield = "sender"\nkk = "a"\nru = "b"\nen = "c"', "columns/0/field"),
        ("[[columns", "register.toml"),
    ],
)
def test_a_template_that_is_wrong_is_told_with_its_place(broken: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "register.toml").write_text(broken)
    with pytest.raises(TextsBroken, match=told):
        load_columns(tmp_path)


async def test_the_offices_own_columns_are_taken(tmp_path: Path, wording: Wording) -> None:
    (tmp_path / "register.toml").write_text(
        '[[columns]]\nfield = "number"\nkk = "№"\nru = "№"\nen = "№"\n'
        '[[columns]]\nfield = "decided"\nkk = "К"\nru = "Закрыто"\nen = "D"\n'
    )
    path = tmp_path / "own.csv"
    await write(path, "csv", load_columns(tmp_path), Language.RU, wording.texts, some(ROW, ODD))
    assert path.read_text("utf-8-sig").splitlines() == ["№;Закрыто", "12;", ";"]


async def test_the_command_writes_the_file_and_refuses_what_it_does_not_know(database_url: str, tmp_path: Path) -> None:
    key = base64.b64encode(token_bytes(32)).decode()

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await shekteu("register", *arguments, folder=tmp_path, DATABASE_URL=database_url, SECRET_KEY=key)

    assert await run("--out", "all.csv") == (0, "0 links in all.csv.\n", "")
    # Days as people here write them do as well; without a file it is printed, for other programs.
    days = ("--from", "1.11.2026", "--to", "2026-11-30")
    assert await run(*days, "--format", "json") == (0, "[\n]\n", "")
    code, printed, _ = await run(*days, "--format", "csv")
    assert (code, printed) == (0, (tmp_path / "all.csv").read_text("utf-8-sig"))
    code, _, refused = await run("--from", "31.11.2026", "--out", "x.csv")
    assert code == 2
    assert refused.endswith("argument --from: a day such as 2026-11-30 is wanted, not “31.11.2026”\n")
    for arguments, told in (
        (("--format", "xlsx"), "--out FILE is wanted"),
        (("--out", "x.doc"), "--format doc: one of xlsx, csv, json is wanted."),
        (("--out", "x.csv", "--kind", "drugs"), "--kind drugs: one of link"),
        (("--out", "x.csv", "--status", "closed"), "--status closed: one of open, new"),
        (("--out", "all.csv"), "all.csv is there already"),
        ((), "--out FILE is wanted"),
        (("mark", "none.csv", "--as", "blocked", "--officer", "A"), "none.csv: No such file"),
    ):
        code, _, refused = await run(*arguments)
        assert code == 1
        assert refused.startswith(told)
