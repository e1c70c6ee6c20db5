"""The page of the local server in a real browser: what it does not hold it asks for, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from kgraph.store import open_store, sync_store
from tests.browser.conftest import Browser
from tests.strategies import small_graph
from tests.test_serve import LAST_LEAF, running, star

pytestmark = pytest.mark.browser

BERT = "method:bert"
OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


class Address(str):
    """The address of a server, opened as a file's is."""

    def as_uri(self) -> str:
        return str(self)


@pytest.fixture(scope="module")
def online(browser: Browser) -> Iterator[None]:
    """The browser of the other tests is cut off from everything; here it is from everything but this machine."""
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE | {"offline": False})
    yield
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)


@pytest.fixture(scope="module")
def small(online: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("serve") / "small.kg"
    with open_store(folder) as store:
        sync_store(store, *small_graph())
        with running(store) as address:
            yield address


@pytest.fixture(scope="module")
def large(online: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub with more neighbours than a page holds, which 45 papers name."""
    folder = tmp_path_factory.mktemp("serve") / "star.kg"
    with open_store(folder) as store:
        sync_store(store, *star(700, papers=45, named=10))
        with running(store) as address:
            yield address


def visit(browser: Browser, address: str, path: str = "") -> None:
    browser.open(Address(address), path)  # type: ignore[arg-type]  # what it takes is asked for its address only


def check(browser: Browser, address: str) -> None:
    """See that the page asked nobody but its server, and had nothing to complain of."""
    assert all(url.startswith(address) for url in browser.requests())
    assert browser.complaints() == []


def read(browser: Browser) -> None:
    browser.wait("!document.querySelector('#card [aria-busy]')")


def test_evidence_is_asked_for(browser: Browser, small: str) -> None:
    visit(browser, small)
    asked = browser.requests()
    assert asked[0] == small
    assert not any("/api/" in url for url in asked)
    browser.driver.execute_script("location.hash = '#method:bert'")
    read(browser)
    assert browser.texts("#card h2") == ["BERT"]
    assert len(browser.texts("#card .evidence > li")) == 3
    assert browser.texts("#card blockquote")[0] == "We introduce BERT, which stacks Transformers and beats GPT on GLUE."
    assert browser.texts("#card .meta")[0] == "2018\nproposed\nscore 0.90\nkgraph_roles"
    assert browser.find("#card .paper a").get_attribute("href") == "https://example.org/p3"
    check(browser, small)


def test_the_evidence_of_a_line_and_of_a_paper(browser: Browser, small: str) -> None:
    visit(browser, small, "?focus=p3")
    read(browser)
    assert browser.texts("#card h2") == ["BERT reads in both directions"]
    browser.wait("document.querySelectorAll('#card .evidence > li').length === 6")
    browser.driver.execute_script("kgraph.choose({ line: [...kgraph.graph.type].findIndex((t) => t === 0) })")
    read(browser)
    assert len(browser.texts("#card blockquote")) >= 1
    check(browser, small)


def test_search_finds_what_is_not_in_the_picture_and_opens_it(browser: Browser, large: str) -> None:
    visit(browser, large)
    name = LAST_LEAF.partition(":")[2]
    assert browser.run("kgraph.indexOf(arguments[0])", LAST_LEAF) is None
    browser.find("#search").send_keys(name)
    browser.wait("document.querySelector('#hits [role=option]')")
    assert "not in this picture" in browser.texts("#hits [role=option]")[0]
    browser.find("#search").send_keys(Keys.ENTER)
    browser.wait("document.title === arguments[0] && performance.getEntriesByName('kgraph-drawn').length", name)
    read(browser)
    assert browser.texts("#card h2") == [name]
    check(browser, large)


def test_expand_brings_in_what_the_page_does_not_hold(browser: Browser, large: str) -> None:
    visit(browser, large, "?focus=method:root")
    before = browser.run("kgraph.graph.n")
    for _ in range(20):
        if browser.run("kgraph.graph.n") > before:
            break
        browser.driver.execute_script("window.seen = kgraph.look.picture.reduce((a, b) => a + b)")
        press(browser, "Expand")
        browser.wait("kgraph.look.picture.reduce((a, b) => a + b) > window.seen")
    assert browser.run("kgraph.graph.n") == before + 30
    new = "kgraph.graph.id.slice(arguments[0])"
    assert browser.run(f"new Set(kgraph.graph.id).size === kgraph.graph.n && {new}.length", before) == 30
    assert browser.run("kgraph.network.body.data.nodes.length === kgraph.graph.n")
    assert browser.run("kgraph.network.body.data.edges.length === kgraph.graph.m")
    newest = browser.run(f"{new}.at(-1)", before)
    browser.driver.execute_script("location.hash = '#' + arguments[0]", newest)
    read(browser)
    assert browser.texts("#card h2") == [newest.partition(":")[2]]
    assert len(browser.texts("#card .evidence > li")) == 1
    check(browser, large)


HELD = """
    const asked = window.fetch;
    window.leaf = kgraph.indexOf("method:leaf1");
    kgraph.graph.more[window.leaf] = 5;
    window.fetch = async (...what) => {
        const answer = await asked(...what);
        if (!what[0].startsWith("/api/expand")) return answer;
        const found = await answer.json(), [edge] = found.items.edges; // one more line, from a new node to the leaf
        for (const column of Object.values(found.lines)) if (Array.isArray(column)) column.push(column[0]);
        found.lines.target.splice(-1, 1, window.leaf);
        found.items.edges.push({ ...edge, to: window.leaf });
        return new Promise((go) => { window.answer = () => go(Response.json(found)); });
    };
"""


def test_a_late_answer_leaves_what_was_chosen_meanwhile(browser: Browser, large: str) -> None:
    visit(browser, large, "?focus=method:root")
    read(browser)
    browser.driver.execute_script(HELD)
    expand = "[...document.querySelectorAll('#card .actions button')].find((one) => /^Expand/.test(one.textContent))"
    more = "[leaf, kgraph.indexOf('method:root')].map((i) => kgraph.graph.more[i])"
    for _ in range(20):
        if browser.run(f"{expand}.disabled"):
            break
        press(browser, "Expand")
    browser.wait("window.answer !== undefined")
    before, (_, left) = browser.run("kgraph.graph.n"), browser.run(more)
    browser.driver.execute_script("kgraph.choose({ node: leaf })")
    assert browser.run(f"{expand}.disabled")  # one at a time: an answer names nodes by their number
    browser.driver.execute_script("answer()")
    browser.wait("document.getElementById('live').textContent.includes('came into the picture')")
    assert browser.run("kgraph.graph.n") == before + 30
    assert browser.texts("#card h2") == ["leaf1"]
    assert browser.run("location.hash") == "#method%3Aleaf1"
    assert browser.run(more) == [4, left - 30]
    assert not browser.run(f"{expand}.disabled")
    check(browser, large)


def test_show_more_skips_nothing_after_a_failure(browser: Browser, large: str) -> None:
    visit(browser, large, "?focus=paper,0")
    read(browser)
    items = "document.querySelectorAll('#card .evidence > li').length"
    assert browser.run(items) == 40
    names = "[...document.querySelectorAll('#card .evidence .paper')].map((one) => one.textContent)"
    browser.driver.execute_script("window.asked = window.fetch; window.fetch = () => Promise.reject(new Error('away'))")
    more = "document.querySelector('#card .more')"
    browser.driver.execute_script(f"{more}.click()")
    browser.wait(f"{more}?.textContent.endsWith('Try again')")
    browser.driver.execute_script(f"window.fetch = window.asked; {more}.click()")
    browser.wait(f"{items} === 80")
    told = browser.run(names)
    lines = "[...kgraph.graph.source.keys()].filter((j) => kgraph.graph.source[j] === kgraph.look.chosen.node)"
    assert told == browser.run(f"{lines}.slice(0, 80).map((j) => kgraph.graph.name[kgraph.graph.target[j]])")


def test_the_address_of_what_the_page_does_not_hold_opens_its_own_page(browser: Browser, large: str) -> None:
    visit(browser, large, f"#{LAST_LEAF}")
    browser.wait("document.querySelector('#card h2')?.textContent === arguments[0]", LAST_LEAF.partition(":")[2])
    assert browser.run("location.search") == "?focus=method%3Aleaf699"
    check(browser, large)


def press(browser: Browser, name: str) -> None:
    for button in browser.driver.find_elements(By.CSS_SELECTOR, "#card .actions button"):
        if button.text.startswith(name):
            button.click()
            return
    raise AssertionError(f"there is no button {name}")


def test_evidence_comes_forty_at_a_time(browser: Browser, large: str) -> None:
    visit(browser, large, "?focus=method:root")
    read(browser)
    assert len(browser.texts("#card .evidence > li")) == 40
    browser.find("#card .more").click()
    browser.wait("document.querySelectorAll('#card .evidence > li').length === 45")
    assert browser.texts("#card [role=tabpanel]:not([hidden]) .more") == []
    check(browser, large)


def test_no_other_page_can_show_or_read_it(browser: Browser, small: str, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text(
        f'<!doctype html><iframe src="{small}"></iframe><img src="{small}api/search?q=bert">'
        "<script>performance.mark('kgraph-drawn')</script>"
    )
    browser.open(other)
    outcome = browser.driver.execute_async_script(
        "const done = arguments[1]; fetch(arguments[0]).then(() => done('read'), () => done('refused'))",
        f"{small}api/search?q=bert",
    )
    assert outcome == "refused"
    assert browser.run("document.querySelector('img').naturalWidth") == 0
    assert browser.complaints() != []
