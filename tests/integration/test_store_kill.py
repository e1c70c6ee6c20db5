"""A store survives the death of its writer, or of its server, in the middle of a sync."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgraph.build import RECORDS
from kgraph.errors import StoreError
from kgraph.records import open_records
from kgraph.schema import LinkedPaper
from kgraph.store import Store, open_store, read_store, sync_store
from tests.neo4j_server import NAME_EVERYTHING, Neo4jServer, can_start_here
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


# Loads one paper into a server, and then stays in the middle of its load.
_SLOW_LOADER = """
import sys, time
from kgraph.store import open_store, sync_store
from tests.strategies import small_graph
def rest(done, total):
    print(done, flush=True)
    time.sleep(600)
with open_store(sys.argv[1]) as store:
    sync_store(store, *small_graph(), batch_size=1, on_progress=rest)
"""


@pytest.mark.neo4j
def test_a_second_load_is_refused_until_the_first_is_done_or_dead(
    neo4j_url: str, neo4j_store: Store, tmp_path: Path
) -> None:
    load = [sys.executable, "-m", "kgraph", "load", neo4j_url, "--db", str(tmp_path)]
    with open_records(tmp_path / RECORDS):
        pass
    with subprocess.Popen([sys.executable, "-c", _SLOW_LOADER, neo4j_url], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "1\n"
        second = subprocess.run(load, capture_output=True, text=True)
        with open_store(neo4j_url, read_only=True) as reader:
            read = list(read_store(reader)[1])
        first.kill()
    assert second.returncode == 1
    assert re.fullmatch(
        r"Error: bolt://\S+: another process loads into this database; try again when it has finished\n",
        second.stderr,
    )
    assert read == small_graph()[1][:1]
    assert_mended(neo4j_store)
    assert subprocess.run(load, capture_output=True).returncode == 0
    assert list(read_store(neo4j_store)[1]) == []


@pytest.fixture(scope="module")
def server() -> Iterator[Neo4jServer]:
    """A server that can be killed."""
    if not can_start_here():
        pytest.skip("a server that can be killed needs Java and Maven")
    with tempfile.TemporaryDirectory(prefix="kgraph-neo4j-") as home, Neo4jServer(Path(home)) as started:
        with open_store(started.url) as store:
            store.write(NAME_EVERYTHING)
        yield started


def crash_and_restart(server: Neo4jServer) -> None:
    server.kill()
    server.start()


@pytest.mark.neo4j
def test_a_load_rides_over_a_crash_of_the_server(server: Neo4jServer) -> None:
    entities, papers = small_graph()
    with open_store(server.url) as store:
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


@pytest.mark.neo4j
def test_a_load_that_rides_over_a_crash_of_the_server_still_keeps_others_out(server: Neo4jServer) -> None:
    entities, papers = small_graph()
    refused = []

    def on_progress(done: int, total: int) -> None:
        if done == 2:
            crash_and_restart(server)
        if done == 4:
            with open_store(server.url) as other, pytest.raises(StoreError, match="another process loads") as caught:
                sync_store(other, entities, papers)
            refused.append(caught.value)

    with open_store(server.url) as store:
        sync_store(store, entities, [])
        sync_store(store, entities, papers, batch_size=1, on_progress=on_progress)
        assert len(refused) == 1
        assert_sound(store)
        assert_mended(store)
