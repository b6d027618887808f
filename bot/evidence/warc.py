"""A page as evidence: WARC 1.1 (ISO 28500:2017), each exchange as request and response, with SHA-256 of both kinds.

What stands in it is what went over the line, with one exception that the format asks for: the parts of a chunked body
are put together, so its `Transfer-Encoding` is kept under another name.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any, Final
from uuid import uuid4

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from bot.evidence.exchange import Exchange, Headers

SOFTWARE: Final = "Shekteu"
ABOUT: Final = (
    "A page as it was sent, with what was asked for it. No script of it was run. "
    "A Transfer-Encoding that was undone is kept as X-Archive-Orig-Transfer-Encoding."
)


class _AsSent(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Headers that are written as they came: not sorted, not spelt otherwise."""

    def __init__(self, first: str, headers: Headers) -> None:
        super().__init__(first, [])
        lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
        self.headers_buff = "\r\n".join(lines).encode("utf-8", "surrogateescape")

    def compute_headers_buffer(self, _header_filter: Any = None) -> None:
        """They are there already."""


def write_warc(exchanges: list[Exchange]) -> bytes:
    """Give a page, with what led to it, as one WARC file, each record packed by itself."""
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=True, warc_version="WARC/1.1")
    info = {"software": SOFTWARE, "format": "WARC File Format 1.1", "description": ABOUT}
    about = writer.create_warcinfo_record("", info)
    about.rec_headers.replace_header("WARC-Date", _moment(exchanges[0]))
    about.rec_headers.add_header("WARC-Block-Digest", _digest(about.raw_stream.getvalue()))
    writer.write_record(about)
    for exchange in exchanges:
        response = _record(writer, exchange, "response", _response(exchange), exchange.body)
        request = _record(writer, exchange, "request", _AsSent(f"GET {exchange.path} HTTP/1.1", exchange.request), b"")
        request.rec_headers.add_header("WARC-Concurrent-To", response.rec_headers.get_header("WARC-Record-ID"))
        writer.write_record(request)
        writer.write_record(response)
    return written.getvalue()


def _record(writer: WARCWriter, exchange: Exchange, sort: str, headers: _AsSent, body: bytes) -> Any:
    told = {
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        "WARC-Date": _moment(exchange),
        "WARC-Block-Digest": _digest(headers.headers_buff + body),
        "WARC-Payload-Digest": _digest(body),
    }
    if exchange.address:
        told["WARC-IP-Address"] = exchange.address
    if exchange.truncated and sort == "response":
        told["WARC-Truncated"] = exchange.truncated
    return writer.create_warc_record(
        exchange.url,
        sort,
        payload=io.BytesIO(body),
        length=len(body),
        warc_headers_dict=told,
        http_headers=headers,
    )


def _response(exchange: Exchange) -> _AsSent:
    first = f"{exchange.version} {exchange.status} {exchange.reason}".rstrip()
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, value)
        for name, value in exchange.headers
    ]
    return _AsSent(first, headers)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _moment(exchange: Exchange) -> str:
    return f"{exchange.asked_at:%Y-%m-%dT%H:%M:%SZ}"
