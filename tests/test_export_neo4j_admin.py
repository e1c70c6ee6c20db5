"""The export for `neo4j-admin database import full`: what the real tool makes of it is what a load makes."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import assume, given

from kgraph.cli import main
from kgraph.errors import UsageError
from kgraph.export import write_bulk, write_export
from kgraph.graph import KnowledgeGraph
from kgraph.schema import Entity, LinkedPaper
from kgraph.store import Step, Store, SyncReport, open_store, read_store, sync_store
from tests.neo4j_server import CURRENT, LTS, Neo4jServer, can_start_here
from tests.strategies import AWKWARD_TEXTS, Graph, linked_papers, small_graph

_SEPARATOR = "\x1f"
_HOSTILE = (
    *AWKWARD_TEXTS,
    *("\n", "\r", " before", "after ", '"', '""', ",", ";", "a;b|c", "\\", '\\"', "\t", "\x01", "\x85", "\u2028"),
    *("\ufeff", "'", "\x1e", "true", "-0", "NaN", "# no comment", "=1+1"),
)


def _hostile_graph() -> Graph:
    """The small graph, each of its texts in turn awkward, in papers, entities and statements."""
    entities, papers = small_graph()
    hostile = iter(_HOSTILE * 9)

    def text(seed: str) -> str:
        return f"{next(hostile)}{seed}" if len(seed) % 2 else next(hostile)

    def entity(one: Entity) -> Entity:
        return replace(one, name=text(one.name), url=text(one.url), aliases=(*one.aliases, text(""), text("")))

    def linked(one: LinkedPaper, title: str) -> LinkedPaper:
        paper = replace(one.paper, title=title, abstract=text("x"), authors=(text(""), "", text("x")), doi=text(""))
        statements = tuple(replace(each, sentence=text(""), context=text("x")) for each in one.statements)
        return replace(one, paper=paper, statements=statements)

    return (
        {key: entity(one) for key, one in entities.items()},
        [
            *(linked(one, text("")) for one in papers),
            *(_lone_paper(papers[-1], number, title) for number, title in enumerate(_HOSTILE)),
        ],
    )


def _lone_paper(like: LinkedPaper, number: int, title: str) -> LinkedPaper:
    paper = replace(like.paper, id=f"z{number:02}", title=title, authors=() if number % 2 else ("", title))
    return replace(like, paper=paper)


def _arguments(folder: Path, *given: str) -> list[str]:
    """Return what `import.sh` runs neo4j-admin with."""
    told = folder.parent / "bin" / "neo4j-admin"
    told.parent.mkdir()
    told.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)
    path = {"PATH": f"{told.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", folder / "import.sh", *given], env=path, capture_output=True, text=True, check=True)
    working_folder, *arguments = done.stdout.splitlines()
    assert Path(working_folder).samefile(folder)
    return arguments


def _rows(path: Path) -> Iterator[dict[str, str]]:
    header = path.with_suffix(".header.csv").read_text(encoding="utf-8").strip().split(",")
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            yield dict(zip(header, row, strict=True))


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split(_SEPARATOR)) if text else ()


def _everything(store: Store) -> tuple[Any, Any]:
    """Return all nodes and all edges with all of their properties; the tool has no way to write an empty list."""
    nodes = store.run("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties")
    edges = store.run("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS type, b.id AS b, properties(r) AS properties")
    for row in (*nodes, *edges):
        row["properties"] = {key: value for key, value in sorted(row["properties"].items()) if value != []}
    return sorted(nodes, key=repr), sorted(edges, key=repr)


@pytest.mark.neo4j
@pytest.mark.parametrize("version", [LTS, CURRENT])
def test_the_real_tool_makes_the_graph_that_a_load_makes(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_start_here(version):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"nothing here can run Neo4j {version}")
    entities, papers = _hostile_graph()
    write_bulk(entities, papers, tmp_path / "csv")
    server = Neo4jServer(tmp_path / "home", version=version)
    monkeypatch.chdir(tmp_path / "csv")
    assert "IMPORT DONE" in server.run_admin(*_arguments(tmp_path / "csv"))
    with server, open_store(server.url) as store:
        imported = _everything(store)
        read, linked = read_store(store)
        assert (read, list(linked)) == (entities, papers)
        assert sync_store(store, entities, papers) == SyncReport(0, 0, 0, len(papers), 0, 0)
        store.write([Step("MATCH (n) DETACH DELETE n", {})])
        sync_store(store, entities, papers)
        assert _everything(store) == imported


@given(graph=linked_papers())
def test_any_graph_is_written_as_csv_that_comes_back(tmp_path_factory: pytest.TempPathFactory, graph: Graph) -> None:
    entities, papers = graph
    lists = [*(one.aliases for one in entities.values()), *(one.paper.authors for one in papers)]
    assume(papers and all(items != ("",) and _SEPARATOR not in "".join(items) for items in lists))
    folder = tmp_path_factory.mktemp("csv")
    nodes, edges = write_bulk(entities, papers, folder)
    statements = {one.id: one for linked in papers for one in linked.statements}
    assert nodes == len(entities) + len(papers)
    assert edges == len(statements) + sum(len(one.same_term) for one in entities.values()) // 2
    for row in _rows(folder / "Paper.csv"):
        (paper,) = (linked.paper for linked in papers if linked.paper.id == row["id:ID(Paper)"])
        assert (row["title:string"], row["abstract:string"]) == (paper.title, paper.abstract)
        assert row["year:long"] == ("" if paper.year is None else str(paper.year))
        assert _list(row["authors:string[]"]) == paper.authors
    for label in {one.label for one in entities.values()}:
        for row in _rows(folder / f"{label}.csv"):
            entity = entities[row[f"id:ID({label})"]]
            assert (row["kind:string"], row["name:string"]) == (label, entity.name)
            assert _list(row["aliases:string[]"]) == entity.aliases
    files = [path for path in folder.glob("*.*-*.csv") if not path.name.startswith("SAME_TERM_AS")]
    found = [row for path in files if ".header." not in path.name for row in _rows(path)]
    assert {row["id:string"]: (row["sentence:string"], float(row["score:double"])) for row in found} == {
        key: (one.sentence, one.score) for key, one in statements.items()
    }
    assert len(found) == len(statements)


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    entities, papers = small_graph()
    for name, order in (("one", list(entities)), ("two", list(entities)[::-1])):
        write_bulk({key: entities[key] for key in order}, papers, tmp_path / name)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert {"import.sh", "schema.cypher", "Paper.csv", "Paper.header.csv", "USED_FOR.Method-Task.csv"} <= set(one)


def test_what_is_given_to_the_script_reaches_the_tool(tmp_path: Path) -> None:
    write_bulk(*small_graph(), tmp_path / "my graph")
    arguments = _arguments(tmp_path / "my graph", "my-database", "--overwrite-destination")
    assert arguments[:5] == ["database", "import", "full", "my-database", "--overwrite-destination"]
    assert "--nodes=Paper=./Paper.header.csv,./Paper.csv" in arguments


@pytest.mark.parametrize("authors", [("",), ("A. Author", f"B.{_SEPARATOR}Author")])
def test_a_list_that_the_tool_would_change_is_refused(tmp_path: Path, authors: tuple[str, ...]) -> None:
    entities, (first, *_) = small_graph()
    with pytest.raises(UsageError, match="no way to write the list"):
        write_bulk(entities, [replace(first, paper=replace(first.paper, authors=authors))], tmp_path / "csv")
    assert list((tmp_path / "csv").iterdir()) == []


def test_an_empty_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to import"):
        write_bulk({}, [], tmp_path / "csv")


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot write"):
        write_bulk(*small_graph(), tmp_path / "file" / "below")


def test_a_networkx_graph_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="write_bulk"):
        write_export(KnowledgeGraph(), "neo4j-admin", tmp_path / "x")


def test_the_command_writes_the_whole_graph_and_says_what_is_next(tmp_path: Path) -> None:
    with open_store(tmp_path / "g.kg") as store:
        sync_store(store, *small_graph())
        write_bulk(*read_store(store), tmp_path / "expected")
    arguments = ["export", "neo4j-admin", "--db", str(tmp_path / "g.kg"), "-o", str(tmp_path / "my csv")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "17 nodes, 41 edges" in done.stderr
    assert f"sh '{tmp_path / 'my csv' / 'import.sh'}'" in done.stderr
    written, expected = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("my csv", "expected")
    )
    assert written == expected
    refused = CliRunner().invoke(main, [*arguments, "--min-papers", "2"])
    assert refused.exit_code == 2
    assert "neo4j-admin is the whole graph" in refused.stderr
