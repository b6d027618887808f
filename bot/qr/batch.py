"""Hundreds of posters: as many processes as there are cores, a bar that tells how far it is, an index at the end.

It can be stopped at any moment: what lies in the folder is whole, and the next run goes on after it.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.qr.errors import NotDrawn
from bot.qr.making import make, put
from bot.qr.placement import written
from bot.qr.poster import Order

FEW: Final = 4
"""So many are made sooner than other processes start."""
PROCESSES_MOST: Final = 8
BAR: Final = 40
"""Characters of the bar."""
FAILURES_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Posters to be made."""

    orders: list[Order]
    out: Path
    one: bool
    """Whether they become one PDF."""

    @property
    def kind(self) -> str:
        """Tell what they are, for the names of files."""
        first = self.orders[0]
        return f"{first.format}{first.per_page or ''}{'' if first.marks or first.per_page else '-plain'}"

    def file(self, order: Order) -> Path:
        """Give where a poster goes."""
        languages = written(order.placement.languages).replace(",", "-")
        folder = self.out / "pages" if self.one else self.out
        return folder / f"{order.placement.code}-{self.kind}-{languages}.pdf"


def run(batch: Batch) -> Iterator[str]:
    """Make all posters, and tell what came of it; raise NotDrawn naming those that could not be made."""
    files = [batch.file(order) for order in batch.orders]
    try:
        files[0].parent.mkdir(parents=True, exist_ok=True)
        outcomes = list(_all_made(batch.orders, files))
        together, index = batch.out / f"posters-{batch.kind}.pdf", batch.out / f"index-{batch.kind}.csv"
        if failures := list(filter(None, outcomes)):
            made = [order for order, failure in zip(batch.orders, outcomes, strict=True) if not failure]
            if made and not batch.one:
                put(index, _index(replace(batch, orders=made), list(map(batch.file, made)), together))
            more = len(failures) - FAILURES_TOLD
            told = [*failures[:FAILURES_TOLD], f"And {more} more."] if more > 0 else failures
            done = f"{len(files) - len(failures)} of {len(files)} posters are in {batch.out}."
            raise NotDrawn("\n".join((*told, done)))
        if batch.one:
            put(together, _joined(files))
        put(index, _index(batch, files, together))
    except OSError as error:
        raise NotDrawn(f"{batch.out}: {error.strerror}.") from error
    many = f"{len(files)} {'poster' if len(files) == 1 else 'posters'}"
    yield f"{many} in {together if batch.one else batch.out}, each read again. {index} tells which is whose."


def _all_made(orders: list[Order], files: list[Path]) -> Iterator[str]:
    """Make each poster, with a bar; give what went wrong with each, mostly nothing."""
    bar = _Bar(len(orders))
    if len(orders) <= FEW:
        for order, file in zip(orders, files, strict=True):
            yield make(order, file)
            bar.step()
        return
    processes = min(os.cpu_count() or 1, PROCESSES_MOST)
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (os.getpid(),))
    try:
        with _ctrl_c_later():
            made = pool.map(make, orders, files, chunksize=4)
        for failure in made:
            yield failure
            bar.step()
    finally:
        pool.shutdown(cancel_futures=True)
        bar.end()


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Have a Ctrl-C come after this block; processes that it starts are born with that, and would die of one else."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """Begin a process of the pool: Ctrl-C is for its parent, and without a parent there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Bar:
    """Tells on a terminal how far it is; elsewhere a line at each tenth."""

    def __init__(self, count: int) -> None:
        self._count, self._done, self._live = count, 0, sys.stderr.isatty()

    def step(self) -> None:
        self._done += 1
        if self._live:
            full = BAR * self._done // self._count
            sys.stderr.write(f"\r[{'#' * full}{'.' * (BAR - full)}] {self._done} of {self._count}")
            sys.stderr.flush()
        elif self._count > FEW and 10 * self._done // self._count > 10 * (self._done - 1) // self._count:
            sys.stderr.write(f"{self._done} of {self._count}\n")

    def end(self) -> None:
        if self._live:
            sys.stderr.write("\n")


def _joined(files: list[Path]) -> bytes:
    """Put all pages into one PDF."""
    import pypdfium2  # type: ignore[import-untyped]

    whole = pypdfium2.PdfDocument.new()
    for file in files:
        with pypdfium2.PdfDocument(file) as part:
            whole.import_pages(part)
    made = io.BytesIO()
    whole.save(made)
    return made.getvalue()


def _index(batch: Batch, files: list[Path], together: Path) -> bytes:
    """Tell which file is whose, as Excel opens it here: semicolons, and a mark of the encoding."""
    made = io.StringIO(newline="")
    rows = csv.writer(made, delimiter=";")
    rows.writerow(("code", "place", "file", *(("page",) if batch.one else ())))
    for number, (order, file) in enumerate(zip(batch.orders, files, strict=True), 1):
        name = order.placement.name
        # A name that begins so would be a formula to Excel.
        name = f"'{name}" if name[0] in "=+-@" else name
        rows.writerow((order.placement.code, name, *((together.name, number) if batch.one else (file.name,))))
    return made.getvalue().encode("utf-8-sig")
