from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pipelines.charts import HEIGHT, WIDTH, bar_chart, line_chart, short_rupees

SVG = "{http://www.w3.org/2000/svg}"
AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False)


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart)


def test_it_works():
    chart = parsed(
        line_chart([(date(2026, 5, day), day * 1000.0) for day in (1, 2, 3)], [(date(2026, 5, 2), "pay")])
    )
    assert len(chart.find(f"{SVG}polyline").get("points").split()) == 3
    assert chart.find(f"{SVG}circle/{SVG}title").text == "pay"


def test_what_is_written_stays_text():
    chart = parsed(bar_chart(["<script>"], {"a&b": [1.0]}))
    assert {text.text for text in chart.iter(f"{SVG}text")} >= {"<script>", "a&b"}


def test_nothing_is_a_chart_too():
    assert "nothing to show" in line_chart([])
    assert "nothing to show" in bar_chart([], {"in": []})


def test_rupees_at_an_axis():
    assert [short_rupees(n) for n in (0, 950, 45_000, 1_50_000, -2_50_00_000)] == [
        "0",
        "950",
        "45k",
        "1.5L",
        "-2.5Cr",
    ]


@given(st.lists(AMOUNTS, min_size=1, max_size=40))
def test_everything_is_drawn_inside(values):
    days = [(date(2026, 1, 1) + timedelta(days=n), value) for n, value in enumerate(values)]
    points = parsed(line_chart(days)).find(f"{SVG}polyline").get("points").split()
    inside = [0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in (p.split(",") for p in points)]
    assert all(inside)
    bars = parsed(bar_chart([str(n) for n in range(len(values))], {"in": values})).findall(f"{SVG}rect")
    assert all(0 <= float(bar.get("y")) <= HEIGHT for bar in bars)
