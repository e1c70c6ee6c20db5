"""A store survives the death of its writer, or of its server, in the middle of a sync."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from kgraph.schema import LinkedPaper
from kgraph.store import Store, open_store, read_store, sync_store
from kgraph.store.neo4j import Neo4jStore
from tests.neo4j_server import PASSWORD, USERNAME, Neo4jServer, can_start_here
from tests.strategies import small_graph

# Turns the store between three states for ever, one paper a transaction.
_WRITER = """
import sys
from kgraph.store import open_store, sync_store
from tests.strategies import small_graph
entities, papers = small_graph()
with open_store(sys.argv[1]) as store:
    print("ready", flush=True)
    while True:
        for part in (papers, papers[:3], papers[2:]):
            sync_store(store, entities, part, batch_size=1)
"""


def assert_sound(store: Store) -> None:
    """Every paper in the store is whole, and nothing is there twice."""
    by_id = {linked.paper.id: linked for linked in small_graph()[1]}
    for linked in read_store(store)[1]:
        assert linked == by_id[linked.paper.id]
    for what in ("MATCH (n) WHERE n.kind IS NOT NULL WITH n.id AS id", "MATCH (a)-[r]->(b) WITH r.id AS id"):
        assert store.run(f"{what}, count(*) AS n WHERE n > 1 RETURN id") == []


def assert_mended(store: Store) -> None:
    entities, papers = small_graph()
    sync_store(store, entities, papers)
    found, read = read_store(store)
    assert (found, list(read)) == (entities, papers)


def test_an_embedded_store_survives_kills_of_its_writer(tmp_path: Path) -> None:
    folder, moments = tmp_path / "x.kg", random.Random(7)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.05, 0.6))
            writer.kill()
        with open_store(folder) as store:
            assert_sound(store)
            assert_mended(store)


# Fills the store anew with one of two graphs, in turn, for ever.
_REFILLER = """
import sys
from kgraph.store import GivenGraph, open_store
from tests.strategies import small_graph
entities, papers = small_graph()
with open_store(sys.argv[1]) as store:
    print("ready", flush=True)
    while True:
        for part in (papers, papers[:3]):
            source = GivenGraph(entities, part)
            store.refill(source.entities(), source.papers())
"""


def papers_of(folder: Path) -> list[LinkedPaper]:
    """What a reader sees, who opens the store now."""
    with open_store(folder, read_only=True) as store:
        return list(read_store(store)[1])


def test_an_embedded_store_that_is_filled_anew_holds_the_old_graph_or_the_new_one(tmp_path: Path) -> None:
    folder, moments, (entities, papers) = tmp_path / "x.kg", random.Random(11), small_graph()
    with open_store(folder) as store:
        sync_store(store, entities, papers)
    for _ in range(3):
        before = papers_of(folder)
        with subprocess.Popen(
            [sys.executable, "-c", _REFILLER, str(folder)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            while (seen := papers_of(folder)) == before:
                pass
            assert seen in (papers, papers[:3])
            end = time.monotonic() + moments.uniform(0, 1.5)
            while time.monotonic() < end:
                assert papers_of(folder) in (papers, papers[:3])
            writer.kill()
        assert papers_of(folder) in (papers, papers[:3])
        with open_store(folder) as store:
            assert_sound(store)
        assert [file.name for file in folder.iterdir()] == ["graph.lb"]


def crash_and_restart(server: Neo4jServer) -> None:
    server.kill()
    server.start()


@pytest.mark.neo4j
def test_a_load_rides_over_a_crash_of_the_server() -> None:
    if not can_start_here():
        pytest.skip("a server that can be killed needs Java and Maven")
    entities, papers = small_graph()
    with tempfile.TemporaryDirectory(prefix="kgraph-neo4j-") as home, Neo4jServer(Path(home)) as server:
        address, credentials = f"bolt://127.0.0.1:{server.port}", (USERNAME, PASSWORD)
        with Neo4jStore(address, credentials) as store:
            crash = threading.Timer(0.3, crash_and_restart, [server])
            crash.start()
            rounds = 0
            while crash.is_alive() or rounds < 1:
                for part in (papers, papers[:3], papers[2:]):
                    sync_store(store, entities, part, batch_size=1)
                rounds += 1
            crash.join()
            assert_sound(store)
            assert_mended(store)
