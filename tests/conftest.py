"""Fixtures of all tests: both engines, empty for every test, and one real Neo4j server for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kgraph.schema import LABELS
from kgraph.store import Step, Store, open_store
from tests.neo4j_server import NoServerError, running_neo4j

# Machines are shared and slow at times, and a store that is used for many examples is what the tests want.
settings.register_profile(
    "kgraph", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("kgraph")


@pytest.fixture(scope="session")
def neo4j_url() -> Iterator[str]:
    """A URL of a real Neo4j server, with user name and password: KGRAPH_TEST_NEO4J_URI, else one that is started here.

    Where there is no way to have one, the test is skipped, but in CI it fails.
    """
    if url := os.environ.get("KGRAPH_TEST_NEO4J_URI"):
        yield url
        return
    try:
        with running_neo4j() as url:
            yield url
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def _neo4j_connection(neo4j_url: str) -> Iterator[Store]:
    with open_store(neo4j_url) as store:
        yield store


@pytest.fixture
def neo4j_store(_neo4j_connection: Store) -> Store:
    """A Neo4j server without any node of ours."""
    clean = [Step(f"MATCH (n:{label}) WHERE n.kind = $kind DETACH DELETE n", {"kind": label}) for label in LABELS]
    _neo4j_connection.write(clean)
    return _neo4j_connection


@pytest.fixture
def ladybug_store(tmp_path: Path) -> Iterator[Store]:
    """An embedded database in a new folder."""
    with open_store(tmp_path / "graph.kg") as store:
        yield store


@pytest.fixture(params=["ladybug", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store, once of every engine."""
    found = request.getfixturevalue(f"{request.param}_store")
    assert isinstance(found, Store)
    return found
