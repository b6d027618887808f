"""Coordinates as people type them, and map links."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.places import (
    Point,
    PointOutOfRange,
    ShortMapLink,
    in_kazakhstan,
    is_map_link,
    read_map_link,
    read_point,
)

TARAZ = Point(42.9, 71.3666)
EXACT = Point(42.900333, 71.366611)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("42.9, 71.3666", TARAZ),
        ("42.9,71.3666", TARAZ),
        ("42.9 71.3666", TARAZ),
        ("42.9; 71.3666", TARAZ),
        ("(42.9, 71.3666)", TARAZ),
        ("Координаты: 42.9, 71.3666", TARAZ),
        ("42,9 71,3666", TARAZ),
        ("42,9, 71,3666", TARAZ),
        ("42,9; 71,3666", TARAZ),
        ("42.9°N 71.3666°E", TARAZ),
        ("42.9° N, 71.3666° E", TARAZ),
        ("42.9° 71.3666°", TARAZ),
        ("N42.9 E71.3666", TARAZ),
        ("71.3666E 42.9N", TARAZ),
        ("E71.3666, N42.9", TARAZ),
        ("42,9 с.ш. 71,3666 в.д.", TARAZ),
        ("42,9° с. ш., 71,3666° в. д.", TARAZ),
        ("42.9 северной широты, 71.3666 восточной долготы", TARAZ),
        ("С42.9 В71.3666", TARAZ),
        ("широта 42.9, долгота 71.3666", TARAZ),
        ("lat: 42.9, lon: 71.3666", TARAZ),
        ("42.9 с.е. 71.3666 ш.б.", TARAZ),
        ("42,9° с. е., 71,3666° ш. б.", TARAZ),
        ("солтүстік ендік 42.9, шығыс бойлық 71.3666", TARAZ),
        ("ендік 42.9, бойлық 71.3666", TARAZ),
        ("geo:42.9,71.3666", TARAZ),
        ("geo:42.9,71.3666;u=35", TARAZ),
        ("geo:0,0?q=42.9,71.3666(здесь)", TARAZ),
        ("71.3666, 42.9", TARAZ),
        ("возле школы, 42.900000, 71.366600, под деревом", TARAZ),
        ("тайник 42.9°N 71.3666°E у реки", TARAZ),
        ("42°54'01.2\"N 71°21'59.8\"E", EXACT),
        ("42°54′01.2″N, 71°21′59.8″E", EXACT),
        ("42°54’01,2”N 71°21’59,8”E", EXACT),
        ("42º54´01.2´´ N 71º21´59.8´´ E", EXACT),
        ("42° 54' 01,2'' с.ш. 71° 21' 59,8'' в.д.", EXACT),
        ("N42 54 01.2 E71 21 59.8", EXACT),
        ("42 54 01.2N 71 21 59.8E", EXACT),
        ("42°54'1.2\" 71°21'59.8\"", EXACT),
        ("42°54.02'N 71°21.99666'E", EXACT),
        ("N 42° 54.020', E 071° 21.99666'", EXACT),
        ("-33.8688, 151.2093", Point(-33.8688, 151.2093)),
        ("33.8688°S 151.2093°E", Point(-33.8688, 151.2093)),
        ("51.5074N 0.1278W", Point(51.5074, -0.1278)),
        ("55.75, 37.61", Point(55.75, 37.61)),
        ("42, 71", Point(42, 71)),
    ],
)
def test_coordinates_in_the_usual_notations(text: str, point: Point) -> None:
    read = read_point(text)
    assert read is not None
    assert (read.latitude, read.longitude) == pytest.approx((point.latitude, point.longitude), abs=2e-6)


@pytest.mark.parametrize(
    "text",
    [
        "", "слова", "дом 5, кв 10", "5, 10", "42 71", "10 000 тенге", "10 000", "+7 701 123 45 67", "87011234567",
        "8 (701) 123-45-67", "12.05.2024", "12.05.2024 10:30", "12.05", "в 5 с 10", "с 10 до 12", "с 10.30 в 12.45",
        "12,50 13,70", "1 200.50, 300.25", "42.9", "42.9°", "2024-01-02", "NaN, NaN", "42.9.1, 71.3.2", "1.2.3.4",
        "Тараз, 5 мкр, дом 12", "цена 100.500, 200.300.1", "42.9N 43.1N", "t.me/abcde",
    ],
)  # fmt: skip
def test_what_is_no_coordinates(text: str) -> None:
    assert read_point(text) is None


@pytest.mark.parametrize(
    "text", ["91, 181", "91.5, 71.3", "42.9, 181.5", "95°N 71°E", "42°75'N 71°10'E", "42°10'75\"N 71°10'E", "geo:91,0"]
)
def test_out_of_range_is_said(text: str) -> None:
    with pytest.raises(PointOutOfRange):
        read_point(text)


COORDINATES = st.tuples(st.floats(-89.9999, 89.9999), st.floats(-179.9999, 179.9999)).map(lambda pair: Point(*pair))


def _sexagesimal(value: float) -> tuple[int, int, float]:
    seconds = round(abs(value) * 3600, 4)
    return int(seconds // 3600), int(seconds % 3600 // 60), seconds % 60


@settings(deadline=None)
@given(
    COORDINATES,
    st.sampled_from(["dot", "comma", "geo", "letters", "minutes", "seconds", "before", "cyrillic", "kazakh"]),
)
def test_each_notation_is_read_back(point: Point, notation: str) -> None:
    lat, lon = point.latitude, point.longitude
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    (d1, m1, s1), (d2, m2, s2) = _sexagesimal(lat), _sexagesimal(lon)
    text = {
        "dot": str(point),
        "comma": f"{lat:.6f} {lon:.6f}".replace(".", ","),
        "geo": f"geo:{lat:.6f},{lon:.6f}",
        "letters": f"{abs(lat):.6f}°{north} {abs(lon):.6f}°{east}",
        "minutes": f"{d1}°{m1 + s1 / 60:.6f}'{north} {d2}°{m2 + s2 / 60:.6f}'{east}",
        "seconds": f"{d1}°{m1}'{s1:.4f}\"{north} {d2}°{m2}'{s2:.4f}\"{east}",
        "before": f"{north}{d1} {m1} {s1:.4f} {east}{d2} {m2} {s2:.4f}",
        "cyrillic": f"{abs(lat):.6f}° {'сю'[lat < 0]}.ш., {abs(lon):.6f}° {'вз'[lon < 0]}.д.",
        "kazakh": f"{abs(lat):.6f}° {'со'[lat < 0]}.е., {abs(lon):.6f}° {'шб'[lon < 0]}.б.",
    }[notation]
    if "60.0000" in text:
        return  # rounded up to a whole minute: not how anybody writes it
    read = read_point(text)
    assert read is not None
    swapped = in_kazakhstan(Point(lon, lat)) if abs(lon) <= 90 and not in_kazakhstan(point) else False
    if notation in ("dot", "comma") and swapped:
        lat, lon = lon, lat
    assert (read.latitude, read.longitude) == pytest.approx((lat, lon), abs=3e-6)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,°'\" NSEWсвюзшдеб-+:;geo()\n", max_size=80))
def test_reading_a_point_never_crashes(text: str) -> None:
    try:
        read_point(text)
    except PointOutOfRange:
        return


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/maps/@42.9,71.3666,15z",
        "HTTPS://WWW.Google.Com/maps/@42.9,71.3666,15z",
        "https://www.google.com/maps/place/X/@42.1,71.1,17z/data=!3m1!4b1!4m5!3m4!1s0x0:0x0!8m2!3d42.9!4d71.3666",
        "https://www.google.com/maps/place/42.9,71.3666/@42.1,71.1,17z",
        "https://www.google.com/maps/place/42%C2%B054'00.0%22N+71%C2%B021'59.76%22E/@42.1,71.1,17z",
        "https://www.google.com/maps/search/42.9,+71.3666",
        "https://www.google.com/maps/search/?api=1&query=42.9%2C71.3666",
        "https://www.google.com/maps/dir/42.8,71.2/42.9,71.3666/@42,71,12z",
        "https://www.google.com/maps/dir/?api=1&destination=42.9,71.3666",
        "https://www.google.kz/maps?q=42.9,71.3666&z=17",
        "maps.google.com/?q=loc:42.9,71.3666",
        "https://maps.google.com/maps?ll=42.9,71.3666&z=12",
        "https://yandex.kz/maps/10309/taraz/?ll=71.3666%2C42.9&z=13",
        "https://yandex.ru/maps/?pt=71.3666,42.9&ll=70,40&z=1",
        "https://yandex.ru/maps/?whatshere%5Bpoint%5D=71.3666%2C42.9&ll=70,40",
        "https://yandex.com/maps/?poi%5Bpoint%5D=71.3666%2C42.9&ll=70,40",
        "https://yandex.by/maps/?rtext=42.8,71.2~42.9,71.3666",
        "https://yandex.uz/maps/?text=42.9,71.3666",
        "https://2gis.kz/taraz?m=71.3666%2C42.9%2F16",
        "https://2gis.kz/taraz/geo/70000001/71.3666,42.9",
        "https://2gis.kz/taraz/geo/71.3666%2C42.9?m=70%2C40%2F16",
        "https://2gis.ru/taraz/firm/7000/71.3666%2C42.9?m=71,42/5",
        "https://2gis.kz/directions/points/71.1%2C42.1%3B123%7C71.3666%2C42.9%3B456",
        "https://maps.apple.com/?ll=42.9,71.3666&q=Pin",
        "https://maps.apple.com/place?coordinate=42.9,71.3666&name=x",
        "https://www.openstreetmap.org/?mlat=42.9&mlon=71.3666#map=15/42.1/71.1",
        "https://www.openstreetmap.org/#map=15/42.9/71.3666",
        "https://www.openstreetmap.org/directions?route=42.8,71.2;42.9,71.3666",
        "https://waze.com/ul?ll=42.9,71.3666&navigate=yes",
        "Это здесь: https://maps.google.com/?q=42.9,71.3666 у школы",
    ],
)
def test_map_links_name_their_pin(url: str) -> None:
    point = read_map_link(url)
    assert isinstance(point, Point)
    assert (point.latitude, point.longitude) == pytest.approx((42.9, 71.3666), abs=1e-5)
    assert is_map_link(url)


def test_short_links_of_openstreetmap_say_their_place() -> None:
    point = read_map_link("https://osm.org/go/0EEQjEEb?m")
    assert isinstance(point, Point)
    assert (point.latitude, point.longitude) == pytest.approx((51.510998, 0.054932), abs=1e-4)
    assert read_map_link("https://www.openstreetmap.org/go/0EEQjE--") is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://maps.app.goo.gl/AbC",
        "https://goo.gl/maps/AbC",
        "https://yandex.kz/maps/-/CDabc",
        "https://go.2gis.com/abc",
        "https://maps.apple/p/abc",
        "https://www.google.com/maps/place/Taraz",
        "https://2gis.kz/taraz/firm/70000001",
    ],
)
def test_map_links_that_need_the_network_are_kept(url: str) -> None:
    assert read_map_link(f"вот {url}") == ShortMapLink(url)
    assert is_map_link(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t.me/abcde",
        "https://goo.gl/abc",
        "https://www.google.com/search?q=42.9,71.3",
        "https://yandex.kz/",
        "42.9, 71.3",
    ],
)
def test_what_is_no_map_link(text: str) -> None:
    assert read_map_link(text) is None
    assert not is_map_link(text)


def test_a_map_link_out_of_range_is_said() -> None:
    with pytest.raises(PointOutOfRange):
        read_map_link("https://maps.google.com/?q=95,181")


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        (Point(42.9, 71.3666), True),
        (Point(43.238, 76.945), True),
        (Point(51.16, 71.47), True),
        (Point(55.75, 37.61), False),
        (Point(39.65, 66.95), False),
        (Point(0, 0), False),
    ],
)
def test_inside_kazakhstan_is_a_box(point: Point, inside: bool) -> None:
    assert in_kazakhstan(point) == inside


def test_points_keep_six_decimals() -> None:
    assert Point(42.12345678, -0.0000001) == Point(42.123457, 0.0)
    assert str(Point(42.9, -0.0)) == "42.900000, 0.000000"
    with pytest.raises(PointOutOfRange):
        Point(float("nan"), 0)
