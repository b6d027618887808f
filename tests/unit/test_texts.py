"""What people read: every text of templates/ in three languages, held against Telegram's rules and our own voice."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot import texts_wanted
from bot.citizen.safety import Safety
from bot.evidence.errors import NotFetched, ProxyFailed
from bot.evidence.states import judge_failure
from bot.languages import Language
from bot.reports.kinds import load_kinds
from bot.reports.lifecycle import Act, Decision, Status
from bot.texts import Texts, check, flatten, read_toml, unknown_variables
from bot.wording import Wording

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = load_kinds(TEMPLATES / "kinds")
WANTED = texts_wanted.wanted([*Act, *Decision], list(Status))
COMMON = {language: flatten(read_toml(TEMPLATES / "common" / f"{language}.toml")) for language in Language}
DANGER: dict[str, list[str]] = tomllib.loads((TEMPLATES / "danger.toml").read_text("utf-8"))
CONTACTS: list[dict[str, str]] = tomllib.loads((TEMPLATES / "contacts.toml").read_text("utf-8"))["contact"]

SAFETY = Safety(TEMPLATES)

LOCK_SCREEN = {Language.KK: "Жауап бар.", Language.RU: "Есть ответ.", Language.EN: "There is an answer."}
LONG = {"citizen.privacy", "citizen.help", "citizen.fake"}
ALLOWED_TAGS = {"b", "i", "code", "blockquote"}
COMMANDS = {"start", "report", "status", "add", "language", "privacy", "forget", "about", "fake", "help", "cancel"}


def kind_samples(kind: str, language: Language) -> dict[str, dict[str, Any]]:
    """Give the names of one kind's texts with their sample variables."""
    samples = {**texts_wanted.KIND, **texts_wanted.KIND_OPTIONAL}
    return {name: {} if name.startswith("feedback.") else samples[name] for name in KINDS[kind].texts[language] if name}


def everything() -> Iterator[tuple[Language, str, str, dict[str, Any]]]:
    """Give each text: language, name, source, sample variables."""
    for language in Language:
        for name, source in COMMON[language].items():
            yield language, name, source, WANTED.get(name, {})
        for kind in KINDS.values():
            for name, sample in kind_samples(kind.name, language).items():
                yield language, f"{kind.name}.{name}", kind.texts[language][name], sample


ALL = list(everything())
TO_CITIZENS = [text for text in ALL if not text[1].startswith(("desk.", "labels.", "commands.", "group."))]
FEEDBACK = [text for text in ALL if ".feedback." in text[1]]
PROGRESS = [text for text in ALL if text[1] == "citizen.progress"]


def loaded() -> Texts:
    texts = Texts()
    for language, name, source, _ in ALL:
        texts.add(language, {name: source})
    return texts


TEXTS = loaded()


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class TelegramHTML(HTMLParser):
    """Notes every fault for which Telegram would refuse a text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS or attrs:
            self.faults.append(f"<{tag}> is not allowed")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            self.faults.append(f"not escaped: {data}")

    def handle_entityref(self, name: str) -> None:
        if name not in {"lt", "gt", "amp", "quot"}:
            self.faults.append(f"&{name}; is unknown to Telegram")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")


def html_faults(text: str) -> list[str]:
    parser = TelegramHTML()
    parser.feed(text)
    parser.close()
    return [*parser.faults, *(f"<{tag}> is never closed" for tag in parser.open)]


# Whole and well-formed


def test_every_text_that_the_code_renders_is_there_in_every_language() -> None:
    assert check(TEXTS, Language, WANTED) == []


def test_the_texts_of_every_kind_render_in_every_language() -> None:
    for kind in KINDS:
        for language in Language:
            wanted = {f"{kind}.{name}": sample for name, sample in kind_samples(kind, language).items()}
            assert check(TEXTS, [language], wanted) == []


def test_no_text_uses_a_variable_that_nobody_hands_in() -> None:
    unknown = {
        (language.value, name): variables
        for language, name, source, sample in ALL
        if (variables := unknown_variables(source, language, sample))
    }
    assert unknown == {}


def test_a_misspelt_variable_is_found() -> None:
    name = "citizen.counter"
    texts = Texts()
    texts.add(Language.RU, {name: COMMON[Language.RU][name].replace("{{ links }}", "{{ lniks }}")})
    assert check(texts, [Language.RU], {name: WANTED[name]}) == [f"ru {name}: 'lniks' is undefined"]


def test_a_misspelt_variable_in_a_branch_that_the_sample_skips_is_found() -> None:
    source = "{% if links > 1000 %}{{ lniks }}{% endif %}"
    assert unknown_variables(source, Language.RU, WANTED["citizen.counter"]) == {"lniks"}


def test_every_language_has_the_same_texts() -> None:
    for language in Language:
        assert set(COMMON[language]) == set(WANTED), language
    for kind in KINDS.values():
        assert len({frozenset(texts) for texts in kind.texts.values()}) == 1, kind.name


def test_a_text_uses_the_same_variables_in_every_language() -> None:
    used = defaultdict(set)
    for language, name, source, _ in ALL:
        used[name].add(frozenset(unknown_variables(source, language, ())))
    assert [name for name, variables in used.items() if len(variables) > 1] == []


@pytest.mark.parametrize("language", Language)
def test_telegram_takes_every_text(language: Language) -> None:
    for lang, name, _, sample in ALL:
        if lang is not language:
            continue
        text = TEXTS.render(language, name, **sample)
        assert html_faults(text) == [], name
        assert 0 < utf16_units(text) <= 4096, name
        assert "\n\n\n" not in text, name
        assert not re.search(r"[ \t]\n|  ", text), name


def with_empty(sample: dict[str, Any]) -> dict[str, Any]:
    """Give a sample in which all that may be missing is."""
    nothing: dict[type, Any] = {bool: False, int: 0, float: None, str: "", list: []}
    return {name: nothing[type(value)] for name, value in sample.items()}


def with_hostile(value: Any) -> Any:
    """Give a sample in which everything typed is an attack on the markup."""
    if isinstance(value, dict):
        return {name: with_hostile(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_hostile(inner) for inner in value] if value != ["words", "photos"] else value
    return "</blockquote><b>№1</b> &amp; <script" if isinstance(value, str) else value


def test_cards_and_summary_hold_with_nothing_in_them_and_with_markup_in_them() -> None:
    for name in ("citizen.summary", "desk.resource_card", "desk.report_card", "citizen.help_contacts"):
        for language in Language:
            bare = TEXTS.render(language, name, **with_empty(WANTED[name])).strip()
            assert html_faults(bare) == [], (language, name)
            assert "\n\n\n" not in bare
            hostile = TEXTS.render(language, name, **with_hostile(WANTED[name]))
            assert html_faults(hostile) == [], (language, name)
            assert "&lt;/blockquote&gt;&lt;b&gt;" in hostile


def test_the_card_keeps_typed_words_inside_a_blockquote() -> None:
    fake = "№99 · blocked"
    for language in Language:
        sample = {**WANTED["desk.report_card"], "words": fake, "address": fake}
        card = TEXTS.render(language, "desk.report_card", **sample)
        outside = re.sub(r"<blockquote>.*?</blockquote>", "", card, flags=re.DOTALL)
        assert card.count(fake) == 2
        assert fake not in outside
        assert card.startswith("<b>№17</b>")


def test_the_summary_offers_only_what_can_be_added() -> None:
    sample = WANTED["citizen.summary"]
    full = TEXTS.render("ru", "citizen.summary", **sample)
    assert "Можно ещё добавить: слова, фото.\n" in full
    everything_there = TEXTS.render("ru", "citizen.summary", **{**sample, "can_add": []})
    assert "добавить" not in everything_there
    every = TEXTS.render("ru", "citizen.summary", **{**sample, "can_add": ["words", "photos", "location", "links"]})
    assert "слова, фото, точку на карте, ссылки." in every


def test_only_careful_kinds_are_told_of_the_law() -> None:
    for language in Language:
        sample = WANTED["citizen.summary"]
        assert "419" in TEXTS.render(language, "citizen.summary", **sample)
        assert "419" not in TEXTS.render(language, "citizen.summary", **{**sample, "careful": False})
        assert "419" not in TEXTS.render(language, "citizen.welcome")


def test_a_list_read_whole_says_nothing_of_unread_lines() -> None:
    for language in Language:
        assert "40" in TEXTS.render(language, "citizen.list_read", links=812, unread=40)
        whole = TEXTS.render(language, "citizen.list_read", links=812, unread=0)
        assert "000" not in whole
        assert "  " not in whole


def test_what_is_closed_already_is_named_whether_it_is_one_or_many() -> None:
    def told(language: str, links: list[str], more: int = 0) -> str:
        told = TEXTS.render(language, "citizen.closed_already", links=links, more=more)
        return re.sub("</?code>", "", told)

    assert told("ru", ["t.me/a"]).startswith("Доступ к этой ссылке уже закрыт: t.me/a. Если она ")
    assert told("ru", ["t.me/a", "b.kz"], 3).startswith("Доступ к этим ссылкам уже закрыт: t.me/a, b.kz и ещё 3. ")
    assert told("kk", ["t.me/a", "b.kz"]).startswith("Мына сілтемелерге қолжетімділік шектеліп қойған: t.me/a, b.kz. ")
    assert told("en", ["t.me/a"], 1).startswith("Access to these links is closed already: t.me/a and 1 more. ")


def test_a_full_report_asks_for_no_more_photos() -> None:
    assert "ещё" in TEXTS.render("ru", "citizen.photos_taken", count=9, most=10)
    assert "ещё" not in TEXTS.render("ru", "citizen.photos_taken", count=10, most=10)


def test_progress_thanks_only_when_something_was_closed() -> None:
    def told(closed: int, sent: int) -> str:
        return TEXTS.render("ru", "citizen.progress", closed=closed, sent=sent, total=3)

    assert told(2, 0).endswith("доступ закрыт к 2. Спасибо, вы помогли!")
    assert told(1, 2).endswith("доступ закрыт к 1, ещё к 2 попросили закрыть. Спасибо, вы помогли!")
    assert "попросили закрыть доступ" in told(0, 2)
    assert "Спасибо" not in told(0, 0) + told(0, 2)


@pytest.mark.parametrize(
    ("number", "russian", "english", "kazakh"),
    [(1, "1 ссылку", "1 link ", "1 сілтеме"), (3, "3 ссылки", "3 links", "3 сілтеме"), (11, "11 ссылок", "11", "11 с")],
)
def test_nouns_agree_with_their_numbers(number: int, russian: str, english: str, kazakh: str) -> None:
    for language, words in (("ru", russian), ("en", english), ("kk", kazakh)):
        assert words in TEXTS.render(language, "citizen.list_read", links=number, unread=0)


# Letters


KAZAKH_LETTERS = set("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя")
RUSSIAN_LETTERS = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
LATIN_IN_CYRILLIC = {"telegram", "t", "me", "name", "txt", "csv", "xlsx", "english", "choose", "a", "language"}
LATIN_IN_CYRILLIC |= {"shekteu", "check", "texts", "offices", "areas"}
# Names of the files in a case file, and how it is checked.
LATIN_IN_CYRILLIC |= {"zip", "sha", "sum", "sums", "seal", "case", "json", "journal", "captures", "after"}
LATIN_IN_CYRILLIC |= {"evidence", "verify", "c", "kk", "ru"}
LATIN_IN_CYRILLIC |= {"probe", "on", "tor", "utc"}
# Placements and their files.
LATIN_IN_CYRILLIC |= {"qr", "png", "pdf", "dpi", "en", "import"}
IN_TEMPLATES = {
    *("f", "words", "photos", "location", "links", "checked", "b", "i", "code", "blockquote"),
    *("site", "channel", "post", "invite", "phone", "account", "page"),
    *("alive", "moved", "gone", "blocked", "silent", "unclear"),
    # Why a page could not be looked at.
    *(each.__name__.lower() for each in NotFetched.__subclasses__()),
}
KAZAKH_IN_OTHERS = {"қазақша", "тілді", "таңдаңыз", "тіл"}
RUSSIAN_IN_ENGLISH = {"русский", "выберите", "язык"}


def words_of(source: str) -> list[str]:
    """List the words of a text, also those quoted inside its template expressions; commands are left out."""
    quoted = re.sub(r"\{[{%].*?[%}]\}", lambda block: " ".join(re.findall(r'"([^"]*)"', block[0])), source)
    return [word.lower() for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<!<)/[a-z]+\b", " ", quoted))]


def alphabet(word: str) -> set[str]:
    return {unicodedata.name(letter).split()[0] for letter in word}


def test_no_word_mixes_latin_and_cyrillic_letters() -> None:
    mixed = [(language.value, name, word) for language, name, source, _ in ALL for word in words_of(source)]
    mixed += [
        (language, "danger", word) for language, phrases in DANGER.items() for p in phrases for word in words_of(p)
    ]
    mixed += [("", "contacts", word) for contact in CONTACTS for text in contact.values() for word in words_of(text)]
    assert [where for where in mixed if len(alphabet(where[2])) > 1] == []


def test_the_check_of_letters_finds_a_latin_letter() -> None:
    assert len(alphabet("сілтеме")) == 1
    assert len(alphabet("сiлтеме")) == 2


def test_every_word_is_spelt_in_the_letters_of_its_language() -> None:
    strange = []
    for language, name, source, _ in ALL:
        for word in words_of(source):
            if language is Language.EN:
                known = alphabet(word) == {"LATIN"} or word in KAZAKH_IN_OTHERS | RUSSIAN_IN_ENGLISH
            elif alphabet(word) == {"LATIN"}:
                known = word in LATIN_IN_CYRILLIC | IN_TEMPLATES
            else:
                letters = KAZAKH_LETTERS if language is Language.KK else RUSSIAN_LETTERS
                known = set(word) <= letters or word in KAZAKH_IN_OTHERS
            if not known:
                strange.append((language.value, name, word))
    assert strange == []


# Labels, commands, lengths


DESIGNED = """
kazakh: Қазақша, Қазақша, Қазақша
russian: Русский, Русский, Русский
english: English, English, English
help: Көмек керек, Нужна помощь, Need help
send: Жіберу, Отправить, Send
skip: Өткізіп жіберу, Пропустить, Skip
done: Дайын, Готово, Done
back: Артқа, Назад, Back
cancel: Бас тарту, Отмена, Cancel
erase: Мекенжайымды өшіру, Стереть мой адрес, Erase my address
link: Сілтеме, Ссылка, Link
place: Картадағы орын, Геометка, Place
graffiti: Граффити, Граффити, Graffiti
stash: Жасырын орын, Тайник, Stash
lab: Зертхана, Лаборатория, Lab
den: Притон, Притон, Den
"""


def labels(language: Language) -> dict[str, str]:
    """Give what each reply button of one language says, by its meaning."""
    common = {name: TEXTS.plain(language, f"labels.{name}") for name in texts_wanted.LABELS}
    return {**common, **{kind: TEXTS.plain(language, f"{kind}.label") for kind in KINDS}}


def without_emoji(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "So" or letter == "№").strip()


def test_a_label_means_one_thing_in_all_languages_together() -> None:
    meanings = defaultdict(set)
    for language in Language:
        for meaning, label in labels(language).items():
            meanings[without_emoji(label).casefold()].add(meaning)
    assert {label: names for label, names in meanings.items() if len(names) > 1} == {}


def test_labels_hold_the_words_of_the_design() -> None:
    for line in DESIGNED.strip().splitlines():
        meaning, words = line.split(": ")
        for language, word in zip(Language, words.split(", "), strict=True):
            assert word in labels(language)[meaning], language


def test_labels_are_short_and_bear_at_most_one_emoji() -> None:
    for language in Language:
        for name, label in labels(language).items():
            assert utf16_units(label) <= 30, (language, name)
            assert "\n" not in label
            assert sum(unicodedata.category(letter) == "So" for letter in label) <= 1
            assert "\ufe0f" not in label, "a variation selector is lost on some keyboards"


def test_emoji_stand_on_buttons_only() -> None:
    texts = [text for text in ALL if not text[1].startswith("labels.") and not text[1].endswith(".label")]
    assert [name for _, name, source, _ in texts if without_emoji(source) != source.strip()] == []


def test_a_text_names_only_buttons_that_exist() -> None:
    for language, name, source, _ in TO_CITIZENS:
        buttons = {without_emoji(label) for label in labels(language).values()}
        buttons |= {text for name, text in COMMON[language].items() if name.startswith("buttons.")}
        telegrams_own = {"Геопозиция", "Удалить", "Өшіру"}
        for quoted in re.findall(r"[«“]([^»”]*)[»”]", source):
            assert quoted in buttons | telegrams_own, (language, name)


def test_the_pinned_help_of_the_desk_names_its_buttons_as_they_are() -> None:
    for language in Language:
        acts = {TEXTS.plain(language, f"desk.act.{act}") for act in [*Act, *Decision]}
        acts |= {text for name, text in COMMON[language].items() if name.startswith("desk.form_button.")}
        named = set(re.findall(r"[«“]([^»”]*)[»”]", COMMON[language]["desk.help"]))
        assert len(named) == 7
        assert named <= acts


def test_commands_and_descriptions_fit_into_telegram() -> None:
    for language in Language:
        for command in texts_wanted.COMMANDS:
            assert 3 <= utf16_units(TEXTS.plain(language, f"commands.{command}")) <= 60
        assert utf16_units(TEXTS.plain(language, "bot.description")) <= 512
        assert utf16_units(TEXTS.plain(language, "bot.short_description")) <= 120
        for decision in [*Act, *Decision]:
            assert utf16_units(TEXTS.plain(language, f"desk.act.{decision}")) <= 30


def test_what_pops_up_on_the_desk_fits_into_a_toast() -> None:
    for name in (name for name in WANTED if name.startswith("desk.answer_")):
        for language in Language:
            assert utf16_units(TEXTS.render(language, name, **WANTED[name])) <= 200
            assert "<" not in COMMON[language][name]


def test_texts_to_citizens_are_short() -> None:
    for language, name, _, sample in TO_CITIZENS:
        most = 1500 if name in LONG else 350
        assert utf16_units(TEXTS.render(language, name, **sample)) <= most, (language, name)


def test_texts_name_only_commands_that_exist() -> None:
    for language, name, source, _ in ALL:
        named = set(re.findall(r"(?<![<\w])/([a-z]+)", source))
        desk = {*texts_wanted.DESK_COMMANDS, *texts_wanted.ADMINISTRATORS_COMMANDS}
        known = desk if name.startswith("desk.") else COMMANDS
        assert named <= known, (language, name)


# The voice


FORBIDDEN = {
    Language.KK: (
        r"өтініш",
        r"\bарыз",
        r"талон",
        r"хабарлама нөмір",
        r"бұғатта",
        r"полици",
        r"анонимді",
        r"жүзеге асыр",
    ),
    Language.RU: (
        *(r"обращени", r"заявлени", r"жалоб", r"талон", r"номер сообщени", r"полици", r"\bнаркотик\b", r"зель"),
        *(r"гарант", r"100 ?%", r"осуществ", r"в рамках", r"заблокир"),
    ),
    Language.EN: (r"complaint", r"\bpolice", r"guarantee", r"100 ?%", r"ticket", r"reference number"),
}


def test_words_that_we_do_not_say_are_not_said() -> None:
    said = [
        (language.value, name, word)
        for language, name, source, _ in ALL
        for word in FORBIDDEN[language]
        if re.search(word, source, re.IGNORECASE)
    ]
    assert said == []


def test_only_thanks_bear_an_exclamation_mark() -> None:
    for language, name, source, _ in ALL:
        spoken = re.sub(r"\{[{%].*?[%}]\}", "", source)
        for sentence in re.findall(r"[^.!?\n]*!", spoken):
            assert re.search(r"рақмет|спасибо|thank", sentence, re.IGNORECASE), (language, name)


def test_every_feedback_begins_with_the_line_for_the_lock_screen() -> None:
    for language, name, source, _ in FEEDBACK + PROGRESS:
        assert source.startswith(LOCK_SCREEN[language] + " "), (language, name)
        assert source.count(LOCK_SCREEN[language]) == 1


def test_feedback_holds_no_variable_no_number_and_nothing_that_tips_off() -> None:
    tips_off = (
        r"[{№\d]|есірткі|наркот|drug|сот|суд|court|ЕРДР|СДТБТ|дело|іс қозғ|тергеу|расслед|задерж|ұстал|arrest|case"
    )
    for language, name, source, _ in FEEDBACK:
        words = source.replace("/add", "").replace("жіберіңіз", "")
        assert not re.search(tips_off, words, re.IGNORECASE), (language, name)


def test_every_kind_answers_each_of_its_decisions() -> None:
    for kind in KINDS.values():
        for language in Language:
            told = {name for name in kind.texts[language] if name.startswith("feedback.")}
            assert told == {f"feedback.{decision}" for decision in kind.decisions}


def test_the_acknowledgement_says_code_hours_status_and_what_not_to_do() -> None:
    for kind in KINDS.values():
        for language in Language:
            sample = texts_wanted.KIND["received"]
            text = TEXTS.render(language, f"{kind.name}.received", **sample)
            assert f"<code>{sample['receipt']}</code>" in text
            assert sample["office_hours"] in text
            assert "/status" in text
            last = text.splitlines()[-1]
            assert re.search(r"\bне |don't|(ма|ба|па)ңыз|(ме|бе|пе)ңіз", last, re.IGNORECASE), text
            assert ("102" in last) is kind.careful


def test_the_prompts_never_ask_who_someone_is() -> None:
    asked = [text for text in TO_CITIZENS if re.search(r"\.ask[._]", text[1])]
    for language, name, source, _ in asked:
        assert not re.search(r"\bкто вы|откуда вы|ваше имя|who are you|your name\?|кімсіз|қайдан білесіз", source), name
        if name.endswith("words"):
            assert re.search(r"не пишите|жазбаңыз|don't write", source, re.IGNORECASE), (language, name)


def test_a_place_is_never_asked_for_as_my_location() -> None:
    here = {
        Language.KK: "Өзіңіз тұрған жерді жібермеңіз",
        Language.RU: "Не отправляйте место",
        Language.EN: "Don't send",
    }
    for language, name, source, _ in TO_CITIZENS:
        if name.endswith((".ask_location", ".ask_location_or_address", ".ask.location")):
            assert here[language] in source, (language, name)


# Kinds


def test_the_kinds_are_what_the_dialogue_needs() -> None:
    assert list(KINDS) == ["link", "place", "graffiti", "stash", "lab", "den"]
    required = [(kind.name, [t.content.value for t in kind.takes if t.required]) for kind in KINDS.values()]
    assert required[:3] == [("link", ["links"]), ("place", ["location"]), ("graffiti", ["photos"])]
    assert required[3:] == [("stash", ["words"]), ("lab", ["words"]), ("den", ["words"])]
    assert {kind.name for kind in KINDS.values() if kind.careful} == {"stash", "lab", "den"}
    assert [t.content.value for t in KINDS["link"].takes if t.asked] == ["links"]
    for kind in KINDS.values():
        assert ("location" in kind.offered_for) is (kind.name != "link")
        assert ("photos" in kind.offered_for) is (kind.name not in {"link", "place"})


# Help and danger


def test_the_numbers_of_help_have_names_and_a_day_of_checking() -> None:
    shown = [contact for contact in CONTACTS if contact["phone"]]
    assert [contact["phone"] for contact in shown] == ["112", "103", "102", "111"]
    for contact in CONTACTS:
        assert all(contact[language] for language in Language)
        notes = {language for language in Language if contact.get(f"note_{language}")}
        assert notes in (set(), set(Language))
    for contact in shown:
        assert date.fromisoformat(contact["checked"])


def test_a_number_that_nobody_knows_ships_empty() -> None:
    assert SAFETY.unknown() == ["Help with addiction"]
    assert all(contact.phone for language in Language for contact in SAFETY.contacts(language))


def test_danger_is_said_first_and_only_when_there_is_some() -> None:
    contacts = SAFETY.contacts(Language.RU)
    alarmed = TEXTS.render("ru", "citizen.help_contacts", contacts=contacts, danger=True)
    assert alarmed.startswith(
        "<b>Если сейчас чья-то жизнь в опасности, звоните сразу.</b>\n\n<b>112</b> — Служба спасения."
    )
    calm = TEXTS.render("ru", "citizen.help_contacts", contacts=contacts, danger=False)
    assert calm.startswith("<b>112</b>")
    assert "в опасности" not in calm


DANGEROUS = [
    "У друга передоз, что делать",
    "сосед передознулся",
    "ПЕРЕДОЗИРОВКА в подъезде",
    "парень не дышит лежит в подъезде",
    "тут девушка не дышет",
    "Он без\nсознания и губы синие",
    "не приходит в себя уже час",
    "я приняла слишком много",
    "я умираю",
    "не хочу жить",
    "она хочет покончить с собой",
    "помогите меня держат насильно в квартире",
    "там прямо сейчас бьют человека",
    "Ребёнку плохо, наелся чего-то",
    "досым дем алмай жатыр",
    "Бір жігіт есінен танып қалды",
    "інім дозасын асырып алды",
    "өлгім келеді",
    "олгим келип тур",
    "өз-өзіме қол жұмсаймын",
    "бір қыз өліп бара жатыр",
    "мені ұрып жатыр",
    "бізді қамап қойды",
    "дәріні көп ішіп қойдым",
    "есін жия алмай жатыр, пульсі жоқ",
    "ояталмай жатырмын, оята алмадық",
    "өзіне-өзі қол жұмсағысы келеді",
    "озиме-озим кол жумсаймын",
    "аузынан ақ көбік шығып жатыр",
    "my friend overdosed",
    "he’s not breathing",
    "she is unconscious and turning blue",
    "I took too much",
    "i want to die",
    "they are holding me here by force",
    "someone is dying in the hall",
]
HARMLESS = [
    "Продают наркотики через этот канал, вот ссылка t.me/name",
    "Во дворе дома 15 закладки под подоконником, приходят каждый вечер",
    "На заборе надпись с адресом магазина",
    "Подростки умирают от этой гадости, закройте канал",
    "Молодежь травят, участковый не реагирует",
    "Спасите наших детей, продают возле школы",
    "Резкий запах химии из подвала, окна завешены, канистры",
    "В квартире притон, всю ночь ходят люди и кричат, не дают спать",
    "Видел, как парень что-то прикопал и сделал фото",
    "Если узнают, что я написал, меня убьют",
    "Ищут курьеров, обещают 500 тысяч в неделю, работа кладмен",
    "Сайт отключился и появился снова под другим именем",
    "Бұл арнада есірткі сатып жатыр, жабыңыздаршы",
    "Жастарымыз уланып жатыр, тезірек шара қолданыңыздар",
    "Аулада күнде кешке келіп, қабырғаның астына бірдеңе тығады",
    "Пәтерден ащы иіс шығады, түнде адамдар келіп-кетеді",
    "Үйдің қабырғасында телеграм мекенжайы жазылған, есірткі саудасы",
    "Тәулік бойы дем алмайды, сатушы екі жігіт",
    "Айтқанымды білсе, мені өлтіреді",
    "They sell drugs in this channel, please close it",
    "A flat on the third floor, people come and go all night, sharp smell",
    "A young man hid a small packet behind the pipe and took a photo",
    "Kids find stashes near the school, police seized a car with drugs",
    "The door is locked in the evening, buyers knock twice",
    "Вот список: t.me/name1, t.me/name2, там меф, соль, шишки",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_words_of_danger_are_noticed(text: str) -> None:
    assert SAFETY.danger(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_report_raises_no_alarm(text: str) -> None:
    assert not SAFETY.danger(text)


def test_our_own_texts_raise_no_alarm() -> None:
    for language, name, _, sample in ALL:
        assert not SAFETY.danger(TEXTS.render(language, name, **sample)), (language, name)


def test_words_of_danger_are_written_as_they_are_matched() -> None:
    for language, phrases in DANGER.items():
        assert language in set(Language)
        assert len(phrases) == len(set(phrases)) > 100
        for phrase in phrases:
            assert phrase == " ".join(phrase.lower().split())
            assert "’" not in phrase
            assert len(phrase) >= 4, f"{phrase} is too short to mean one thing"
            shorter = [other for other in phrases if other != phrase and phrase.startswith(other)]
            assert shorter == [], f"{phrase} is already found by {shorter}"


def test_words_of_danger_are_spelt_in_the_letters_of_their_language() -> None:
    letters = {"kk": KAZAKH_LETTERS, "ru": RUSSIAN_LETTERS, "en": set("abcdefghijklmnopqrstuvwxyz")}
    for language, phrases in DANGER.items():
        assert [p for p in phrases if not set("".join(words_of(p))) <= letters[language]] == []


def test_why_a_page_could_not_be_looked_at_is_said_in_words(wording: Wording) -> None:
    told = {each for each in NotFetched.__subclasses__() if judge_failure(each(), "site") is not None}
    assert told == set(NotFetched.__subclasses__()) - {ProxyFailed}
    given = texts_wanted.DESK["captured"] | {"sha256": "", "title": ""}
    for language in Language:
        said = [
            wording.texts.render(language, "desk.captured", **given | {"failure": each.__name__}).splitlines()[-1]
            for each in told
        ]
        assert all(re.search(r"\w: \w", line) and re.search(r"[A-Z][a-z]+[A-Z]", line) is None for line in said), said
        assert len(set(said)) == len(told)
