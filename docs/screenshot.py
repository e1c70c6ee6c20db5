"""Make the pictures of the README from the bundled sample: docs/view.png, docs/overview.png, docs/trends.png.

python docs/screenshot.py        needs chromium and chromedriver
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from kgraph.build import build
from kgraph.query import find_entity
from kgraph.sample import sample_path
from kgraph.store import Store, open_store
from kgraph.view import Ego, Kind, Overview, Trend, write_view

SHOWN = "ImageNet"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2")
STILL = {"name": "prefers-reduced-motion", "value": "reduce"}
READY = "return performance.getEntriesByName('kgraph-drawn').length && !document.querySelector('[aria-busy]')"


def pictures(store: Store) -> dict[str, tuple[Kind, str, str]]:
    """Return what each picture shows, its title, and whether it is light or dark."""
    return {
        "view": (Ego(find_entity(store, SHOWN)["id"]), SHOWN, "light"),
        "overview": (Overview(), "The bundled sample", "dark"),
        "trends": (Trend(), "The bundled sample", "light"),
    }


def main() -> None:
    """Build the sample, write the pages, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        build([sample_path()], Path(folder) / "sample.kg")
        options = webdriver.ChromeOptions()
        for option in (*OPTIONS, f"--user-data-dir={folder}/chromium"):
            options.add_argument(option)
        with (
            open_store(Path(folder) / "sample.kg", read_only=True) as store,
            webdriver.Chrome(options, Service(shutil.which("chromedriver"))) as browser,
        ):
            browser.set_window_size(1280, 860)
            for name, (kind, title, theme) in pictures(store).items():
                page = Path(folder) / f"{name}.html"
                write_view(store, page, kind, title=title)
                scheme = {"name": "prefers-color-scheme", "value": theme}
                browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, STILL]})
                browser.get(page.as_uri())
                WebDriverWait(browser, 20).until(lambda browser: browser.execute_script(READY))
                browser.save_screenshot(str(Path(__file__).with_name(f"{name}.png")))


if __name__ == "__main__":
    main()
