"""All of TEMPLATES_DIR, read and checked as a whole: texts, kinds, questions, labels, columns, numbers, words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.citizen.labels import Labels
from bot.citizen.safety import Safety
from bot.evidence.succession import Succession
from bot.reports.register_template import Column, load_columns
from bot.reports.returned_template import ReturnedWords, load_returned_words
from bot.reports.trade import TradeWords
from bot.wording import Wording, load_wording


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """What the folder held when it was read, without a fault."""

    wording: Wording
    columns: list[Column]
    returned: ReturnedWords
    safety: Safety
    labels: Labels
    succession: Succession
    trade: TradeWords

    @property
    def digest(self) -> str:
        """Tell it from what the folder holds before or after."""
        return self.wording.digest


def read_folder(folder: Path) -> TemplateFolder:
    """Read everything; raise TextsBroken naming each fault by its file and the text."""
    wording = load_wording(folder)
    columns, returned, safety = load_columns(folder), load_returned_words(folder), Safety(folder)
    words = Succession(folder), TradeWords(folder)
    return TemplateFolder(wording, columns, returned, safety, Labels(wording.texts, wording.kinds), *words)
