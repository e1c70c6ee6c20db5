"""The servers of the tests: each line with a Java that it supports, Cypher 25 on the current one, and neo4j-admin."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgraph.query import list_queries, run_query
from kgraph.store import Step, Store, open_store, sync_store
from tests.conftest import Neo4j
from tests.neo4j_server import CURRENT, LTS, Neo4jServer, can_start_here, find_java
from tests.strategies import small_graph
from tests.test_query import arguments

servers_are_ours = pytest.mark.skipif("KGRAPH_TEST_NEO4J_URI" in os.environ, reason="the server is somebody's")


def make_java(home: Path, version: str) -> Path:
    """A program that tells a version as Java does."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(
    ("told", "lts", "current"), [("21.0.8", True, None), ("99.0.1", False, True), ("1.8.0_412", False, False)]
)
def test_a_line_takes_the_newest_java_that_it_supports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, lts: bool, current: bool | None
) -> None:
    java = make_java(tmp_path / "java", told)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    assert (find_java(LTS) == java) is lts
    assert current is None or (find_java(CURRENT) == java) is current


def test_a_java_home_without_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_java(LTS)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java(LTS) in (found, None)


@pytest.fixture
def cypher_5_store(neo4j_current: Neo4j) -> Iterator[Store]:
    """A server of the current line that was told to speak Cypher 5, as one that was upgraded from 5.26 does."""
    neo4j_current.store.write([Step("ALTER DATABASE neo4j SET DEFAULT LANGUAGE CYPHER 5", {})])
    with open_store(neo4j_current.url) as store:
        yield store
    neo4j_current.store.write([Step("ALTER DATABASE neo4j SET DEFAULT LANGUAGE CYPHER 25", {})])


@pytest.mark.neo4j
@servers_are_ours
def test_a_server_is_of_the_version_that_was_asked_for(neo4j_lts: Neo4j, neo4j_current: Neo4j) -> None:
    for server, version in ((neo4j_lts, LTS), (neo4j_current, CURRENT)):
        components = server.store.run("CALL dbms.components() YIELD name, versions RETURN name, versions")
        assert {"name": "Neo4j Kernel", "versions": [version]} in components


@pytest.mark.neo4j
@servers_are_ours
def test_the_current_line_speaks_cypher_25(neo4j_current: Neo4j) -> None:
    assert default_language(neo4j_current.store) == "CYPHER 25"


@pytest.mark.neo4j
@servers_are_ours
def test_all_that_we_send_is_cypher_5_on_the_current_line_too(cypher_5_store: Store, ladybug_store: Store) -> None:
    assert default_language(cypher_5_store) == "CYPHER 5"
    entities, papers = small_graph()
    for part in (papers, papers[2:], [], papers):
        sync_store(cypher_5_store, entities, part)
    sync_store(ladybug_store, entities, papers)
    for query in list_queries():
        answers = [run_query(store, query.name, **arguments(query)) for store in (cypher_5_store, ladybug_store)]
        assert answers[0] == answers[1], query.name
    sync_store(cypher_5_store, entities, [])


def default_language(store: Store) -> str:
    [row] = store.run("SHOW DATABASES YIELD name, defaultLanguage WHERE name = 'neo4j' RETURN defaultLanguage AS told")
    return str(row["told"])


@pytest.mark.neo4j
@pytest.mark.parametrize("version", [LTS, CURRENT])
def test_neo4j_admin_runs_on_the_home_of_a_server(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_start_here(version):
        pytest.skip("neo4j-admin needs Java and Maven")
    # It leaves a report where it runs.
    monkeypatch.chdir(tmp_path)
    server = Neo4jServer(tmp_path / "home", version=version)
    rows = tmp_path / "methods.csv"
    rows.write_text("id:ID,name\nmethod:a,A\nmethod:b,B\n")
    assert "2 nodes" in server.run_admin("database", "import", "full", "neo4j", f"--nodes=Method={rows}")
    assert (tmp_path / "home" / "data" / "databases" / "neo4j").is_dir()
    with pytest.raises(RuntimeError, match="no-such-command"):
        server.run_admin("no-such-command")
