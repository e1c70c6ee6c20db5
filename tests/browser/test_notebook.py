"""Graphs and views in a notebook that is really run and exported, opened from disk with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbconvert
import nbformat
import pytest
from nbconvert.preprocessors import ExecutePreprocessor
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from kgraph.graph import build_graph
from tests.browser.conftest import Browser
from tests.strategies import small_graph

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quiet")]

ROOT = Path(__file__).parents[2]
CELLS = (
    "from kgraph.graph import build_graph\n"
    "from kgraph.view import Ego, Overview, render_view\n"
    "from tests.strategies import small_graph\n"
    "graph = build_graph(*small_graph())\n"
    "graph",
    "render_view(graph, Ego('method:bert'))",
    "render_view(graph, Overview())",
)
# The page of the export asks for these from the network; the pictures in it must not.
OF_THE_EXPORT = dict.fromkeys(("require_js_url", "mathjax_url", "jquery_url", "mermaid_js_url"), "")
FRAMES = "iframe[title=kgraph]"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a picture in the output of each cell, run by a kernel and saved as HTML."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    where = {"metadata": {"path": str(ROOT)}}  # the kernel runs there: it imports the tests' graph
    ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(notebook, where)
    body, _ = nbconvert.HTMLExporter(**OF_THE_EXPORT).from_notebook_node(notebook)
    path = tmp_path_factory.mktemp("notebook") / "notebook.html"
    path.write_text(body, encoding="utf-8")
    return path


@contextmanager
def inside(browser: Browser, number: int) -> Iterator[None]:
    """Look into the frame of an output, once its picture is drawn."""
    frame = browser.driver.find_elements(By.CSS_SELECTOR, FRAMES)[number]
    browser.run("arguments[0].scrollIntoView({ block: 'center' })", frame)
    browser.driver.switch_to.frame(frame)
    try:
        browser.wait("window.kgraph && performance.getEntriesByName('kgraph-drawn').length")
        yield
    finally:
        browser.driver.switch_to.default_content()


def test_an_exported_notebook_shows_its_pictures(browser: Browser, exported: Path) -> None:
    browser.driver.get("about:blank")
    for said_before in (browser.requests, browser.complaints):
        said_before()
    browser.driver.get(exported.as_uri())
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, FRAMES)) == len(CELLS)
    for number in range(len(CELLS)):
        with inside(browser, number):
            assert browser.run("self.origin") == "null"  # it reaches nothing of the notebook
            browser.search_for("bert", Keys.ENTER)
            browser.wait("document.querySelector('#card h2')?.textContent === 'BERT'")
            browser.wait("document.querySelector('#card blockquote mark')?.textContent === 'BERT'")
            theme = browser.run("document.documentElement.dataset.theme")
            browser.find("#theme").click()
            assert {theme, browser.run("document.documentElement.dataset.theme")} == {"light", "dark"}


def test_the_wheel_moves_the_notebook_until_its_frame_is_clicked(browser: Browser, tmp_path: Path) -> None:
    notebook, frame = tmp_path / "notebook.html", build_graph(*small_graph())._repr_html_()
    notebook.write_text(f"<!doctype html><title>notebook</title>{frame}<p style='height:3000px'>", encoding="utf-8")
    browser.driver.get("about:blank")
    browser.driver.get(notebook.as_uri())

    def scale() -> float:
        browser.driver.switch_to.frame(0)
        try:
            browser.wait("window.kgraph && performance.getEntriesByName('kgraph-drawn').length")
            found: float = browser.run("kgraph.engine.scale()")
            return found
        finally:
            browser.driver.switch_to.default_content()

    def mouse(kind: str, **more: object) -> None:
        browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": 60, "y": 300, **more})

    before = scale()
    mouse("mouseWheel", deltaX=0, deltaY=60)
    browser.wait("scrollY > 0")
    assert scale() == before
    browser.driver.execute_script("scrollTo(0, 0)")
    for kind in ("mousePressed", "mouseReleased"):
        mouse(kind, button="left", clickCount=1)
    mouse("mouseWheel", deltaX=0, deltaY=60)
    WebDriverWait(browser.driver, 15, 0.05).until(lambda _: scale() < before)
    assert browser.run("scrollY") == 0
