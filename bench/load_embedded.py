"""Time and memory of loading a graph into a new folder of the embedded engine, against its own COPY, in one run.

    python bench/load_embedded.py [--papers 50000]

The graph is a synthetic one, of 900,000 statements where it has 50,000 papers. COPY gets the same rows as tables that
lie in memory already, and does nothing else. The time that making the papers takes is left out.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.graphs import StreamedGraph, read_rows
from kgraph.batches import batches
from kgraph.store import open_store
from kgraph.store.sync import sync_source

if TYPE_CHECKING:
    import pyarrow

SECONDS: Final = 40
"""The target for 900,000 statements."""
ROWS_AT_ONCE: Final = 1000
Ends = tuple[str, ...]
"""The type and the labels of an edge, or the label of a node alone."""


def load(folder: Path, source: StreamedGraph) -> float:
    """Load a graph as kgraph does; return the seconds without those of making the papers."""
    begin = time.perf_counter()
    with open_store(folder) as store:
        sync_source(store, source)
    return time.perf_counter() - begin - source.making


def arrow_tables(source: StreamedGraph) -> dict[Ends, pyarrow.Table]:
    """Return the rows of a graph as tables, nodes first; in those of edges, the ids of the ends come first."""
    import pyarrow

    parts = defaultdict[Ends, list[pyarrow.Table]](list)
    for label, rows in read_rows(source.entities(), ()).nodes.items():
        parts[label,].append(pyarrow.Table.from_pylist(rows))
    for batch in batches(source.papers(), ROWS_AT_ONCE):
        found = read_rows((), batch)
        for label, rows in found.nodes.items():
            parts[label,].append(pyarrow.Table.from_pylist(rows))
        for ends, rows in found.edges.items():
            parts[ends].append(pyarrow.Table.from_pylist(rows))
    tables = {ends: pyarrow.concat_tables(of, promote_options="permissive") for ends, of in parts.items()}
    return dict(sorted(tables.items(), key=lambda one: len(one[0])))


def copy_tables(folder: Path, tables: Mapping[Ends, pyarrow.Table]) -> float:
    """Copy tables into a new database; return the seconds without those of making it."""
    import ladybug

    open_store(folder).close()
    begin = time.perf_counter()
    with (
        ladybug.Database(folder / "graph.lb", buffer_pool_size=1 << 30) as database,
        ladybug.Connection(database) as connection,
    ):
        for (kind, *ends), table in tables.items():
            columns = table.column_names[2:] if ends else table.column_names
            between = f" (from='{ends[0]}', to='{ends[1]}')" if ends else ""
            connection.execute(f"COPY {kind}({', '.join(columns)}) FROM $rows{between}", {"rows": table})
    return time.perf_counter() - begin


def main() -> None:
    """Load in both ways, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=50_000)
    args = parser.parse_args()
    source = StreamedGraph(args.papers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder:
        took = load(Path(folder) / "kgraph.kg", source)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        tables = arrow_tables(source)
        copied = copy_tables(Path(folder) / "copied.kg", tables)
    statements = sum(table.num_rows for ends, table in tables.items() if len(ends) > 1)
    print(f"{args.papers:,} papers, {statements:,} statements; {before:,.0f} MB before loading\n")
    print("| into the embedded engine | seconds | statements a second | peak MB | target |")
    print("| --- | ---: | ---: | ---: | --- |")
    print(f"| kgraph | {took:.1f} | {statements / took:,.0f} | {peak:,.0f} | < {SECONDS} s for 900,000 |")
    print(f"| COPY alone | {copied:.1f} | {statements / copied:,.0f} | | |")
    print(f"\nkgraph takes {took / copied:.2f} times as long as COPY alone.")


if __name__ == "__main__":
    main()
