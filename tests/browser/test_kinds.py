"""Every kind of picture in a browser, wide and narrow: it is drawn, and nothing lies over another or out of reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgraph.demo import DATABASE, build_demo
from kgraph.query import run_query
from kgraph.store import Store, open_store
from kgraph.view import Answer, Comparison, Core, Ego, Kind, Lineage, Overview, Topic, Trend, write_view
from tests.browser.conftest import Browser

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quiet")]

KINDS: dict[str, Callable[[Store], Kind]] = {
    "core": lambda _: Core(),
    "ego": lambda _: Ego("method:transformer", depth=2),
    "topic": lambda _: Topic("task:link-prediction"),
    "lineage": lambda _: Lineage("method:transformer"),
    "lineages": lambda _: Lineage(),
    "comparison": lambda _: Comparison("method:transformer", "method:long-short-term-memory"),
    "trend": lambda _: Trend(),
    "overview": lambda _: Overview(),
    "answer": lambda store: Answer(run_query(store, "similar-methods", method="transformer").to_graph()),
}
STRIPS = ("lineage", "lineages", "comparison")
WIDE, NARROW = (1280, 800), (400, 800)
HEADING = 46
"""Pixels that are free of nodes for the headings of strips."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of each kind, of the bundled sample."""
    folder = tmp_path_factory.mktemp("kinds")
    build_demo(folder)
    with open_store(folder / DATABASE, read_only=True) as store:
        for name, kind in KINDS.items():
            write_view(store, folder / f"{name}.html", kind(store), title=f"The {name} of a small graph")
    return {name: folder / f"{name}.html" for name in KINDS}


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


def boxes(browser: Browser, selector: str) -> dict[str, dict[str, float]]:
    """Where the visible elements of this selector are."""
    found: dict[str, dict[str, float]] = browser.run(
        """Object.fromEntries([...document.querySelectorAll(arguments[0])]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }))
            .map((one, k) => [`${k} ${one.id || one.textContent}`, one.getBoundingClientRect().toJSON()]))""",
        selector,
    )
    return found


def overlapping(found: dict[str, dict[str, float]]) -> list[tuple[str, str]]:
    """The pairs of boxes that lie over each other by more than a pixel."""

    def over(a: dict[str, float], b: dict[str, float]) -> bool:
        wide = min(a["right"], b["right"]) - max(a["left"], b["left"])
        return wide > 1 and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 1

    named = list(found.items())
    return [(name, other) for k, (name, a) in enumerate(named) for other, b in named[:k] if over(a, b)]


def nodes_drawn(browser: Browser, colours: list[int]) -> bool:
    """Whether the picture has pixels in one of these colours."""
    found: bool = browser.run(
        """(() => {
            const canvas = kgraph.engine.image(1), { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return new Uint32Array(data.buffer).some((pixel) => arguments[0].includes(pixel & 0xffffff));
        })()""",
        colours,
    )
    return found


@pytest.mark.parametrize("name", [name for name in KINDS if name != "trend"])
def test_a_picture_is_drawn(browser: Browser, pages: dict[str, Path], name: str, size: tuple[int, int]) -> None:
    browser.open(pages[name], width=size[0], height=size[1])
    assert min(browser.shown()) > 1
    names = browser.run("[...new Set(Array.from({ length: kgraph.graph.n }, (_, i) => kgraph.look.colour(i)))]")
    colours = [int.from_bytes(bytes.fromhex(name[1:]), "little") for name in names]
    assert nodes_drawn(browser, colours)
    browser.find("#filter").click()
    browser.set_field("from", 3000)
    assert browser.shown() == (0, 0)
    assert not nodes_drawn(browser, colours)


@pytest.mark.parametrize("name", KINDS)
def test_nothing_lies_over_another(browser: Browser, pages: dict[str, Path], name: str, size: tuple[int, int]) -> None:
    browser.open(pages[name], width=size[0], height=size[1])
    controls = boxes(browser, ".name, #search, .tools button, #filter, .row-of-chips, #hint, #back button, .series")
    assert len(controls) > 6
    assert overlapping(controls) == []
    for box in controls.values():
        assert (box["left"] >= 0, box["right"] <= size[0], box["top"] >= 0) == (True, True, True)
    for row in ("#types button, #relations button", "#communities button"):
        assert overlapping(boxes(browser, row)) == []
    scrolled = "Math.max(...['html', 'body', '#trend'].map((name) => document.querySelector(name).scrollWidth))"
    assert browser.run(scrolled) <= size[0]


def test_the_legend_leaves_room(browser: Browser, pages: dict[str, Path], size: tuple[int, int]) -> None:
    browser.open(pages["overview"], width=size[0], height=size[1])
    assert len(boxes(browser, "#communities button")) > 5
    (legend,) = boxes(browser, "#legend").values()
    assert legend["height"] <= 75
    (stage,) = boxes(browser, "#stage").values()
    assert stage["height"] > 0.75 * size[1]


def test_what_a_row_of_chips_has_no_room_for_rolls_in(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["overview"], width=WIDE[0], height=WIDE[1])
    browser.run("document.getElementById('communities').dispatchEvent(new WheelEvent('wheel', { deltaY: 5000 }))")
    last = list(boxes(browser, "#communities button").values())[-1]
    assert last["right"] < WIDE[0]


def drawn_texts(browser: Browser) -> list[dict[str, Any]]:
    """The texts of the picture, each row of a label by itself: what it says, how heavy, and where."""
    found: list[dict[str, Any]] = browser.run("""(() => {
        const drawing = kgraph.drawnAsSvg();
        document.getElementById("stage").append(drawing);
        const texts = [...drawing.querySelectorAll("text")].map((one) => {
            const { x, y, width, height } = one.getBBox();
            const heading = one.getAttribute("fill") === kgraph.look.ink.muted;
            const box = { left: x, right: x + width, top: y + 3, bottom: y + height - 3 };
            return { text: one.textContent, weight: one.getAttribute("font-weight"), heading, ...box };
        });
        drawing.remove();
        return texts;
    })()""")
    return found


@pytest.mark.parametrize("name", STRIPS)
def test_strips_have_headings(browser: Browser, pages: dict[str, Path], name: str, size: tuple[int, int]) -> None:
    browser.open(pages[name], width=size[0], height=size[1])
    texts = drawn_texts(browser)
    headings = [one for one in texts if one["heading"]]
    said = " ".join(one["text"] for one in headings)
    for label in filter(None, browser.run("kgraph.look.bands.marks.map(({ label }) => label)")):
        assert label.split()[0] in said
    assert len(texts) > len(headings) > 1
    over = overlapping({f"{k} {one['text']}": one for k, one in enumerate(texts)})
    assert [pair for pair in over if any(f" {one['text']}" in name for one in headings for name in pair)] == []
    axis = browser.run("kgraph.look.bands.axis")
    assert axis == ("x" if size == WIDE else "y")
    places = "Array.from({ length: kgraph.graph.n }, (_, i) => kgraph.engine.toScreen(kgraph.engine.place(i)))"
    nearest = browser.run(f"Math.min(...{places}.map(({{ x, y }}) => arguments[0] === 'x' ? y : x))", axis)
    assert nearest > HEADING


def test_a_heading_stays_while_any_of_its_strip_is_seen(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["lineages"])
    first = browser.run("kgraph.look.bands.marks[0]")
    middle = {"x": first["to"], "y": 0}
    browser.run("kgraph.engine.moveTo(arguments[0], 3, { offset: { x: -400, y: 0 }, animate: false })", middle)
    headings = [one for one in drawn_texts(browser) if one["heading"]]
    assert first["label"].split()[0] in headings[0]["text"]
    assert headings[0]["left"] >= 0


def test_large_communities_have_their_names_over_them(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["overview"])
    islands = browser.run("kgraph.look.communities().filter(({ size }) => size >= 25).map(({ name }) => name)")
    texts = [one["text"] for one in drawn_texts(browser) if one["weight"] == "700"]
    assert {name.split(", ")[0] for name in islands} & set(texts)
    browser.find("#filter").click()
    browser.find("input[value=type]").click()
    assert browser.run("kgraph.look.communities()") is None
