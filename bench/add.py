"""Time of small changes to a large database: papers added, replaced and removed, and a changed alias file.

    python bench/add.py GRAPH.kg PAPERS [--neo4j URL] [--papers 10] [--model fast]

Works on a copy of GRAPH.kg, in which the papers that are there count as extracted by the pipeline of today, so that
only what is new is extracted. The papers to add are the first of PAPERS (any format), under ids of their own. With
`--neo4j`, each change is brought to the server as well. The first row loads the whole graph into it, unless it is there
from an earlier run: what is added is removed again in the end, and the graph stays.

Prints one row a change and engine: seconds and peak memory of the whole command, start included, and what it said. The
row of Neo4j is `kgraph load` alone, after the change is in the folder. The target: 10 papers added to 50,000 in less
than 10 seconds in all, on either engine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

from bench.main_job import measure
from kgraph.build import ALIASES, RECORDS
from kgraph.extract import load_pipeline, pipeline_version
from kgraph.query import run_query
from kgraph.read import read_papers
from kgraph.schema import METHOD, Paper
from kgraph.store import open_store


def copy_database(db: Path, folder: Path, model: str | None) -> Path:
    """Copy a database, and let what it holds count as extracted by the pipeline of today."""
    copied = shutil.copytree(db, folder / "copy.kg")
    version = pipeline_version(load_pipeline(model))
    with sqlite3.connect(copied / RECORDS) as records:
        records.execute("UPDATE papers SET extracted = text_hash || ':' || ? WHERE extracted IS NOT NULL", [version])
    records.close()
    return copied


def new_papers(source: Path, count: int) -> list[Paper]:
    """Take the first papers of a file, and make new ones of them: their ids and titles are nobody else's."""
    found = islice((paper for paper in read_papers([source]) if paper.abstract), count)
    return [
        replace(paper, id=f"bench-{number}", title=f"{paper.title} (copy {number})", doi="", arxiv_id="", url="")
        for number, paper in enumerate(found)
    ]


def write_papers(papers: Iterable[Paper], path: Path) -> None:
    """Write papers as JSON Lines."""
    path.write_text("".join(json.dumps(asdict(paper)) + "\n" for paper in papers), encoding="utf-8")


def write_aliases(db: Path, kept: Path, joined: Path) -> None:
    """Write the alias file of a database, and the same with two names more that are one method."""
    kept.write_text((db / ALIASES).read_text() if (db / ALIASES).exists() else "")
    with open_store(db, read_only=True) as store:
        *_, one, other = run_query(store, "top-entities", type=METHOD, limit=100)
    same = f"\n[[same]]\nname = {json.dumps(one['name'])}\naliases = [{json.dumps(other['name'])}]\n"
    joined.write_text(kept.read_text() + same)


def changes(db: Path, papers: list[Paper], model: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each change as its name and the command for it; its files are written just before."""
    kept, joined, file = (db.with_name(name) for name in ("kept.toml", "joined.toml", "bench.jsonl"))
    build = ["build", str(file), *model]
    yield "none: the copy is brought up to date", ["link"]
    write_papers(papers, file)
    yield f"{len(papers)} papers added", build
    yield "none: built again", build
    write_papers([replace(papers[0], abstract=papers[-1].abstract), *papers[1:]], file)
    yield "one paper replaced", build
    yield "one paper removed", ["remove", papers[0].id]
    write_aliases(db, kept, joined)
    yield "two names joined by the alias file", ["link", "--aliases", str(joined)]
    yield "and parted again", ["link", "--aliases", str(kept)]
    yield "the other papers removed", ["remove", *(paper.id for paper in papers[1:])]


def main() -> None:
    """Make each change, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("db", type=Path, metavar="GRAPH.kg")
    parser.add_argument("source", type=Path, metavar="PAPERS")
    parser.add_argument("--neo4j", metavar="URL")
    parser.add_argument("--papers", type=int, default=10)
    parser.add_argument("--model", help="the model size that the database was extracted with")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = copy_database(args.db, Path(folder), args.model)
        print("| change | engine | seconds | MB | it said |\n| --- | --- | ---: | ---: | --- |")
        model = ["--model", args.model] if args.model else []
        for name, command in changes(db, new_papers(args.source, args.papers), model):
            in_all = measured(name, "embedded", command, db)
            if args.neo4j:
                in_all += measured(name, "Neo4j", ["load", args.neo4j], db)
                print(f"| {name} | both | {in_all:.2f} | | |", flush=True)


def measured(change: str, engine: str, command: list[str], db: Path) -> float:
    """Run a command on a database, print what it cost, and return its seconds."""
    seconds, megabytes, said = measure(*command, "--db", str(db))
    print(f"| {change} | {engine} | {seconds:.2f} | {megabytes:.0f} | {said} |", flush=True)
    return seconds


if __name__ == "__main__":
    main()
