"""A reader of WARC files that knows nothing of the library that wrote them: the standard, and Python's own gzip."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass


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
    rest, records = gzip.decompress(data), list[Record]()
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        assert first == "WARC/1.1"
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(fields["content-length"])
        block, rest = rest[:length], rest[length:]
        assert len(block) == length
        assert rest.startswith(b"\r\n\r\n")
        rest = rest[4:]
        for needed in ("warc-record-id", "warc-date", "warc-type", "warc-block-digest"):
            assert fields[needed]
        record = Record(fields, block)
        assert fields["warc-block-digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        if fields["warc-type"] in ("request", "response"):
            assert fields["warc-payload-digest"] == f"sha256:{hashlib.sha256(record.payload).hexdigest()}"
        records.append(record)
    return records
