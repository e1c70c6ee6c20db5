"""Size and speed of views in a headless browser, beside plain pyvis with its defaults on the same graphs.

    python bench/view.py GRAPH.kg [--nodes 300 2000 100000] [--plain-up-to 2000] [--patience 240] [--folder FOLDER]

Pages of the best supported part of a graph (up to 2,000 nodes: pyvis's network in our page; above: the map), opened
from disk in Chromium at 1280 x 800 without a GPU. One row a page:

- file: megabytes;
- paint: seconds from the start of the navigation to the first picture that can be used; plain pyvis hides the network
  until its physics has settled, and "-" says that it had not within `--patience` seconds;
- settling: seconds for which nodes go on moving by themselves after that;
- pan, node, wheel: frames a second while the mouse drags the picture or a node, or turns the wheel, for three seconds;
- search, click: milliseconds from a name in the search box to its hit (the first time and later ones, whichever takes
  longer), and from a click on a node to its card with the first sentences.

The first row is an empty canvas that is drawn anew in every frame: what this machine can do. `free` is the share of a
core that was left to a process just before: what others take lowers all figures. Pages stay in FOLDER and are taken
from there again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import cos, sin
from pathlib import Path
from typing import Any, Final

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from kgraph.store import open_store
from kgraph.view import Core, Overview, StoredGraph, write_view
from kgraph.view.select import MAX_NETWORK

FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
)
SIZE: Final = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
SECONDS: Final = 3.0
COLUMNS: Final = ("page", "free", "file", "paint", "settling", "pan", "node", "wheel", "search", "click")
EMPTY: Final = """<!doctype html><canvas width=1280 height=800></canvas><script>
const context = document.querySelector("canvas").getContext("2d");
(function draw(now) { context.clearRect(0, 0, 1280, 800); context.fillRect(now % 1280, 400, 9, 9);
  requestAnimationFrame(draw); })(0);
</script>"""

_COUNT_FRAMES: Final = """const mine = window.counting = {}; window.seen = 0;
(function count() { if (window.counting !== mine) return; seen += 1; requestAnimationFrame(count); })();"""
_PAINTED: Final = "return performance.getEntriesByName('kgraph-drawn')[0]?.startTime ?? null"
_PLAIN_PAINTED: Final = """if (!window.network) return null;
if (!window.watched) {
  window.watched = true;
  const drawn = () => network.once("afterDrawing", () => { window.drawn = performance.now(); });
  network.once("stabilizationIterationsDone", drawn);
}
return window.drawn ?? null"""
_PLACES: Final = "return JSON.stringify(Object.values(window.network?.getPositions() ?? {}).slice(0, 50))"
# A point of the page where a node is, and nothing over it; the node in the middle of the screen is taken.
_NODE: Final = """const stage = document.querySelector("#stage, #mynetwork").getBoundingClientRect();
const middle = { x: stage.width * 0.4, y: stage.height / 2 };
const far = ({ x, y }) => Math.hypot(x - middle.x, y - middle.y);
const places = window.kgraph
  ? Array.from({ length: kgraph.graph.n }, (_, i) => i).filter((i) => kgraph.look.shown(i))
      .map((i) => ({ i, ...kgraph.engine.toScreen(kgraph.engine.place(i)) }))
  : Object.values(network.getPositions()).map((place) => network.canvasToDOM(place));
const best = places.reduce((a, b) => (far(b) < far(a) ? b : a));
return { x: best.x + stage.left, y: best.y + stage.top }"""
_WATCH: Final = """const [event, condition] = arguments, ready = new Function("return " + condition);
window.answered = null;
document.addEventListener(event, () => {
  const start = performance.now();
  (function look() {
    if (!ready()) requestAnimationFrame(look);
    else requestAnimationFrame(() => { window.answered = performance.now() - start; });
  })();
}, { capture: true, once: true });"""
_FOUND: Final = "[...document.querySelectorAll('#hits .what')].some((hit) => hit.textContent.startsWith({name}))"
_OPENED: Final = "document.querySelector('#card:not([hidden]) .evidence li') !== null"
_NAMES: Final = "return [kgraph.graph.n - 1, 0, kgraph.graph.n >> 1].map((i) => kgraph.graph.name[i])"


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Give a browser that draws in software."""
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
    driver.set_script_timeout(300)
    driver.set_page_load_timeout(600)
    try:
        yield driver
    finally:
        driver.quit()


def free_share() -> float:
    """Return how much of a core this process gets while it does nothing but count."""
    start, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - start < 0.5:
        pass
    return (time.process_time() - used) / (time.perf_counter() - start)


class Page:
    """A page that is open in a browser, and what can be done to it with mouse and keys."""

    def __init__(self, driver: webdriver.Chrome, path: Path) -> None:
        self._driver = driver
        driver.get("about:blank")
        driver.get(path.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and return what it returns."""
        return self._driver.execute_script(script, *arguments)

    def wait(self, script: str, patience: float) -> float | None:
        """Return the first number that a script returns, or None where it takes too long."""
        with suppress(TimeoutException):
            return float(WebDriverWait(self._driver, patience, 0.05).until(lambda _: self.run(script)))
        return None

    def settling(self, most: float = 10.0) -> float:
        """Return for how many seconds nodes go on moving by themselves."""
        start = moved = time.perf_counter()
        before = self.run(_PLACES)
        while time.perf_counter() - moved < 0.5 and moved - start < most:
            time.sleep(0.1)
            if (now := self.run(_PLACES)) != before:
                before, moved = now, time.perf_counter()
        return moved - start

    def frames(self, act: Callable[[float], None]) -> float:
        """Return the frames a second while `act` is done again and again, told how many seconds have passed."""
        self.run(_COUNT_FRAMES)
        start = time.perf_counter()
        while (passed := time.perf_counter() - start) < SECONDS:
            act(passed)
        seen = self.run("window.counting = null; return seen")
        return float(seen) / (time.perf_counter() - start)

    def drag(self, x: float, y: float) -> float:
        """Return the frames a second while the mouse drags what is at this point in circles."""

        def move(passed: float) -> None:
            self._mouse(
                "mouseMoved", x + 90 * sin(4 * passed), y + 60 * (1 - cos(4 * passed)), button="left", buttons=1
            )

        self._mouse("mouseMoved", x, y)
        self._mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        rate = self.frames(move)
        self._mouse("mouseReleased", x, y, button="left", clickCount=1)
        return rate

    def wheel(self) -> float:
        """Return the frames a second while the wheel turns to and fro."""
        return self.frames(
            lambda passed: self._mouse("mouseWheel", 640, 450, deltaX=0, deltaY=40 if passed % 2 < 1 else -40)
        )

    def answer(self, event: str, condition: str, act: Callable[[], None]) -> float | None:
        """Return the milliseconds from an event that `act` brings about until a condition holds and is drawn."""
        self.run(_WATCH, event, condition)
        act()
        return self.wait("return window.answered", 20)

    def click(self, x: float, y: float) -> None:
        """Click at this point."""
        self._mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self._mouse(kind, x, y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Put a text in place of what is in the search box."""
        self.run("document.getElementById('search').focus(); document.getElementById('search').select()")
        self._driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self._driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})


def measure_ours(driver: webdriver.Chrome, path: Path) -> dict[str, float | None]:
    """Measure a page of kgraph."""
    page = Page(driver, path)
    found: dict[str, float | None] = {"paint": _seconds(page.wait(_PAINTED, 60))}
    page.run("if (kgraph.network) window.network = kgraph.network")
    found["settling"] = page.settling()
    found["pan"] = page.drag(*_empty_spot(page))
    if page.run("return Boolean(kgraph.network)"):
        found["node"] = page.drag(*_node(page))
    found["wheel"] = page.wheel()
    found["search"] = max(_search(page, name) for name in page.run(_NAMES))
    page.run("document.getElementById('search').blur(); document.getElementById('fit').click()")
    time.sleep(1)
    x, y = _node(page)
    found["click"] = page.answer("pointerup", _OPENED, lambda: page.click(x, y))
    return found


def measure_plain(driver: webdriver.Chrome, path: Path, patience: float) -> dict[str, float | None]:
    """Measure a page of plain pyvis; where it does not come to show a picture, there is nothing more to measure."""
    page = Page(driver, path)
    found: dict[str, float | None] = {"paint": _seconds(page.wait(_PLAIN_PAINTED, patience))}
    if found["paint"] is None:
        return found
    found["settling"] = page.settling()
    return found | {"pan": page.drag(*_empty_spot(page)), "node": page.drag(*_node(page)), "wheel": page.wheel()}


def write_plain(subject: StoredGraph, path: Path, nodes: int) -> None:
    """Write the same nodes and lines with plain pyvis and its defaults; in one file, as far as that goes."""
    from pyvis.network import Network

    selection = Core().select(subject, nodes)
    found = subject.nodes(selection.nodes)
    network = Network(directed=True, cdn_resources="in_line")
    for node in found.values():
        network.add_node(node.id, label=node.name, title=f"{node.label}, {node.papers} papers", value=node.papers)
    for line in selection.lines:
        if line.source in found and line.target in found:
            network.add_edge(line.source, line.target, title=line.type, value=line.papers)
    path.write_text(network.generate_html(), encoding="utf-8")


def _search(page: Page, name: str) -> float:
    condition = _FOUND.format(name=json.dumps(name))
    return page.answer("input", condition, lambda: page.type(name)) or float("inf")


def _node(page: Page) -> tuple[float, float]:
    place = page.run(_NODE)
    return place["x"], place["y"]


def _empty_spot(page: Page) -> tuple[float, float]:
    left, bottom = page.run(
        "const { left, bottom } = document.querySelector('#stage, #mynetwork').getBoundingClientRect();"
        "return [left, Math.min(bottom, innerHeight)]"
    )
    return left + 100, bottom - 100


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _row(name: str, free: float, megabytes: float | None, found: dict[str, float | None]) -> str:
    figures: dict[str, float | None] = {"free": free, "file": megabytes, **found}
    digits = {"free": 2, "file": 2, "paint": 2, "settling": 1}
    cells = ("-" if (value := figures.get(key)) is None else f"{value:.{digits.get(key, 0)}f}" for key in COLUMNS[1:])
    return f"| {' | '.join((name, *cells))} |"


def _pages(subject: StoredGraph, folder: Path, nodes: int, plain_up_to: int) -> Iterator[tuple[str, Path]]:
    path = folder / f"kgraph-{nodes}.html"
    if not path.exists():
        write_view(subject, path, Core() if nodes <= MAX_NETWORK else Overview(), limit=nodes)
    yield f"kgraph, {nodes:,}", path
    if nodes <= plain_up_to:
        path = folder / f"plain-{nodes}.html"
        if not path.exists():
            write_plain(subject, path, nodes)
        yield f"plain pyvis, {nodes:,}", path


def main() -> None:
    """Write the pages, open each, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph")
    parser.add_argument("--nodes", type=int, nargs="+", default=[300, 2_000, 100_000])
    parser.add_argument("--plain-up-to", type=int, default=2_000)
    parser.add_argument("--patience", type=float, default=240.0)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, open_store(args.graph, read_only=True) as store:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for nodes in args.nodes for page in _pages(StoredGraph(store), folder, nodes, args.plain_up_to)]
        empty = folder / "empty.html"
        empty.write_text(EMPTY, encoding="utf-8")
        print(f"| {' | '.join(COLUMNS)} |\n| --- |{' ---: |' * (len(COLUMNS) - 1)}")
        with chromium() as driver:
            print(_row("empty canvas", free_share(), None, {"pan": Page(driver, empty).drag(640, 400)}), flush=True)
        for name, path in pages:
            free = free_share()
            with chromium() as driver:
                plain = name.startswith("plain")
                found = measure_plain(driver, path, args.patience) if plain else measure_ours(driver, path)
            print(_row(name, free, path.stat().st_size / 1e6, found), flush=True)


if __name__ == "__main__":
    main()
