"""`shekteu evidence verify`: whether a case file is as it was made, and its acts stand in this office's journal."""

from __future__ import annotations

import hashlib
import hmac
import json
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.clock import to_minute
from bot.database import Database, driver
from bot.papers import case_queries
from bot.papers.captures import WARC
from bot.papers.case_file import MANIFEST, SEAL, SUMS, seal
from bot.papers.proof import JOURNAL, Proof, ProvenAct
from bot.privacy.keyring import KeyRing
from bot.reports import chain

FaultOf = Callable[[bytes], str | None]
MOST: Final = 1 << 30
"""Bytes of all files together: none that the program made is larger."""


class NoCaseFile(Exception):
    """This file is not a case file; the message says why."""


class Verifying:
    """Checks one case file."""

    def __init__(self, database: Database, ring: KeyRing, fault_of_capture: FaultOf) -> None:
        """`fault_of_capture` tells what is wrong with a WARC file by its own digests, or None."""
        self._database, self._ring, self._fault_of_capture = database, ring, fault_of_capture

    async def run(self, path: Path) -> tuple[bool, list[str]]:
        """Tell whether all of it holds, and say so line by line; raise NoCaseFile."""
        files = _read(path)
        wrong = [*self._sums(files), *_manifest(files), *self._captures(files)]
        acts = _proof(files)
        lines = [f"✗ {line}" for line in wrong] or [f"✓ {len(files)} files are as they were made."]
        of_acts, chained = await self._acts(acts)
        lines += [f"✗ {line}" for line in of_acts]
        if not of_acts:
            lines.append(f"✓ {chained} {'act' if chained == 1 else 'acts'} of it stand in this journal as it tells.")
        waiting = len(acts.acts) - chained
        if waiting and not of_acts:
            lines.append(f"– {waiting} had no position in the chain yet when the file was made.")
        if acts.head:
            lines.append(f"  That the journal until then is whole: shekteu journal verify --head {acts.head.short}")
        return not (wrong or of_acts), lines

    def _sums(self, files: dict[str, bytes]) -> list[str]:
        """Check each file against SHA256SUMS, and that against its seal."""
        for name in (SUMS, SEAL, JOURNAL, MANIFEST):
            if name not in files:
                raise NoCaseFile(f"{name} is missing.")
        wrong, named = [], set()
        for digest, name in _summed(files):
            named.add(name)
            if name not in files:
                wrong.append(f"{name} is missing.")
            elif hashlib.sha256(files[name]).hexdigest() != digest:
                wrong.append(f"{name} is not what it was.")
        wrong += [f"{name} was put in." for name in sorted(set(files) - named - {SUMS, SEAL})]
        if not hmac.compare_digest(files[SEAL].strip(), seal(self._ring, files[SUMS]).encode()):
            wrong.append(f"{SEAL} is not that of {SUMS}: these sums were not written with this office's key.")
        return wrong

    def _captures(self, files: dict[str, bytes]) -> list[str]:
        """Check each capture against the digests in it."""
        faults = {name: self._fault_of_capture(data) for name, data in files.items() if name.endswith(WARC)}
        return [f"{name}: {fault}." for name, fault in faults.items() if fault]

    async def _acts(self, proof: Proof) -> tuple[list[str], int]:
        """Check each act, and the head, against the journal; give what does not hold, and how many have a position."""
        wrong, chained = [], 0
        async with self._database.transaction() as connection:
            raw = await driver(connection)
            for act in proof.acts:
                if act.position is None:
                    continue
                chained += 1
                fault = await self._fault(raw, act)
                if fault:
                    wrong.append(f"Act {act.act} of {act.at:%Y-%m-%d %H:%M} UTC, position {act.position}: {fault}")
            if proof.head:
                there = await raw.fetchval(case_queries.HASH_AT, proof.head.position)
                if there is None or there.hex() != proof.head.hash:
                    wrong.append(f"The head {proof.head.short} is not in this journal's chain.")
        return wrong, chained

    async def _fault(self, raw: Any, act: ProvenAct) -> str | None:
        row = await raw.fetchrow(case_queries.ACT_AT, act.position)
        if row is None:
            return "nothing stands there in this journal."
        if row["chain_hash"].hex() != act.hash:
            return "another act stands there in this journal."
        entry = {name: value for name, value in row.items() if name != "chain_hash"}
        before = bytes.fromhex(act.before or "")
        if chain.link(self._ring, before, act.position or 0, entry) != row["chain_hash"]:
            return "the journal's own act, or the hash before it, is not what was chained."
        told = to_minute(row["at"].astimezone(UTC)), row["officer_name"], row["act"], row["sort"]
        if told != (act.at.astimezone(UTC), act.by, act.act, act.sort):
            return "the journal tells it otherwise."
        return None


def _read(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MOST:
                raise NoCaseFile(f"{path} is larger than any case file.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise NoCaseFile(f"{path} holds two files of one name.")
            return {entry.filename: archive.read(entry) for entry in entries}
    except OSError as error:
        raise NoCaseFile(f"{path}: {error.strerror}.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        # The last two: a password, a way of packing that nobody knows.
        raise NoCaseFile(f"{path} is no ZIP, or a damaged one.") from None


def _summed(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Give what SHA256SUMS says: digests and names."""
    lines = files[SUMS].decode("utf-8", "replace").splitlines()
    return [(digest, name) for digest, _, name in (line.partition("  ") for line in lines)]


def _manifest(files: dict[str, bytes]) -> list[str]:
    """Check that the manifest names what SHA256SUMS does."""
    try:
        told = {entry["name"]: entry["sha256"] for entry in json.loads(files[MANIFEST])["files"]}
    except (ValueError, KeyError, TypeError):
        return [f"{MANIFEST} cannot be read."]
    summed = {name: digest for digest, name in _summed(files)}
    summed.pop(MANIFEST, None)
    return [] if told == summed else [f"{MANIFEST} and {SUMS} do not tell the same."]


def _proof(files: dict[str, bytes]) -> Proof:
    try:
        return Proof.model_validate_json(files[JOURNAL])
    except ValidationError:
        raise NoCaseFile(f"{JOURNAL} cannot be read.") from None
