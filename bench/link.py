"""Time and memory of linking the entities of many papers, as `kgraph link` does before it brings the store up to date.

    python bench/link.py GRAPH.kg

GRAPH.kg is a database, or a folder with its records.sqlite alone. The records are read as they are linked. In the same
run, for comparison: reading them alone.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from kgraph.build import RECORDS
from kgraph.link import link_mentions
from kgraph.records import open_records


def main() -> None:
    """Read, link, print."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / RECORDS).exists():
        sys.exit(__doc__)
    with open_records(Path(sys.argv[1]) / RECORDS) as records:
        begin = time.perf_counter()
        papers = sum(1 for _ in records.namings())
        read = time.perf_counter()
        linker = link_mentions(records.namings())
        end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{papers:,} papers -> {len(linker.entities):,} entities, {len(linker.merges):,} merges")
    print(f"read and linked in {end - read:.1f} s ({(end - read) / (read - begin):.1f} times as long as reading alone)")
    print(f"peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
