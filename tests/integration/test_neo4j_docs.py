"""docs/neo4j.md: its queries show something, its messages are those that are printed, its properties are there."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import neo4j
import pytest
from click.testing import CliRunner

from kgraph.build import build
from kgraph.cli import main
from kgraph.sample import sample_path
from kgraph.store import Store, find_credentials

pytestmark = pytest.mark.neo4j
DOCS = (Path(__file__).parents[2] / "docs" / "neo4j.md").read_text()
PICTURE, SECOND_PICTURE, TABLE = re.findall(r"^```cypher\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
SHOWN_ADDRESS = "bolt://127.0.0.1:7687"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "graph.kg"
    build([sample_path()], folder)
    return folder


@pytest.fixture
def loaded(db: Path, neo4j_store: Store, neo4j_url: str) -> Store:
    """A server that holds the sample, as the docs load it."""
    assert CliRunner().invoke(main, ["load", neo4j_url, "--db", str(db)]).exit_code == 0
    return neo4j_store


def address(url: str) -> str:
    return f"bolt://{url.rpartition('@')[2]}"


def test_two_queries_draw_a_picture(loaded: Store, neo4j_url: str) -> None:
    with neo4j.GraphDatabase.driver(address(neo4j_url), auth=find_credentials(neo4j_url)) as driver:
        graphs = [
            driver.execute_query(query, result_transformer_=neo4j.Result.graph) for query in (PICTURE, SECOND_PICTURE)
        ]
    labels = [{label for node in graph.nodes for label in node.labels} for graph in graphs]
    assert labels == [{"Method", "Dataset", "Task", "Paper"}, {"Method", "Dataset", "Task"}]
    for graph in graphs:
        assert 10 <= len(graph.nodes) <= 50
        assert len(graph.relationships) >= len(graph.nodes) - 1


def test_one_query_gives_a_table(loaded: Store) -> None:
    rows = loaded.run(TABLE)
    assert len(rows) == 10
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert all(row["name"] and row["sentence"] and row["paper"] for row in rows)


@pytest.mark.parametrize("label", ["Paper", "Method | :Dataset | :Task"])
def test_the_docs_name_every_property_of_the_nodes(loaded: Store, label: str) -> None:
    [told] = re.findall(rf"\(:{re.escape(label)} \{{(.*)\}}\)", DOCS)
    labels = label.replace(" | :", "|")
    found = loaded.run(f"MATCH (n:{labels}) WHERE n.kind IS NOT NULL UNWIND keys(n) AS key RETURN DISTINCT key")
    assert set(told.split(", ")) == {row["key"] for row in found}


def test_the_docs_name_every_property_of_the_relationships(loaded: Store) -> None:
    [told] = re.findall(r"one statement of one paper: `\{([^}]*)\}`", DOCS)
    found = loaded.run("MATCH (:Paper)-[r]->(n) WHERE n.kind IS NOT NULL UNWIND keys(r) AS key RETURN DISTINCT key")
    assert set(re.split(r",\s+", told)) == {row["key"] for row in found}


def test_all_names_in_the_schema_are_marked_as_ours(neo4j_store: Store) -> None:
    names = [
        row["name"]
        for kind in ("CONSTRAINTS", "INDEXES")
        for row in neo4j_store.run(
            f"SHOW {kind} YIELD name, entityType, properties WHERE properties IS NOT NULL RETURN name"
        )
    ]
    assert names
    assert all(name.startswith("kgraph_") for name in names)


@pytest.mark.parametrize(
    ("said", "login", "more"),
    [
        ("no server answers", None, []),
        ("user name or password refused", "neo4j:not-the-one", []),
        ("there is no database papers", "", ["--database", "papers"]),
    ],
)
def test_the_docs_show_the_messages_that_are_printed(
    db: Path, neo4j_url: str, said: str, login: str | None, more: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"bolt://neo4j:x@127.0.0.1:{probe.getsockname()[1]}"
    url = nobody if login is None else neo4j_url if not login else f"bolt://{login}@{neo4j_url.rpartition('@')[2]}"
    result = CliRunner().invoke(main, ["load", url, "--db", str(db), *more])
    assert result.exit_code == 1
    assert said in result.stderr
    assert f"    {result.stderr.replace(address(url), SHOWN_ADDRESS).strip()}\n" in DOCS


def test_the_docs_show_what_is_said_of_the_address_of_the_browser(db: Path) -> None:
    result = CliRunner().invoke(main, ["load", "http://127.0.0.1:7474", "--db", str(db)])
    assert result.exit_code == 2
    assert f"    {result.stderr.strip()}\n" in DOCS
