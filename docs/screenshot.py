"""Make docs/view.png, the picture of the README, from the bundled sample.

python docs/screenshot.py        needs chromium and chromedriver
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from kgraph.build import build
from kgraph.graph import build_graph
from kgraph.query import find_entity
from kgraph.sample import sample_path
from kgraph.store import open_store, read_store
from kgraph.view import write_view

SHOWN = "ImageNet"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2")


def main() -> None:
    """Build the sample, open its view at one entity, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "graph.html"
        build([sample_path()], Path(folder) / "sample.kg")
        with open_store(Path(folder) / "sample.kg", read_only=True) as store:
            shown = find_entity(store, SHOWN)["id"]
            write_view(build_graph(*read_store(store)), page, focus=shown, title=SHOWN)
        options = webdriver.ChromeOptions()
        for option in (*OPTIONS, f"--user-data-dir={folder}/chromium"):
            options.add_argument(option)
        with webdriver.Chrome(options, Service(shutil.which("chromedriver"))) as browser:
            browser.set_window_size(1280, 860)
            browser.get(page.as_uri())
            time.sleep(1)  # until the card has slid in
            browser.save_screenshot(str(Path(__file__).with_name("view.png")))


if __name__ == "__main__":
    main()
