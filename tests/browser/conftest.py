"""A real browser for the page: headless Chromium, cut off from the network, that remembers what it asked for."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
POLL = 0.05  # seconds between two looks at a condition
KINDS = ("requestWillBeSent", "loadingFailed")
LOCAL = ("file:", "data:", "about:", "blob:", "chrome:")


@dataclass
class Browser:
    """A browser with the words that the tests of the page need."""

    driver: webdriver.Chrome

    def open(self, path: Path, address: str = "", *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        """Open a file as a new page and wait until its picture is drawn."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.driver.get("about:blank")
        self._log("browser")
        self._log("performance")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})
        self.driver.get(path.as_uri() + address)
        self.wait("performance.getEntriesByName('kgraph-drawn').length")

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    def wait(self, script: str, *arguments: object) -> None:
        WebDriverWait(self.driver, 15, POLL).until(lambda _: self.run(script, *arguments), script)

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [one.text for one in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def click_at(self, x: float, y: float) -> None:
        """Click the stage at this place, given in its own pixels, with the mouse."""
        size = self.find("#stage").size
        right, down = round(x - size["width"] / 2), round(y - size["height"] / 2)
        ActionChains(self.driver).move_to_element_with_offset(self.find("#stage"), right, down).click().perform()

    def place_of(self, node_id: str) -> tuple[float, float]:
        """Where a node is drawn, in the pixels of the stage."""
        found = self.run("kgraph.engine.toScreen(kgraph.engine.place(kgraph.indexOf(arguments[0])))", node_id)
        return found["x"], found["y"]

    def read(self) -> None:
        """Wait until the evidence on the card is there: it is unpacked when it is asked for."""
        self.wait("!document.querySelector('#card [aria-busy]')")

    def press(self, text: str) -> None:
        """Press the button of the page that begins with this text."""
        buttons = "[...document.querySelectorAll('button')].filter((one) => one.checkVisibility())"
        self.run(f"{buttons}.find((one) => one.textContent.startsWith(arguments[0])).click()", text)

    def shown(self) -> tuple[int, int]:
        """How many nodes and lines are in the picture and not filtered away."""
        count = "Array.from({{ length: kgraph.graph.{} }}, (_, k) => k).filter(kgraph.look.{}).length"
        return self.run(count.format("n", "shown")), self.run(count.format("m", "lineShown"))

    def search_for(self, text: str, *keys: str) -> None:
        self.find("#search").clear()
        self.find("#search").send_keys(text, *keys)

    def set_field(self, name: str, value: object) -> None:
        change = "field.value = arguments[1]; field.dispatchEvent(new Event('change')); return true"
        self.run(f"((field) => {{ {change} }})(document.getElementById(arguments[0]))", name, value)

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Save the picture in both formats and wait until the files are there, whole."""
        behaviour = {"behavior": "allow", "downloadPath": str(folder)}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
        for kind in ("png", "svg"):
            self.find("#save").click()
            self.find(f"#{kind}").click()
        wait = WebDriverWait(self.driver, 15, POLL)
        (picture,) = wait.until(lambda _: list(folder.glob("*.png")))
        (drawing,) = wait.until(lambda _: list(folder.glob("*.svg")))
        return picture, drawing

    def requests(self) -> list[str]:
        """Everything that was asked for over a network since the page was opened.

        What the page's own policy stopped never left the browser; it is among the complaints.
        """
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        of_kind = {kind: [one["params"] for one in messages if one["method"] == f"Network.{kind}"] for kind in KINDS}
        stopped = {one["requestId"] for one in of_kind["loadingFailed"] if one.get("blockedReason") == "csp"}
        asked = [one["request"]["url"] for one in of_kind["requestWillBeSent"] if one["requestId"] not in stopped]
        return [url for url in asked if not url.startswith(LOCAL)]

    def complaints(self) -> list[str]:
        """Everything that the browser's console says since the page was opened, whatever its level."""
        return [f"{entry['level']}: {entry['message']}" for entry in self._log("browser")]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # selenium's
        return found


@pytest.fixture
def quiet(browser: Browser, request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test the page must not have asked the network for anything, nor have complained."""
    yield
    if "noisy" not in request.fixturenames:
        assert browser.requests() == []
        assert browser.complaints() == []


@pytest.fixture
def noisy() -> None:
    """For tests whose page is meant to ask and complain."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for the whole run; where there is none the tests are skipped, but in CI they fail."""
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    chromedriver = shutil.which("chromedriver")
    if binary is None or chromedriver is None:
        reason = "needs Chromium and its driver (Debian: apt-get install chromium chromium-driver)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    options = webdriver.ChromeOptions()
    options.binary_location = binary  # type: ignore[assignment]  # selenium's property is typed wrongly
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        yield Browser(driver)
    finally:
        driver.quit()
