"""The log cannot carry an identity: events have named fields of known kinds, libraries only their place."""

from __future__ import annotations

import ast
import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import log
from bot.log import SAFE_FIELDS, configure, error_fields, get_logger

SECRET = "5012345678 Aigul sold at t.me/shop"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Leave logging as it was found."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    structlog.reset_defaults()
    root.setLevel(level)
    root.handlers[:] = handlers


def fail(text: str = SECRET) -> Exception:
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_an_event_carries_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    get_logger().info("delivery_refused", method="sendMessage", code=400, count=3)
    line = capsys.readouterr().err
    assert "event='delivery_refused'" in line
    assert "method='sendMessage' code=400 count=3" in line.replace("count=3 code=400", "code=400 count=3")


@pytest.mark.parametrize(
    "field", ["chat_id", "user", "username", "text", "message", "exc_info", "exception", "stack_info", "token", "url"]
)
def test_a_field_of_another_name_is_dropped(field: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert field not in SAFE_FIELDS
    configure("DEBUG")
    get_logger().error("something", **{field: SECRET})
    written = capsys.readouterr().err
    assert "something" in written
    assert "Aigul" not in written
    assert "5012345678" not in written


def test_an_exception_is_told_by_type_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    error = fail()
    assert error_fields(error).keys() == {"error", "place"}
    get_logger().error("job_failed", **error_fields(error))
    try:
        raise error
    except ValueError:
        get_logger().exception("job_failed")
    written = capsys.readouterr().err
    assert "error='ValueError'" in written
    assert "test_log.py:" in written
    assert "Aigul" not in written


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert error_fields(ValueError(SECRET)) == {"error": "ValueError", "place": ""}


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_a_librarys_record_is_cut_to_its_place_at_every_level(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(level)
    for name in ("aiogram.event", "aiohttp.access", "sqlalchemy.engine", "asyncpg", "pgqueuer", "root", "a.b.c"):
        library = logging.getLogger(name)
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
            library.log(number, "update of %s: %r", SECRET, {"text": SECRET})
            library.log(number, SECRET, exc_info=fail(), stack_info=True, extra={"chat": SECRET})
    written = capsys.readouterr()
    assert "Aigul" not in written.err + written.out
    assert "5012345678" not in written.err + written.out
    assert "aiogram.event test_log.py:" in written.err
    assert "error=ValueError" in written.err


def test_what_libraries_tell_below_a_warning_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    logging.getLogger("aiogram.dispatcher").info("update handled")
    logging.getLogger("asyncpg").debug("query")
    assert capsys.readouterr().err == ""


def test_the_level_holds_for_our_events(capsys: pytest.CaptureFixture[str]) -> None:
    configure("WARNING")
    get_logger().info("quiet")
    get_logger().warning("loud")
    written = capsys.readouterr().err
    assert "quiet" not in written
    assert "loud" in written


async def test_a_task_that_nobody_asked_about_is_told_of_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": f"Task exception of {SECRET}", "exception": fail()})
    written = capsys.readouterr().err
    assert "asyncio" in written
    assert "Aigul" not in written


def test_every_event_of_the_program_is_a_name_and_not_a_sentence() -> None:
    seen = 0
    for path in Path(log.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if not isinstance(node.func.value, ast.Name) or node.func.value.id != "log":
                continue
            if node.func.attr not in ("debug", "info", "warning", "error", "critical", "exception"):
                continue
            seen += 1
            (event,) = node.args
            # A constant: no text of anybody can be formatted into it.
            assert isinstance(event, ast.Constant), path
            assert str(event.value).replace("_", "").isalpha(), path
            names = {keyword.arg for keyword in node.keywords if keyword.arg}
            assert names <= SAFE_FIELDS, (path, names)
    assert seen > 10
