"""The process that draws one paper: `python -m bot.papers.worker sheet`, what is to be drawn as JSON on its stdin.

It holds no secret, writes no file of its own, and ends with the paper.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Draw what stdin asks for, to stdout."""
    asked = sys.stdin.buffer.read()
    if sys.argv[1] == "sheet":
        from bot.papers.pdf import draw
        from bot.papers.sheet import Sheet

        made = draw(Sheet.model_validate_json(asked))
    else:
        from bot.papers.picture import Picture
        from bot.papers.plot import plot

        made = plot(Picture.model_validate_json(asked))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
