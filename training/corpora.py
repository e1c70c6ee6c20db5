"""What the shipped statistics are made of: annotated papers, raw corpora, and what must stay out of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kgraph.schema import Paper

SHARED = Path(os.environ.get("KGRAPH_SHARED", Path(__file__).parents[1] / "../shared"))
CACHE = Path(__file__).parents[1] / ".cache"
"""What one step leaves for the next."""
MATERIAL = (
    *(f"annotation/{name}.jsonl" for name in ("seeds", "arxiv", "more")),
    *(f"data/{name}.jsonl.gz" for name in ("arxiv-50k", "acl-anthology-8k", "scierc-dev")),
    "seeds",
)
"""What the folder must hold."""
SHORTEST = 20
"""Letters of a title that is told from other text."""
Row = dict[str, Any]


def shared(name: str) -> Path:
    """The path of a file or folder of the shared material; ends the program where it is missing."""
    path = SHARED / name
    if not path.exists():
        raise SystemExit(f"no {path}: name the shared folder, `python training/fit.py FOLDER` or KGRAPH_SHARED=FOLDER")
    return path


def paper_of(row: Row) -> Paper:
    """A row as a paper."""
    return Paper(row["id"], row["title"], row["abstract"])


def read_rows(path: Path) -> Iterator[Row]:
    """Read a JSONL file, plain or gzipped."""
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "abstract" in row:
                row["title"], row["abstract"] = row["title"] or "", row["abstract"] or ""
            yield row


def annotated(parts: tuple[str, ...] = ("seeds", "arxiv", "more")) -> list[Row]:
    """The annotated papers."""
    return [row for part in parts for row in read_rows(shared(f"annotation/{part}.jsonl"))]


def training_papers() -> list[Row]:
    """The annotated papers outside the development part."""
    return [row for row in annotated() if not is_dev(row)]


def fold(paper_id: str) -> int:
    """One of five parts of the papers, by a hash of the id; part 0 is the development part."""
    return int(hashlib.sha1(paper_id.encode()).hexdigest(), 16) % 5


def is_dev(row: Row) -> bool:
    """Whether a paper belongs to the development part, which nothing is fitted on."""
    return fold(row["id"]) == 0


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


@cache
def _pages() -> str:
    """The letters of the web pages."""
    return "".join(_plain(path.read_text(encoding="utf-8")) for path in sorted(shared("seeds").glob("*.txt")))


@cache
def _held_out() -> tuple[str, str]:
    """The letters of all texts that must stay out (the pages, the development part), and of the training papers."""
    texts = {
        part: "".join(_plain(r["title"] + r["abstract"]) for r in annotated() if is_dev(r) == part)
        for part in (True, False)
    }
    return _pages() + texts[True], texts[False]


def is_held_out(sentence: str) -> bool:
    """Whether a title or a sentence is of a paper of the development part, or of the pages and not annotated."""
    plain = _plain(sentence)
    held_out, training = _held_out()
    return len(plain) > SHORTEST and plain in held_out and plain not in training


def raw_papers() -> Iterator[Row]:
    """The raw corpora, without dev papers and without the papers of the pages that are not annotated (the test)."""
    rows = annotated()
    pages = _pages()
    known = {_plain(row["abstract"])[:80] for row in rows if not is_dev(row)}
    dev = {_plain(row["abstract"])[:80] for row in rows if is_dev(row)}
    dev_titles = {_plain(row["title"]) for row in rows if is_dev(row)} - {""}
    for name in ("arxiv-50k", "acl-anthology-8k"):
        for row in read_rows(shared(f"data/{name}.jsonl.gz")):
            start, title = _plain(row["abstract"])[:80], _plain(row["title"])
            on_page = start in pages or (len(title) > 25 and title in pages)
            if start not in dev and title not in dev_titles and (start in known or not on_page):
                yield row
