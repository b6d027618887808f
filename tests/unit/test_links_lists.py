"""Lists in files: encodings, separators, limits, and files that are none."""

import os

import pytest

from bot.links import EmptyList, UnreadableList, read_list

TEXT = "канал,ссылка\nодин;t.me/abcde\nдва\t@abcdf\n\nтри,example.kz|t.me/abcde\nбез ссылки\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
def test_a_list_is_read_in_any_usual_encoding(encoding: str) -> None:
    made = read_list(TEXT.encode(encoding))
    assert [link.url for link in made.links] == ["https://t.me/abcde", "https://t.me/abcdf", "https://example.kz"]
    assert (made.lines_read, made.lines_skipped, made.lines_without_link) == (5, 0, 2)


def test_separators_glued_to_addresses_are_no_part_of_them() -> None:
    made = read_list(b't.me/abcde;t.me/abcdf,"t.me/abcdg","https://t.me/abcdh"\r\nt.me/abcdi\tt.me/abcdj')
    assert [link.url[-1] for link in made.links] == list("efghij")


def test_a_thousand_lines_are_read_and_the_others_counted() -> None:
    made = read_list("\n".join(f"t.me/abcde{n}" for n in range(1200)).encode())
    assert (len(made.links), made.lines_read, made.lines_skipped) == (1000, 1000, 200)


@pytest.mark.parametrize("data", [b"", b"  \r\n\r\n", b"\xef\xbb\xbf", b";;;\n,,,\n"])
def test_an_empty_list_says_so(data: bytes) -> None:
    with pytest.raises(EmptyList):
        read_list(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"%PDF-1.7\n%\x00\x01\x02",
    ],
)
def test_what_is_no_text_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableList):
        read_list(data)


def test_random_bytes_never_crash() -> None:
    for size in (1, 2, 3, 100, 5000):
        for _ in range(20):
            try:
                read_list(os.urandom(size))
            except (EmptyList, UnreadableList):
                continue
