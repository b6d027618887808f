"""A reader of WARC files that knows nothing of the library that wrote them: the standard (1.1), and Python's zlib."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import zlib
from dataclasses import dataclass

_FIELD = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([^\r\n\0]*)")
_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}>")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TYPES = {
    "warcinfo": "application/warc-fields",
    "request": "application/http; msgtype=request",
    "response": "application/http; msgtype=response",
}
_NEEDED = ("warc-record-id", "warc-date", "warc-type", "content-length", "content-type", "warc-block-digest")


@dataclass(frozen=True)
class Record:
    """One record: its named fields, and its block."""

    fields: dict[str, str]
    block: bytes

    @property
    def head(self) -> str:
        return self.block.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")

    @property
    def payload(self) -> bytes:
        return self.block.partition(b"\r\n\r\n")[2]


def read_warc(data: bytes) -> list[Record]:
    """Read all records; raise AssertionError where one breaks the standard or its digests do not hold."""
    records = [_record(each) for each in _members(data)]
    assert [record.fields["warc-type"] for record in records[:1]] == ["warcinfo"]
    ids = [record.fields["warc-record-id"] for record in records]
    assert len(set(ids)) == len(ids)
    for record in records:
        beside = record.fields.get("warc-concurrent-to")
        assert beside is None or (beside in ids and beside != record.fields["warc-record-id"])
    return records


def _members(data: bytes) -> list[bytes]:
    """What is packed, each piece by itself (annex D): each can be read without those before it."""
    members = []
    while data:
        unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
        members.append(unpacking.decompress(data) + unpacking.flush())
        assert unpacking.eof, "a piece that was cut off"
        data = unpacking.unused_data
    return members


def _record(member: bytes) -> Record:
    """The one record of a piece: version, fields, block, two empty lines, and nothing after them."""
    head, _, rest = member.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "WARC/1.1"
    fields = dict[str, str]()
    for line in lines:
        found = _FIELD.fullmatch(line)
        assert found, line
        assert found[1].lower() not in fields, "a field that stands there twice"
        fields[found[1].lower()] = found[2]
    assert all(fields.get(needed) for needed in _NEEDED)
    length = int(fields["content-length"])
    block = rest[:length]
    assert len(block) == length
    assert rest[length:] == b"\r\n\r\n"
    assert _ID.fullmatch(fields["warc-record-id"])
    assert _DATE.fullmatch(fields["warc-date"])
    assert fields["content-type"] == _TYPES[fields["warc-type"]]
    record = Record(fields, block)
    assert fields["warc-block-digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
    if fields["warc-type"] != "warcinfo":
        _check_http(record)
    return record


def _check_http(record: Record) -> None:
    fields = record.fields
    assert fields["warc-payload-digest"] == f"sha256:{hashlib.sha256(record.payload).hexdigest()}"
    assert re.fullmatch(r"https?://[^\s<>]+", fields["warc-target-uri"])
    assert fields.get("warc-truncated", "length") in {"length", "time", "disconnect", "unspecified"}
    assert "warc-ip-address" not in fields or ipaddress.ip_address(fields["warc-ip-address"])
    assert b"\r\n\r\n" in record.block
    first, *lines = record.head.split("\r\n")
    assert re.match(r"HTTP/1\.[01] \d{3}" if fields["warc-type"] == "response" else r"GET /[^ ]* HTTP/1\.1$", first)
    assert all(":" in line and "\n" not in line for line in lines)
    assert not any(line.lower().startswith("transfer-encoding:") for line in lines), "the body is not in parts any more"
