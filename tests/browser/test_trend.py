"""The trends in a real browser: charts, and the way from them to a neighbourhood and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from kgraph.view import Trend, write_view
from tests.browser.conftest import Browser
from tests.test_view_trend import ROWS, make_graph

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quiet")]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trend") / "trend.html"
    write_view(make_graph(ROWS), path, Trend(), title="Trends")
    return path


def is_open(browser: Browser) -> bool:
    return browser.find("#trend").is_displayed()


def test_groups_and_figures(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.texts("#trend h3") == [
        "↗\nRising methods\none scale for all",
        "↘\nFading methods",
        "↘\nFading tasks",
    ]
    assert browser.find(".series").accessible_name == (
        "b, Method: 0 % of the papers before 2021, 100 % since; 10 papers; at most 100 %, in 2021. Show its neighbours"
    ).replace(" %", "\u00a0%")


def test_a_card_leads_to_the_neighbours_and_back(browser: Browser, page: Path) -> None:
    browser.open(page)
    card = browser.find(".series")
    card.send_keys(Keys.ENTER)
    assert not is_open(browser)
    assert browser.texts("#card h2") == ["b"]
    browser.find("#trends").click()
    assert is_open(browser)
    assert browser.driver.switch_to.active_element == card


def test_an_address_and_the_search_leave_the_trends(browser: Browser, page: Path) -> None:
    browser.open(page, "#method:c")
    assert not is_open(browser)
    browser.find("#trends").click()
    browser.find("#search").send_keys("a", Keys.ENTER)
    assert not is_open(browser)


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, page: Path) -> None:
    browser.open(page, width=400, height=800)
    assert browser.run("document.getElementById('trend').scrollWidth") == 400
