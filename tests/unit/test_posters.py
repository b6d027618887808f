"""Posters and stickers as a passer-by sees them: every text whole and in its place, every code read from the pixels."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import numpy
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageFilter

from bot.languages import Language
from bot.qr import making
from bot.qr.batch import Batch, run
from bot.qr.code import as_png, as_svg, make_code
from bot.qr.design import STANDARD, Design, PosterWords, read_design
from bot.qr.drawing import SLUG
from bot.qr.emblem import read_emblem
from bot.qr.errors import BadDesign, BadEmblem, CodeUnreadable, DoesNotFit, NotDrawn
from bot.qr.layouts import GRIDS, Format, layout
from bot.qr.link import link
from bot.qr.placement import Placement, Surface, new_code
from bot.qr.poster import Order, draw_poster
from bot.qr.reading import read, rendered, require_png, require_svg
from bot.qr.stickers import draw_stickers
from tests.stage import ROOT
from tests.unit.test_texts import KAZAKH_LETTERS, RUSSIAN_LETTERS

TEMPLATES = ROOT / "templates"
POINTS = 72 / 25.4
POSTERS = [each for each in Format if each is not Format.STICKERS]
KK, RU, EN = Language.KK, Language.RU, Language.EN
LANGUAGES = [(KK,), (RU,), (EN,), (KK, RU)]
BOT = "Narko_Shekteu_Zhambyl_Oblysy_Bot"
"""As long as a bot's name can be: 32 characters."""
LONGEST = PosterWords(
    office="Қазақстан Республикасы Бас прокуратурасының Жамбыл облысы бойынша прокуратурасы",
    title="Қоғамдық орындарда есірткі заттарын сатып жатқанын көрдіңіз бе? Үндемей қалмай, һәм қорықпай ботқа жазыңыз.",
    steps=[
        "Телефоныңыздың камерасын осы кодқа бағыттаңыз да, сәл күтіңіз: Telegram қосымшасында біздің бот ашылады.",
        "Сатушының сілтемесін, картадағы орынды немесе қабырғадағы жазудың фотосын өзіңізге ыңғайлы уақытта жіберіңіз.",
        "Атыңызды, телефоныңызды, мекенжайыңызды сұрамаймыз. Хабарламаны облыс прокуратурасының прокуроры ғана оқиды.",
    ],
    sticker="Есірткі саудасын көрсеңіз, үндемеңіз: ботқа жазыңыз. Атыңызды да, телефоныңызды да сұрамаймыз.",
)


@pytest.fixture(scope="module")
def design() -> Design:
    return read_design(TEMPLATES, STANDARD)


@pytest.fixture(scope="module")
def longest(design: Design) -> Design:
    """The longest texts that an office may think of, in both columns."""
    return design.model_copy(update={"kk": LONGEST, "ru": LONGEST})


def order(
    design: Design,
    format: Format,
    languages: tuple[Language, ...] = (KK,),
    *,
    marks: bool = True,
    per_page: int = 0,
    surface: Surface = Surface.STOP,
) -> Order:
    one = Placement(
        uuid4(), new_code(set()), "Тараз, Абай 12 🙂", "Күз-2026", None, surface, languages, date(2026, 11, 23)
    )
    return Order(one, BOT, design, format, marks, per_page)


def said(data: bytes) -> str:
    """What a page says, in one line."""
    return " ".join(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_bounded().split())


def text_boxes(data: bytes) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each run of text, in millimetres from the corner of the page."""
    page = pypdfium2.PdfDocument(data)[0]
    tall, text = page.get_height(), page.get_textpage()
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        yield left / POINTS, (tall - top) / POINTS, right / POINTS, (tall - bottom) / POINTS


def tilted(image: Image.Image) -> Image.Image:
    """As a telephone sees a poster from aside: one edge farther away, and turned."""
    seen_with = Image.new("L", (round(image.width * 1.3), round(image.height * 1.3)), 255)
    seen_with.paste(image, (round(image.width * 0.15), round(image.height * 0.15)))
    wide, tall = seen_with.size
    here = [(0, 0), (0, tall), (wide * 0.9, tall * 0.92), (wide * 0.9, tall * 0.08)]
    there = [(0, 0), (0, tall), (wide, tall), (wide, 0)]
    rows, right = [], []
    for (x, y), (from_x, from_y) in zip(here, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -from_x * x, -from_x * y], [0, 0, 0, x, y, 1, -from_y * x, -from_y * y]]
        right += [from_x, from_y]
    leaning = seen_with.transform(
        seen_with.size,
        Image.Transform.PERSPECTIVE,
        [float(each) for each in numpy.linalg.solve(numpy.array(rows), numpy.array(right))],
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )
    return leaning.rotate(9, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def seen(image: Image.Image, square: float) -> Iterator[tuple[str, Image.Image]]:
    """A picture as it is met in the street."""
    grey = image.convert("L")
    small = grey.resize((round(grey.width * 0.8), round(grey.height * 0.8)), Image.Resampling.BILINEAR)
    yield "as it is", grey
    yield "blurred", grey.filter(ImageFilter.GaussianBlur(square * 0.45))
    yield "tilted", tilted(grey)
    yield "at 80 %", small
    yield "all of it", tilted(small.filter(ImageFilter.GaussianBlur(square * 0.25)))


@pytest.mark.parametrize("languages", LANGUAGES, ids="-".join)
@pytest.mark.parametrize("format", POSTERS)
def test_a_poster_says_all_of_its_words_and_its_code_is_read_however_it_is_met(
    format: Format, languages: tuple[Language, ...], design: Design
) -> None:
    asked = order(design, format, languages)
    drawing = draw_poster(asked)
    data = bytes(drawing.output())
    told = said(data)
    for words in map(design.words, languages):
        for text in (words.office, words.title, *words.steps):
            assert " ".join(text.split()) in told
    assert f"@{BOT} {asked.spoken}" in told
    for how, picture in seen(rendered(data, drawing.w / drawing.square * 6), 6):
        assert read(picture) == [asked.link], how


def inside(inner: tuple[float, float, float, float], left: float, top: float, right: float, bottom: float) -> bool:
    return inner[0] >= left and inner[1] >= top and inner[2] <= right and inner[3] <= bottom


@pytest.mark.parametrize("languages", [(KK,), (KK, RU)], ids="-".join)
@pytest.mark.parametrize("format", POSTERS)
def test_the_longest_texts_stay_in_their_places(
    format: Format, languages: tuple[Language, ...], longest: Design
) -> None:
    asked, place = order(longest, format, languages, marks=False), layout(format, len(languages))
    data = bytes(draw_poster(asked).output())
    told = said(data)
    for text in (LONGEST.office, LONGEST.title, *LONGEST.steps):
        assert told.count(" ".join(text.split())) == (1 if text == LONGEST.office else len(languages))
    homes = [place.office, *place.title.columns(len(languages), place.gutter), place.name, place.link]
    homes += place.steps.columns(len(languages), place.gutter)
    # PT Sans' letters may stand out of their line's box by a hair: a small fraction of the smallest size.
    slack = 0.8 * place.scale
    for box in text_boxes(data):
        fits = [
            inside(box, home.left - slack, home.top - slack, home.right + slack, home.bottom + slack) for home in homes
        ]
        assert sum(fits) == 1, box
    code = place.code
    assert not [home for home in homes if home.bottom > code.top and home.top < code.bottom and home.right > code.left]


@pytest.mark.parametrize("per_page", GRIDS)
@pytest.mark.parametrize("which", ["design", "longest"])
def test_every_sticker_of_a_sheet_is_read_and_keeps_within_its_cuts(
    which: str, per_page: int, request: pytest.FixtureRequest
) -> None:
    chosen: Design = request.getfixturevalue(which)
    asked = order(chosen, Format.STICKERS, (KK, RU), per_page=per_page, surface=Surface.STICKER)
    drawing = draw_stickers(asked)
    data = bytes(drawing.output())
    assert read(rendered(data, drawing.w / drawing.square * 5)) == [asked.link] * per_page
    told = said(data)
    for words in map(chosen.words, (KK, RU)):
        assert told.count(" ".join(words.sticker.split())) == per_page * (2 if chosen.kk == chosen.ru else 1)
    columns, rows = GRIDS[per_page]
    wide, tall = 194 / columns, 281 / rows
    cells = [(8 + wide * x, 8 + tall * y) for x in range(columns) for y in range(rows)]
    for box in text_boxes(data):
        assert sum(inside(box, left + 1, top + 1, left + wide - 1, top + tall - 1) for left, top in cells) == 1


def test_a_text_that_has_no_place_is_named_and_so_are_letters_that_there_are_not(design: Design) -> None:
    title = "Көп сөз " * 60
    much = LONGEST.model_copy(update={"title": title.strip()})
    with pytest.raises(DoesNotFit, match=r"“Көп сөз .* has no place: in letters of 18 points"):
        draw_poster(order(design.model_copy(update={"kk": much}), Format.A4))
    one_word = LONGEST.model_copy(update={"sticker": "қанағаттандырылмағандықтарыңыздан" * 3})
    with pytest.raises(DoesNotFit, match="has no place"):
        draw_stickers(order(design.model_copy(update={"kk": one_word}), Format.STICKERS, per_page=24))
    steps = LONGEST.model_copy(update={"steps": [step * 2 for step in LONGEST.steps]})
    with pytest.raises(DoesNotFit, match="the lines on how it works"):
        draw_poster(order(design.model_copy(update={"kk": steps, "ru": steps}), Format.A5, (KK, RU)))
    emoji = LONGEST.model_copy(update={"office": "Прокуратура 🙂"})
    with pytest.raises(DoesNotFit, match="PT Sans has no 🙂"):
        draw_poster(order(design.model_copy(update={"kk": emoji}), Format.A4))


def test_every_letter_of_kazakh_and_russian_is_drawn(design: Design) -> None:
    letters = " ".join(sorted(KAZAKH_LETTERS | RUSSIAN_LETTERS))
    assert {*"әғқңөұүһі"} <= KAZAKH_LETTERS
    words = LONGEST.model_copy(update={"title": letters, "steps": [letters.upper()] * 3})
    told = said(bytes(draw_poster(order(design.model_copy(update={"kk": words}), Format.A4)).output()))
    assert letters in told
    assert told.count(letters.upper()) == 3


def test_a_poster_is_vectors_cut_to_size_with_bleed_and_marks_or_plain(design: Design) -> None:
    for format, size in ((Format.A5, (148, 210)), (Format.A2, (420, 594)), (Format.BILLBOARD, (600, 300))):
        page = pypdfium2.PdfDocument(bytes(draw_poster(order(design, format)).output()))[0]
        assert {thing.type for thing in page.get_objects()} <= {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH}
        left, bottom, right, top = (each / POINTS for each in page.get_trimbox())
        assert (right - left, top - bottom) == pytest.approx(size, abs=0.1)
        bleed = 5 if format is Format.BILLBOARD else 3
        assert (left - page.get_bleedbox()[0] / POINTS) == pytest.approx(bleed, abs=0.1)
        assert page.get_width() / POINTS == pytest.approx(size[0] + 2 * SLUG, abs=0.1)
        plain = pypdfium2.PdfDocument(bytes(draw_poster(order(design, format, marks=False)).output()))[0]
        assert (plain.get_width() / POINTS, plain.get_height() / POINTS) == pytest.approx(size, abs=0.1)
    told = said(bytes(draw_poster(order(design, Format.BILLBOARD)).output()))
    assert "Тараз, Абай 12 ?" in told, "the name has a letter that PT Sans lacks"
    assert told.endswith("BILLBOARD · 1:10, 6 × 3 m")


def test_the_ground_goes_on_into_the_bleed_and_the_quiet_zone_stays_white(design: Design) -> None:
    asked = order(design, Format.A4)
    drawing = draw_poster(asked)
    image = rendered(bytes(drawing.output()), drawing.w * 8).convert("RGB")
    ground = tuple(bytes.fromhex(design.colours.ground[1:]))
    assert image.getpixel((round((SLUG - 2.5) * 8), round((SLUG + 20) * 8))) == ground
    assert image.getpixel((round((SLUG - 3.5) * 8), round((SLUG + 20) * 8))) == (255, 255, 255)
    box, quiet = layout(Format.A4, 1).code, drawing.square * 4 * 8 - 2
    left, top, side = ((value) * 8 for value in (box.left + SLUG, box.top + SLUG, box.width))
    edges = [
        (left + 1, top + 1, left + side - 1, top + quiet),
        (left + 1, top + side - quiet, left + side - 1, top + side - 1),
        (left + 1, top + 1, left + quiet, top + side - 1),
        (left + side - quiet, top + 1, left + side - 1, top + side - 1),
    ]
    for edge in edges:
        whole = image.crop((round(edge[0]), round(edge[1]), round(edge[2]), round(edge[3])))
        assert whole.convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("emblem", ["none", "svg", "png"])
@pytest.mark.parametrize("surface", Surface)
def test_a_code_alone_is_exactly_so_large_and_is_read_however_it_is_met(
    surface: Surface, emblem: str, tmp_path: Path
) -> None:
    drawn = read_emblem(TEMPLATES / "posters" / "shield.svg")
    if emblem == "png":
        drawn.pixels(200).save(tmp_path / "shield.png")
        drawn = read_emblem(tmp_path / "shield.png")
    chosen = None if emblem == "none" else drawn
    target = link(BOT, new_code(set()))
    code = make_code(target, surface, emblem=chosen is not None)
    png, svg = as_png(code, 50, chosen), as_svg(code, 50, chosen)
    require_svg(svg, target, "it")
    assert b'width="50mm"' in svg
    (tmp_path / "code.png").write_bytes(png)
    with Image.open(tmp_path / "code.png") as image:
        assert image.size == (591, 591)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        for how, picture in seen(image, 591 / code.side):
            assert read(picture) == [target], how
    with pytest.raises(NotDrawn, match="this code can be"):
        as_png(code, 5, chosen)


def test_what_is_painted_over_is_still_read_as_far_as_its_surface_wants() -> None:
    target = link(BOT, new_code(set()))
    for surface, share in ((Surface.BROCHURE, 0.05), (Surface.STOP, 0.12), (Surface.POST, 0.16)):
        code = make_code(target, surface, emblem=False)
        side = len(code.squares)
        hidden = int((side * side * share) ** 0.5)
        first = (side - hidden) // 2
        squares = tuple(
            tuple(
                False if first <= row < first + hidden and first <= column < first + hidden else dark
                for column, dark in enumerate(line)
            )
            for row, line in enumerate(code.squares)
        )
        require_png(as_png(type(code)(target, squares), 60), target, surface)


def test_a_code_that_reads_as_another_is_named_and_not_written(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, out = order(design, Format.A4), tmp_path / "poster.pdf"
    whole, other = (
        make_code(asked.link, Surface.STOP, emblem=False),
        make_code("https://t.me/Fake", Surface.STOP, emblem=False),
    )
    white = type(whole)(asked.link, tuple((False,) * len(line) for line in whole.squares))
    for code, told in ((other, "it reads as https://t.me/Fake"), (white, "0 of 1 codes can be read")):
        monkeypatch.setattr(Order, "code", lambda _, code=code: code)
        failure = making.make(asked, out)
        assert failure.startswith(f"the poster of “{asked.placement.name}” ({asked.placement.code}): {told}")
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(CodeUnreadable):
        require_png(as_png(other, 50), asked.link, "it")
    with pytest.raises(CodeUnreadable):
        require_svg(as_svg(other, 50), asked.link, "it")


DESIGN = (TEMPLATES / "posters" / "standard.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[colours]", "[colors]", "mine.toml: colours: Field required"),
        ('accent = "#f2a900"', 'accent = "yellow"', "mine.toml: colours.accent: String should match"),
        ("[kk]", "[kk", "mine.toml: Expected"),
        ('  "Атыңызды сұрамаймыз. Хабарламаны прокурор оқиды.",\n', "", "kk.steps: List should have at least 3"),
        ('emblem = "shield.svg"', 'emblem = "../../secret.png"', "emblem: the name of a file in posters/"),
        ('emblem = "shield.svg"', 'emblem = "bad.svg"', "bad.svg: neither a PNG nor an SVG"),
        ('emblem = "shield.svg"', 'emblem = "none.png"', "none.png: No such file"),
        ('emblem = "shield.svg"', 'emblem = "bomb.svg"', "bomb.svg: neither a PNG nor an SVG"),
        ('emblem = "shield.svg"', 'emblem = "empty.svg"', "empty.svg: it cannot be drawn (ValueError)"),
    ],
)
def test_a_design_that_is_not_right_is_told_where(before: str, after: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / "posters"
    folder.mkdir()
    assert before in DESIGN
    (folder / "mine.toml").write_text(DESIGN.replace(before, after, 1), "utf-8")
    (folder / "bad.svg").write_bytes(b"GIF89a")
    (folder / "bomb.svg").write_text(
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
    )
    (folder / "empty.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"/>')
    with pytest.raises((BadDesign, BadEmblem)) as refused:
        read_design(tmp_path, "mine")
    assert told in str(refused.value)


def test_a_design_without_an_emblem_or_a_language_is_drawn_or_told_of(design: Design, tmp_path: Path) -> None:
    with pytest.raises(BadDesign, match="Those there are: standard"):
        read_design(TEMPLATES, "fancy")
    bare = design.model_copy(update={"emblem_data": b"", "ru": None, "kk": LONGEST.model_copy(update={"office": ""})})
    assert read(rendered(bytes(draw_poster(order(bare, Format.A4)).output()), 800)) != []
    with pytest.raises(BadDesign, match=r"no texts in ru: add a part \[ru\]"):
        draw_poster(order(bare, Format.A4, (KK, RU)))


def test_texts_of_the_standard_design_are_written_in_their_letters(design: Design) -> None:
    for language, letters in ((KK, KAZAKH_LETTERS), (RU, RUSSIAN_LETTERS)):
        words = design.words(language)
        for text in (words.office, words.title, *words.steps, words.sticker):
            rest = {each for each in text.lower().replace("telegram", "") if each.isalpha()} - letters
            assert not rest, text
        # Nobody is asked for a name, and each poster and sticker says so.
        asked = {KK: "Атыңызды сұрамаймыз.", RU: "Имя не спрашиваем."}[language]
        assert asked in words.steps[2]
        assert asked in " ".join(words.sticker.split())


class Terminal(io.StringIO):
    """A terminal that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_grow_and_the_index_holds_no_formula(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    names = ["=1+1", "@SUM(A1)", "Абай; 12"]
    orders = [order(design, Format.A5) for _ in names]
    orders = [replace(each, placement=replace(each.placement, name=n)) for each, n in zip(orders, names, strict=True)]
    (told,) = run(Batch(orders, tmp_path, one=True))
    assert told.startswith(f"3 posters in {tmp_path / 'posters-a5.pdf'}, each read again.")
    shown = [each.split("] ")[1] for each in terminal.getvalue().split("\r")[1:]]
    assert [line.strip() for line in shown] == ["1 of 3", "2 of 3", "3 of 3"]
    assert "\r[" + "#" * 13 + "." * 27 + "] 1 of 3" in terminal.getvalue()
    rows = list(csv.reader((tmp_path / "index-a5.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0] == ["code", "place", "file", "page"]
    assert [row[1] for row in rows[1:]] == ["'=1+1", "'@SUM(A1)", "Абай; 12"]
    assert [row[2:] for row in rows[1:]] == [["posters-a5.pdf", str(page)] for page in (1, 2, 3)]


def test_what_was_made_stands_in_the_index_though_others_could_not_be(design: Design, tmp_path: Path) -> None:
    kazakh = design.model_copy(update={"ru": None})
    orders = [order(kazakh, Format.A5, languages) for languages in ((KK,), (RU,), (KK,))]
    with pytest.raises(NotDrawn) as told:
        list(run(Batch(orders, tmp_path, one=False)))
    assert str(told.value).splitlines()[-1] == f"2 of 3 posters are in {tmp_path}."
    rows = list(csv.reader((tmp_path / "index-a5.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [orders[0].placement.code, orders[2].placement.code]
    assert all((tmp_path / row[2]).is_file() for row in rows[1:])
