"""Where the Cypher files lie: `schema/ENGINE.cypher` and `queries/NAME.cypher`."""

from __future__ import annotations

from pathlib import Path


def cypher_folder() -> Path:
    """Return the folder of the Cypher files: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "cypher"
    return installed if installed.is_dir() else package.parent / "cypher"
