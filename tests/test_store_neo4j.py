"""Neo4j's own matters: errors of a server, lost connections, and the data of other applications beside ours."""

from __future__ import annotations

import datetime
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from operator import itemgetter
from typing import Any

import pytest
from click.testing import CliRunner

from kgraph.cli import main
from kgraph.errors import CypherError, StoreError, StoreUnavailableError, UsageError
from kgraph.schema import EDGE_TYPES, LABELS
from kgraph.store import Row, Step, Store, SyncReport, find_credentials, open_store, read_store, sync_store
from kgraph.store.neo4j import Neo4jStore
from kgraph.store.statements import (
    STATEMENTS_OF_PAPERS,
    finish_entities,
    remove_entities,
    remove_papers,
    write_entities,
    write_papers,
)
from tests.neo4j_server import ServerWarningError
from tests.strategies import make_linked_paper, small_graph
from tests.synthetic import synthetic_graph

pytestmark = pytest.mark.neo4j

_COMMIT = b"\x00\x02\xb0\x12\x00\x00"


@pytest.fixture
def address(neo4j_url: str) -> str:
    """The server's URL without user name and password."""
    scheme, _, rest = neo4j_url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


@pytest.fixture
def credentials(neo4j_url: str) -> tuple[str, str]:
    found = find_credentials(neo4j_url)
    assert found is not None
    return found


def content(store: Store) -> Any:
    entities, papers = read_store(store)
    return entities, list(papers)


def test_the_schema_is_there_and_online(neo4j_store: Store) -> None:
    indexes = neo4j_store.run(
        "SHOW INDEXES YIELD owningConstraint, properties, state "
        "WHERE owningConstraint STARTS WITH 'kgraph_' RETURN properties, state"
    )
    of_nodes, of_edges = len([*LABELS, "KgraphLock"]), len(EDGE_TYPES)
    assert Counter(tuple(row["properties"]) for row in indexes) == {("id",): of_nodes, ("paper_id", "id"): of_edges}
    assert {row["state"] for row in indexes} == {"ONLINE"}


def test_all_that_is_written_is_found_by_an_index(neo4j_url: str, neo4j_store: Store) -> None:
    """Also right after a first load, when a server knows little of the indexes yet."""
    sync_store(neo4j_store, *synthetic_graph(1000))
    entities, papers = small_graph()
    named, ids = list(entities.values()), [linked.paper.id for linked in papers]
    steps = [
        *write_entities(named, finished=False), *finish_entities(named), *write_papers(papers, stored=ids),
        *remove_papers(ids), *remove_entities(entities), Step(STATEMENTS_OF_PAPERS["neo4j"], {"ids": ids}),
    ]  # fmt: skip
    by_key = [step for step in steps if step.by_key]
    assert len(by_key) >= len(EDGE_TYPES)
    assert "Scan" not in "".join(plans(neo4j_url, by_key))
    deadline = time.monotonic() + 60
    while scanning := [plan for plan in plans(neo4j_url, steps) if "Scan" in plan]:
        assert time.monotonic() < deadline, scanning
        time.sleep(1)
    [replacing] = plans(neo4j_url, [next(iter(remove_papers(ids)))])
    assert len(re.findall("Relationship(Unique)?IndexSeek", replacing)) >= len(EDGE_TYPES)


def plans(url: str, steps: Iterable[Step]) -> list[str]:
    """Return how the server plans to run them."""
    import neo4j

    address = f"bolt://{url.rpartition('@')[2]}"
    with neo4j.GraphDatabase.driver(address, auth=find_credentials(url)) as driver:
        explained = [driver.execute_query(f"EXPLAIN {step.cypher}", step.parameters) for step in steps]
    return [str(result.summary.plan) for result in explained]


def test_a_wrong_password_is_refused_without_showing_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="kgraph"), pytest.raises(StoreError) as caught:
        open_store(address, username="neo4j", password="s3cret-word")
    assert str(caught.value) == f"{address}: user name or password refused"
    assert "s3cret-word" not in caplog.text


def test_an_open_store_does_not_show_its_password(neo4j_store: Store, credentials: tuple[str, str]) -> None:
    assert credentials[1] not in repr(neo4j_store)
    assert credentials[1] not in repr(vars(neo4j_store))


def test_a_command_asks_the_database_that_it_is_given(neo4j_url: str) -> None:
    there = CliRunner().invoke(main, ["stats", "--db", neo4j_url, "--database", "neo4j", "--format", "json"])
    assert (there.exit_code, there.stderr) == (0, "")
    nowhere = CliRunner().invoke(main, ["stats", "--db", neo4j_url, "--database", "nowhere"])
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)
    assert nowhere.stderr.endswith("there is no database nowhere\n")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_that_is_not_there_is_named(neo4j_url: str, read_only: bool) -> None:
    with pytest.raises(StoreError, match="there is no database nowhere"):
        open_store(neo4j_url, database="nowhere", read_only=read_only)


def test_the_database_can_be_named(neo4j_url: str) -> None:
    with open_store(neo4j_url, database="neo4j", read_only=True) as store:
        assert store.run("RETURN 1 AS one") == [{"one": 1}]


def test_the_database_can_be_named_in_the_url(neo4j_url: str) -> None:
    with open_store(f"{neo4j_url}?database=neo4j", read_only=True) as store:
        assert store.run("RETURN 1 AS one") == [{"one": 1}]
    with pytest.raises(StoreError, match="there is no database nowhere"):
        open_store(f"{neo4j_url}?database=nowhere", read_only=True)
    with open_store(f"{neo4j_url}?database=nowhere", database="neo4j", read_only=True) as store:
        assert store.run("RETURN 1 AS one") == [{"one": 1}]


def test_a_text_may_name_its_version_of_cypher(neo4j_store: Store) -> None:
    """Servers of the line 5.26 know but version 5, and do not list their versions."""
    listed = neo4j_store.run("CALL dbms.components() YIELD name, versions WHERE name = 'Cypher' RETURN versions")
    for version in listed[0]["versions"] if listed else ["5"]:
        assert neo4j_store.run(f"CYPHER {version} RETURN 1 AS one") == [{"one": 1}]


_ENDLESS = (
    "UNWIND range(1, 20000) AS a UNWIND range(1, 20000) AS b UNWIND range(1, 20000) AS c RETURN sum(a % b % c) AS n"
)


@pytest.mark.parametrize("write", [False, True])
def test_a_text_is_stopped_in_time_and_nothing_of_it_stays(neo4j_store: Store, write: bool) -> None:
    started = time.monotonic()
    with pytest.raises(CypherError, match=r"^the query was stopped after 0.5 s"):
        neo4j_store.run(
            f"CREATE (:Paper {{id: 'new'}}) WITH 1 AS one {_ENDLESS}" if write else _ENDLESS, seconds=0.5, write=write
        )
    assert time.monotonic() - started < 10
    assert neo4j_store.run("MATCH (n:Paper {id: 'new'}) RETURN n.id AS id") == []


def test_no_more_rows_are_read_than_asked_for(neo4j_store: Store) -> None:
    numbers = "UNWIND range(1, 1000000) AS n RETURN n"
    assert neo4j_store.run(numbers, max_rows=3) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert neo4j_store.run(numbers, max_rows=3, write=True) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_text_may_write_where_this_is_asked_for(neo4j_url: str, neo4j_store: Store) -> None:
    create = "UNWIND [1, 2] AS n CALL (n) { CREATE (:Paper {id: 'new' + n, kind: 'Paper'}) } IN TRANSACTIONS OF 1 ROW"
    with pytest.raises(CypherError):
        neo4j_store.run("CREATE (:Paper {id: 'new', kind: 'Paper'})")
    neo4j_store.run(create, write=True)
    found = "MATCH (n:Paper) WHERE n.id STARTS WITH 'new' RETURN n.id AS id ORDER BY id"
    assert neo4j_store.run(found) == [{"id": "new1"}, {"id": "new2"}]
    with open_store(neo4j_url, read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        store.run(create, write=True)


def test_a_store_that_is_open_for_reading_cannot_be_written(neo4j_url: str, neo4j_store: Store) -> None:
    with open_store(neo4j_url, read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        store.write([Step("CREATE (n:Paper {id: 'new'})", {})])
    assert neo4j_store.run("MATCH (n:Paper {id: 'new'}) RETURN n.id AS id") == []


def test_dates_come_as_those_of_python(neo4j_store: Store) -> None:
    [row] = neo4j_store.run("RETURN date('2020-01-02') AS day, [datetime('2020-01-02T03:04:05Z')] AS times")
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    assert row == {"day": datetime.date(2020, 1, 2), "times": [moment]}


def test_a_store_that_was_closed_says_so(neo4j_url: str) -> None:
    store = open_store(neo4j_url, read_only=True)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.run("RETURN 1 AS one")


def test_an_unknown_label_is_no_error_and_makes_no_noise(neo4j_url: str) -> None:
    # In a process of its own, as the driver is stricter in these tests.
    query = ["query", "--cypher", "MATCH (n:NoSuchLabel) RETURN count(n) AS n", "--db", neo4j_url]
    done = subprocess.run([sys.executable, "-m", "kgraph", *query], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize("cypher", ["MATCH (n:Mehtod) RETURN n", "MATCH (n) RETURN n.nmae", "MATCH (n) RETURN id(n)"])
def test_what_a_server_warns_of_is_an_error_in_these_tests(neo4j_store: Store, cypher: str) -> None:
    with pytest.raises(ServerWarningError, match=r"does not exist|deprecated"):
        neo4j_store.run(cypher)


# The data of other applications

_FOREIGN = """
CREATE (a:Paper:Foreign {doi: '10.1000/1', title: 'Theirs', tags: ['a', 'b'], since: date('2020-01-02')}),
       (a)-[:USES {since: 2020}]->(b:Method:Foreign {name: 'x', at: point({x: 1.5, y: 2})}),
       (c:Task:Foreign {id: 'ticket-7', kind: 'bug'}), (d:Foreign {shelf: 'A 1'}), (e:Dataset:Foreign),
       (f:Person:Foreign {name: 'Ada'}), (f)-[:PROPOSES {paper_id: 'p1'}]->(a),
       (c)-[:MENTIONS {paper_id: 'p1', id: 'theirs'}]->(d),
       (b)-[:USED_FOR {score: 1}]->(c), (b)-[:USED_FOR {score: 1}]->(c), (b)-[:SAME_TERM_AS {since: 2020}]->(c)
"""
_FOREIGN_SCHEMA = (
    "CREATE INDEX theirs_method_name FOR (n:Method) ON (n.name)",
    "CREATE TEXT INDEX theirs_uses_sentence FOR ()-[r:USES]-() ON (r.sentence)",
    "CREATE CONSTRAINT theirs_person_name FOR (n:Person) REQUIRE n.name IS UNIQUE",
)
_NO_FOREIGN_SCHEMA = (
    "DROP INDEX theirs_method_name",
    "DROP INDEX theirs_uses_sentence",
    "DROP CONSTRAINT theirs_person_name",
)
_ONTO_OURS = """
MATCH (f:Person:Foreign), (p:Paper {id: 'p1'}), (m:Method {id: 'method:gpt'})
CREATE (f)-[:LIKES {stars: 5}]->(p), (m)-[:SEEN_BY {on: date('2020-01-02')}]->(f), (p)-[:USES {since: 2020}]->(f)
SET p.shelf = 'B 12', m.shelf = 'B 13'
"""
_ALL_FOREIGN = """
MATCH (n:Foreign) OPTIONAL MATCH (n)-[r]-(m)
RETURN elementId(n) AS node, labels(n) AS labels, properties(n) AS properties, elementId(r) AS edge, type(r) AS type,
       properties(r) AS edge_properties, elementId(m) AS end, m.shelf AS shelf, elementId(startNode(r)) AS start
ORDER BY node, edge
"""
_FOREIGN_INDEXES = (
    "SHOW INDEXES YIELD name, id, state, type WHERE name STARTS WITH 'theirs_' RETURN name, id, state, type"
)


def foreign(store: Store) -> list[list[Row]]:
    """All that is not ours: nodes, relationships (also onto our nodes), what they put on our nodes, and indexes."""
    return [store.run(_ALL_FOREIGN), sorted(store.run(_FOREIGN_INDEXES), key=itemgetter("name"))]


def change_schema(store: Store, statements: Iterable[str]) -> None:
    for statement in statements:
        store.write([Step(statement, {})])


@pytest.fixture
def shared_store(neo4j_store: Store) -> Iterator[Store]:
    """A server that another application uses too, with some of our labels, types and property names."""
    change_schema(neo4j_store, _FOREIGN_SCHEMA)
    neo4j_store.run("CALL db.awaitIndexes(60)")
    neo4j_store.write([Step(_FOREIGN, {})])
    yield neo4j_store
    neo4j_store.write([Step("MATCH (n:Foreign) DETACH DELETE n", {})])
    change_schema(neo4j_store, _NO_FOREIGN_SCHEMA)


def test_the_data_of_others_is_neither_touched_nor_read(shared_store: Store) -> None:
    theirs = foreign(shared_store)
    assert [len(part) for part in theirs] == [13, 3]
    entities, papers = small_graph()
    for part in (papers, papers[2:], papers, []):
        report = sync_store(shared_store, entities, part)
        assert report.removed in (0, 2, 6)
        assert foreign(shared_store) == theirs
        assert content(shared_store)[1] == part
    assert content(shared_store) == ({}, [])


def test_what_others_have_put_onto_our_nodes_outlives_changes_of_these(shared_store: Store) -> None:
    entities, papers = small_graph()
    sync_store(shared_store, entities, papers)
    shared_store.write([Step(_ONTO_OURS, {})])
    theirs = foreign(shared_store)
    assert sorted(row["shelf"] for row in theirs[0] if row["shelf"]) == ["A 1", "B 12", "B 12", "B 13"]
    changed = [make_linked_paper(replace(papers[0].paper, title="Edited"), papers[0].statements), *papers[2:]]
    for part in (changed, papers, papers[3:], []):
        sync_store(shared_store, entities, part)
        assert content(shared_store)[1] == part
        assert foreign(shared_store) == theirs


def test_a_node_of_ours_that_others_hold_on_to_is_let_go_not_deleted(shared_store: Store) -> None:
    entities, papers = small_graph()
    sync_store(shared_store, entities, papers)
    link = "MATCH (f:Person:Foreign), (p) WHERE p.id IN ['p1', 'method:gpt'] CREATE (f)-[:LIKES]->(p)"
    shared_store.write([Step(link, {})])
    likes = "MATCH (:Foreign)-[r:LIKES]->(p) RETURN p.id AS id ORDER BY id"
    assert sync_store(shared_store, entities, []) == SyncReport(0, 0, 6, 0, 0, 11)
    assert shared_store.run(likes) == [{"id": "method:gpt"}, {"id": "p1"}]
    assert content(shared_store) == ({}, [])
    assert sync_store(shared_store, entities, []) == SyncReport(0, 0, 0, 0, 0, 0)
    sync_store(shared_store, entities, papers)
    assert content(shared_store) == (entities, papers)
    assert shared_store.run(likes) == [{"id": "method:gpt"}, {"id": "p1"}]
    shared_store.write([Step("MATCH (:Foreign)-[r:LIKES]->() DELETE r", {})])


# Two writers

_OUR_LOCK = "SHOW TRANSACTIONS YIELD transactionId, metaData WHERE metaData.kgraph = 'load' RETURN transactionId AS id"
_WRITE = [Step("MERGE (n:Paper {id: 'new'}) SET n.kind = 'Paper'", {})]


def end_lock(store: Store) -> None:
    """End the transaction that is the lock, as an administrator may."""
    [row] = store.run(_OUR_LOCK)
    assert store.run(f"TERMINATE TRANSACTION '{row['id']}'", write=True)[0]["message"] == "Transaction terminated."


def assert_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"^bolt://\S+: another process loads into this database") as caught:
        sync_store(store, *small_graph())
    assert "\n" not in str(caught.value)


def test_while_one_loads_others_can_do_all_but_load(neo4j_url: str, neo4j_store: Store) -> None:
    with open_store(neo4j_url) as first:
        with first.writing():
            assert_refused(neo4j_store)
            assert content(neo4j_store) == ({}, [])
            assert neo4j_store.run("MATCH (n:KgraphLock) RETURN n.id AS id") == []
            # A lock by one of our labels would make these wait, and then our own writing wait for them.
            change_schema(neo4j_store, ["CREATE INDEX theirs FOR (n:Paper) ON (n.shelf)", "DROP INDEX theirs"])
            with open_store(neo4j_url) as other:
                other.run("CREATE (n:Paper {id: 'new', kind: 'Paper'})", write=True)
            first.write(_WRITE)
        sync_store(neo4j_store, *small_graph())
        sync_store(first, *small_graph())


def test_a_load_whose_lock_the_server_ended_takes_it_anew(neo4j_url: str, neo4j_store: Store) -> None:
    with open_store(neo4j_url) as first, first.writing():
        end_lock(neo4j_store)
        first.write(_WRITE)
        assert_refused(neo4j_store)


def test_a_load_that_has_lost_its_lock_to_another_ends(neo4j_url: str, neo4j_store: Store) -> None:
    with open_store(neo4j_url) as first, first.writing():
        end_lock(neo4j_store)
        with neo4j_store.writing(), pytest.raises(StoreError, match="another process loads into this database"):
            first.write(_WRITE)
    assert content(neo4j_store) == ({}, [])


def test_what_is_open_for_reading_only_cannot_load(neo4j_url: str, neo4j_store: Store) -> None:
    with open_store(neo4j_url, read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        sync_store(store, *small_graph())


def test_a_lock_that_was_lost_with_its_server_is_no_error_at_the_end(
    neo4j_store: Store, address: str, credentials: tuple[str, str]
) -> None:
    with cutting_proxy(address, cuts=0) as proxy, Neo4jStore(proxy.address, credentials) as store, store.writing():
        proxy.cut()
    sync_store(neo4j_store, *small_graph())


# Lost connections


class CuttingProxy:
    """Stands before a server and cuts the connection right after the next `cuts` commits have reached it."""

    def __init__(self, host: str, port: int, cuts: int) -> None:
        self._target, self.cuts = (host, port), cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self.address = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._clients.append(client)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink, source is client), daemon=True).start()

    def cut(self) -> None:
        for client in self._clients:
            _hang_up(client)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pump(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        with source, sink:
            try:
                while data := source.recv(65536):
                    commit = from_client and _COMMIT in data and self.cuts > 0
                    if commit:
                        # Nobody answers the client, but the server hears the commit.
                        self.cuts -= 1
                        source.shutdown(socket.SHUT_RDWR)
                    sink.sendall(data)
            except OSError:
                return
            finally:
                # A socket that is closed while another thread reads it stays connected.
                _hang_up(source)
                _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_proxy(address: str, cuts: int) -> Iterator[CuttingProxy]:
    host, _, port = address.partition("://")[2].partition(":")
    proxy = CuttingProxy(host, int(port or 7687), cuts)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def test_a_connection_lost_in_a_commit_is_tried_again_and_nothing_is_doubled(
    neo4j_store: Store, address: str, credentials: tuple[str, str]
) -> None:
    with cutting_proxy(address, cuts=0) as proxy, Neo4jStore(proxy.address, credentials) as store:
        proxy.cuts = 2
        entities, papers = small_graph()
        assert sync_store(store, entities, papers, batch_size=2).added == 6
        assert proxy.cuts == 0
    assert content(neo4j_store) == (entities, papers)


def test_a_server_that_stays_away_ends_in_one_line(
    neo4j_store: Store, address: str, credentials: tuple[str, str]
) -> None:
    entities, papers = small_graph()
    with cutting_proxy(address, cuts=0) as proxy, Neo4jStore(proxy.address, credentials, patience=0.5) as store:
        proxy.cuts = 1000
        with pytest.raises(StoreUnavailableError, match="run the same again, nothing is lost") as caught:
            sync_store(store, entities, papers)
        assert "\n" not in str(caught.value)
    sync_store(neo4j_store, entities, papers)
    assert content(neo4j_store) == (entities, papers)


def test_a_load_is_interrupted_also_while_its_server_stays_away(
    neo4j_store: Store, address: str, credentials: tuple[str, str]
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    press = threading.Timer(1, os.kill, [os.getpid(), signal.SIGINT])
    with cutting_proxy(address, cuts=0) as proxy, Neo4jStore(proxy.address, credentials, patience=90) as store:
        proxy.cuts = 1000
        press.start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            sync_store(store, *small_graph())
        assert time.monotonic() - begun < 60
    signal.signal(signal.SIGINT, before)
    sync_store(neo4j_store, *small_graph())


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_where_no_server_is_this_is_said_at_once(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(StoreUnavailableError, match=rf"^{scheme}://127\.0\.0\.1:{port}: no server answers"):
        open_store(f"{scheme}://neo4j:s3cret-word@127.0.0.1:{port}")


def test_an_address_that_the_driver_refuses_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="Routing context"):
        open_store("bolt://neo4j:x@127.0.0.1?policy=eu")


def test_a_schema_that_the_data_of_others_forbids_is_told_in_one_line(neo4j_url: str, neo4j_store: Store) -> None:
    neo4j_store.write([Step("DROP CONSTRAINT kgraph_task_id", {})])
    twins = "CREATE (:Task:Foreign {id: 7}), (:Task:Foreign {id: 7})"
    try:
        neo4j_store.write([Step(twins, {})])
        with pytest.raises(StoreError, match=r"^bolt://.*label `Task` and property `id` = 7") as caught:
            open_store(neo4j_url)
        assert "\n" not in str(caught.value)
    finally:
        neo4j_store.write([Step("MATCH (n:Foreign) DETACH DELETE n", {})])
        open_store(neo4j_url).close()
