"""The map, which draws what is too large for vis-network, used as a reader would; here it draws a few hundred nodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.keys import Keys

from kgraph.view import Ego, Overview, picture, select, write_view
from tests.browser.conftest import Browser
from tests.test_view_page import HOSTILE, hostile_graph
from tests.test_view_select import make_graph

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quiet")]

ISLANDS, AROUND = 12, 30
NODES, LINES = ISLANDS * (AROUND + 1), ISLANDS * (AROUND + 1) - 1
HUB = "task:t05"
METHOD = "m0503"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", autouse=True)
def map_for_all() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (select, picture):
            patch.setattr(module, "MAX_NETWORK", 5)
        yield


@pytest.fixture(scope="module")
def page(map_for_all: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve tasks with methods around them, and a chain through all."""
    facts = [(f"m{a:02}{k:02}", "USED_FOR", f"task:t{a:02}") for a in range(ISLANDS) for k in range(AROUND)]
    facts += [(f"m{a:02}00", "BASED_ON", f"m{a + 1:02}00") for a in range(ISLANDS - 1)]
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_view(make_graph(*facts, papers=3), path, Overview(), title="A map")
    return path


def colour_of_everything(browser: Browser) -> str:
    """The picture as it is seen, as one text."""
    found: str = browser.run("kgraph.engine.image(1).toDataURL()")
    return found


def go_to(browser: Browser, node_id: str, scale: float = 1.0) -> tuple[float, float]:
    """Have a node in the middle of the stage; return where it is."""
    move = "kgraph.engine.moveTo(kgraph.engine.place(kgraph.indexOf(arguments[0])), arguments[1], {})"
    browser.run(move, node_id, scale)
    rest(browser)
    return browser.place_of(node_id)


def rest(browser: Browser) -> None:
    """Wait until two frames have been drawn."""
    browser.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def empty_place(browser: Browser) -> tuple[float, float]:
    """A place on the left of the stage that is far from every node, in its pixels."""
    x, y = browser.run("""(() => {
        const { clientWidth: wide, clientHeight: high } = document.getElementById("stage"), { graph, engine } = kgraph;
        const nodes = Array.from({ length: graph.n }, (_, i) => engine.toScreen(engine.place(i)));
        const far = ({ x, y }) => Math.min(...nodes.map((node) => Math.hypot(node.x - x, node.y - y)));
        const at = (part, most) => 60 + ((most - 120) * part) / 20;
        const placeOf = (k) => ({ x: at(k % 20, wide / 2), y: at(Math.floor(k / 20), high) });
        const places = Array.from({ length: 400 }, (_, k) => placeOf(k));
        const best = places.reduce((a, b) => (far(a) > far(b) ? a : b));
        return [best.x, best.y];
    })()""")
    return x, y


def test_the_map_draws_it(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.run("kgraph.network") is None
    assert browser.run("typeof vis") == "undefined"
    assert browser.shown() == (NODES, LINES)
    x, y = go_to(browser, HUB)
    pixel = "kgraph.engine.image(1).getContext('2d').getImageData(arguments[0], arguments[1], 1, 1).data"
    red, green, blue, _ = browser.run(f"[...{pixel}]", round(x), round(y))
    assert f"#{red:02x}{green:02x}{blue:02x}" == browser.run("kgraph.look.colour(kgraph.indexOf(arguments[0]))", HUB)


def test_the_page_leaves_one_name_behind(browser: Browser, page: Path) -> None:
    browser.open(page)
    own = browser.run("""(() => {
        const names = Object.keys(window), plain = document.body.appendChild(document.createElement("iframe"));
        return names.filter((name) => !(name in plain.contentWindow));
    })()""")
    assert set(own) - {"ret_nodes"} == {"kgraph"}  # the other one is the driver's


def test_a_click_on_a_node_opens_its_card(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.click_at(*go_to(browser, METHOD))
    browser.wait("!document.getElementById('card').hidden")
    browser.read()
    assert browser.texts("#card h2") == [METHOD]
    assert browser.texts("#card blockquote") == ["An abstract."] * 3
    assert browser.run("location.hash") == f"#{METHOD}"
    browser.find("#fit").click()
    rest(browser)
    browser.click_at(8, 8)
    browser.wait("document.getElementById('card').hidden")
    assert browser.run("location.hash") == ""


def test_a_click_on_a_line_opens_its_card(browser: Browser, page: Path) -> None:
    browser.open(page)
    go_to(browser, METHOD, 1.5)
    (x0, y0), (x1, y1) = browser.place_of(METHOD), browser.place_of(HUB)
    away = min(1.0, 60 / max(abs(x1 - x0), abs(y1 - y0)))
    browser.click_at(x0 + (x1 - x0) * away, y0 + (y1 - y0) * away)
    browser.wait("!document.getElementById('card').hidden")
    assert browser.texts("#card h2 button") == [METHOD, HUB]
    browser.read()
    assert browser.texts("#card blockquote") == ["An abstract."] * 3


def test_the_search_goes_to_a_node(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.search_for("m1107", Keys.ENTER)
    assert browser.texts("#card h2") == ["m1107"]
    x, y = browser.place_of("m1107")
    assert 0 < x < browser.find("#card").location["x"]
    assert 0 < y < browser.find("#stage").size["height"]
    assert browser.run("document.activeElement.id") == "card"


def test_the_legend_is_the_filter(browser: Browser, page: Path) -> None:
    browser.open(page)
    before = colour_of_everything(browser)
    browser.find("#types [data-name=Task]").click()
    assert browser.shown() == (NODES - ISLANDS, ISLANDS - 1)
    assert colour_of_everything(browser) != before
    browser.find("#types [data-name=Task]").click()
    assert browser.shown() == (NODES, LINES)
    assert colour_of_everything(browser) == before


def test_a_node_alone_and_back(browser: Browser, page: Path) -> None:
    browser.open(page, f"#{HUB}")
    place = "kgraph.engine.place(kgraph.indexOf(arguments[0]))"
    before = browser.run(place, METHOD)
    browser.press("Only this")
    assert browser.shown() == (AROUND + 1, AROUND)
    assert browser.run(place, METHOD) != before
    browser.press("← Whole picture")
    assert browser.shown() == (NODES, LINES)
    assert browser.run(place, METHOD) == before


def test_a_path_between_two_nodes(browser: Browser, page: Path) -> None:
    browser.open(page, "#task:t00")
    browser.press("Path from here")
    browser.click_at(*go_to(browser, "task:t01"))
    browser.wait("document.querySelector('#card .path')")
    assert browser.texts("#card .path > li > button") == ["task:t00", "m0000", "m0100", "task:t01"]
    assert browser.run("[...kgraph.look.lit().nodes].map((i) => kgraph.graph.id[i])") == [
        "task:t00", "m0000", "m0100", "task:t01",
    ]  # fmt: skip


def test_the_picture_can_be_saved(browser: Browser, page: Path, tmp_path: Path) -> None:
    browser.open(page)
    picture, drawing = browser.save(tmp_path)
    assert (picture.name, drawing.name) == ("A-map.png", "A-map.svg")
    data, stage = picture.read_bytes(), browser.find("#stage").size
    assert data.startswith(b"\x89PNG")
    assert [int.from_bytes(data[at : at + 4]) for at in (16, 20)] == [2 * stage["width"], 2 * stage["height"]]
    assert len(data) > 20_000
    paths = list(ElementTree.parse(drawing).iter(f"{SVG}path"))
    assert len(paths) > NODES
    assert {"m0000", "m0100"} <= {text.text for text in ElementTree.parse(drawing).iter(f"{SVG}text")}


def test_the_mouse_moves_the_map(browser: Browser, page: Path) -> None:
    browser.open(page)
    x, y = empty_place(browser)
    before, size = browser.place_of(HUB), browser.find("#stage").size
    start = ActionChains(browser.driver).move_to_element_with_offset(
        browser.find("#stage"), round(x - size["width"] / 2), round(y - size["height"] / 2)
    )
    start.click_and_hold().move_by_offset(70, 40).move_by_offset(30, 10).release().perform()
    assert browser.place_of(HUB) == pytest.approx((before[0] + 100, before[1] + 50), abs=1)
    assert not browser.find("#card").is_displayed()


def test_the_wheel_zooms_where_the_pointer_is(browser: Browser, page: Path) -> None:
    browser.open(page)
    before, scale = browser.place_of(HUB), browser.run("kgraph.engine.scale()")
    corner = browser.find("#stage").location
    origin = ScrollOrigin.from_viewport(round(corner["x"] + before[0]), round(corner["y"] + before[1]))
    ActionChains(browser.driver).scroll_from_origin(origin, 0, -400).perform()
    browser.wait("kgraph.engine.scale() > 1.5 * arguments[0]", scale)
    assert browser.place_of(HUB) == pytest.approx(before, abs=2)
    ActionChains(browser.driver).scroll_from_origin(origin, 0, 20_000).perform()
    browser.wait("kgraph.engine.scale() < arguments[0]", scale)
    assert browser.run("kgraph.engine.scale()") > scale / 5  # the map does not get lost


def touch(browser: Browser, kind: str, *points: tuple[float, float]) -> None:
    at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})


def test_two_fingers_zoom_and_one_opens(browser: Browser, page: Path) -> None:
    browser.open(page, width=400, height=800)
    scale = browser.run("kgraph.engine.scale()")
    touch(browser, "Start", (150, 400), (250, 400))
    touch(browser, "Move", (100, 400), (300, 400))
    touch(browser, "Move", (50, 400), (350, 400))
    touch(browser, "End")
    browser.wait("Math.abs(kgraph.engine.scale() / arguments[0] - 3) < 0.2", scale)
    assert not browser.find("#card").is_displayed()
    x, y = go_to(browser, METHOD)
    top = browser.find("#stage").location["y"]
    beside = browser.run("kgraph.engine.radius(kgraph.indexOf(arguments[0]))", METHOD) + 8  # a finger is not that exact
    touch(browser, "Start", (x + beside, y + top))
    touch(browser, "End")
    browser.wait("!document.getElementById('card').hidden")
    assert browser.texts("#card h2") == [METHOD]


def test_the_pointer_is_told_what_it_is_over(browser: Browser, page: Path) -> None:
    browser.open(page)
    x, y = go_to(browser, METHOD)
    size = browser.find("#stage").size
    offset = round(x - size["width"] / 2), round(y - size["height"] / 2)
    ActionChains(browser.driver).move_to_element_with_offset(browser.find("#stage"), *offset).perform()
    browser.wait("!document.getElementById('tip').hidden")
    assert browser.texts("#tip") == [f"{METHOD} · Method · 3 papers"]


def test_light_and_dark(browser: Browser, page: Path) -> None:
    corner = "[...kgraph.engine.image(1).getContext('2d').getImageData(1, 1, 1, 1).data].slice(0, 3)"
    browser.open(page)
    light = browser.run(corner)
    browser.find("#theme").click()
    dark = browser.run(corner)
    assert min(light) > 200
    assert max(dark) < 60
    browser.open(page, dark=True)
    assert browser.run(corner) == dark


def test_the_address_opens_a_node_or_a_path(browser: Browser, page: Path) -> None:
    browser.open(page, "#m0807")
    assert browser.texts("#card h2") == ["m0807"]
    x, y = browser.place_of("m0807")
    assert 0 < x < browser.find("#card").location["x"]
    assert 0 < y < browser.find("#stage").size["height"]
    browser.open(page, "#path=task%3At02~task%3At03")
    assert browser.texts("#card .path > li > button") == ["task:t02", "m0200", "m0300", "task:t03"]


def test_hostile_text_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    write_view(hostile_graph(), tmp_path / "hostile.html", Ego("method:bert", depth=3))
    browser.open(tmp_path / "hostile.html")
    assert browser.run("kgraph.network") is None
    browser.read()
    assert browser.texts("#card h2")[0] in HOSTILE
    assert browser.run("document.querySelectorAll('#card img, #card script, #card b').length") == 0
    drawn = browser.run("new XMLSerializer().serializeToString(kgraph.drawnAsSvg())")
    assert "<script" not in drawn
    assert "&lt;" in drawn
