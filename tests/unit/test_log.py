"""The log cannot carry an identity, a text, a link or a secret, whoever writes into it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.log import configure, error_fields, get_logger

MARK = "hunter2"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Give the root logger back as pytest had it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def test_a_field_that_nobody_declared_safe_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    get_logger().info("report_filed", kind="link", text=MARK, chat_id=5_123_456_789, username=MARK)
    told = capsys.readouterr().err
    assert "report_filed" in told
    assert "kind='link'" in told
    assert MARK not in told
    assert "5123456789" not in told


def test_an_exception_is_told_by_type_and_place_alone() -> None:
    def fail() -> None:
        secret = MARK
        raise ValueError(secret)

    with pytest.raises(ValueError, match=MARK) as caught:
        fail()
    fields = error_fields(caught.value)
    assert fields["error"] == "ValueError"
    assert fields["place"].startswith("test_log.py:")
    assert MARK not in str(fields)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING, logging.ERROR])
def test_a_librarys_message_never_reaches_the_log(level: int, capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    log = logging.getLogger("aiohttp.client")
    log.setLevel(logging.DEBUG)
    try:
        raise ConnectionError(f"POST https://api.telegram.org/bot123456:{MARK}/sendMessage")
    except ConnectionError:
        log.log(level, "failed for %s: %s", MARK, "t.me/some_shop", exc_info=True)
    told = capsys.readouterr().err
    assert MARK not in told
    assert "some_shop" not in told
    assert "ConnectionError" in told
