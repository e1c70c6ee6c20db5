"""The bundled sample, from abstracts to a picture: what `kgraph demo` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kgraph.build import BuildReport, Progress, build, no_progress
from kgraph.sample import sample_path

DATABASE: Final = "graph.kg"
QUESTIONS: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("methods-for-task", {"task": "object detection"}),
    ("datasets-for-task", {"task": "link prediction"}),
    ("built-upon-by", {"method": "Transformer"}),
)
"""Three queries of the library, with parameters, that the sample answers well."""


def build_demo(folder: str | Path, *, on_progress: Progress = no_progress) -> BuildReport:
    """Build the bundled sample of 60 abstracts into the database `graph.kg` of this folder."""
    return build([sample_path()], Path(folder) / DATABASE, on_progress=on_progress)
