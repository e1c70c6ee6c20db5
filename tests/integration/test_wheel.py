"""The built wheel, away from the checkout: the Cypher files, the sample, the page and the models are in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the contents of the wheel; its dependencies come from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("kgraph-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True)
    return folder / "site"


def run(installed: Path, cwd: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=True).stdout


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    assert Path(run(installed, tmp_path, "-c", "import kgraph; print(kgraph.__file__)").strip()).is_relative_to(
        installed
    )


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "-m", "kgraph", "demo").count("$ kgraph query") == 3
    assert (tmp_path / "kgraph-demo" / "graph.html").exists()


def test_the_query_library_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert "methods-for-task" in run(installed, tmp_path, "-m", "kgraph", "query", "--list")
