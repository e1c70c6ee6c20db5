"""Time and memory of linking many papers, and of linking again after ten of them have been removed and added.

    python bench/link.py GRAPH.kg

GRAPH.kg is a database, or a folder with its records.sqlite alone; it is copied. In the same run, for comparison: what
linking all mentions in memory takes, and reading them alone.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kgraph.build import RECORDS
from kgraph.link import link_mentions
from kgraph.linking import link_records
from kgraph.records import Records, open_records

PAPERS = 10


def timed(name: str, work: Callable[[], object]) -> None:
    """Do a piece of work and print a row about it."""
    begin = time.perf_counter()
    done = work()
    seconds, peak = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | {seconds:.1f} | {peak:,.0f} | {done} |", flush=True)


def remove(records: Records, paper_ids: list[str]) -> str:
    """Remove papers, and link."""
    records.remove_papers(paper_ids)
    return relink(records)


def relink(records: Records) -> str:
    """Link what has changed, and say what was done."""
    linked = link_records(records)
    return f"{linked.entities:,} entities, {linked.papers:,} papers linked anew"


def measure(records: Records) -> None:
    """Print a row for each step."""
    timed("read alone", lambda: f"{sum(1 for _ in records.namings()):,} papers")
    with records.linking() as links:
        links.clear()
    timed("link all", lambda: relink(records))
    timed("link again", lambda: relink(records))
    every = max(1, records.count_papers() // PAPERS)
    some = [paper for number, paper in enumerate(records.papers()) if number % every == 0][:PAPERS]
    timed(f"{PAPERS} papers removed", lambda: remove(records, [paper.id for paper, _ in some]))
    records.add_papers([paper for paper, _ in some])
    records.add_extractions([extraction for _, extraction in some], "bench")
    timed(f"{PAPERS} papers added", lambda: relink(records))
    timed("all mentions in memory", lambda: f"{len(link_mentions(records.namings()).entities):,} entities")


def main() -> None:
    """Copy the records, and measure."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / RECORDS).exists():
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(Path(sys.argv[1]) / RECORDS, folder)
        print("| step | seconds | peak MB | done |\n| --- | ---: | ---: | --- |")
        with open_records(Path(folder) / RECORDS) as records:
            measure(records)


if __name__ == "__main__":
    main()
