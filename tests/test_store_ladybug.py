"""The embedded engine's own traps: plans, macros, locks, and files that are damaged."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ladybug
import pytest
from hypothesis import given, settings

from kgraph.errors import CypherError, ParameterError, StoreError
from kgraph.schema import ROLE_TYPES, Entity, LinkedPaper
from kgraph.store import GivenGraph, Step, Store, SyncReport, open_store, read_store, sync_store
from kgraph.store.statements import (
    finish_entities,
    remove_entities,
    remove_papers,
    write_entities,
    write_papers,
)
from tests.strategies import Graph, linked_papers, small_graph

_WRITER = """
import sys
from kgraph.store import open_store, sync_store
from tests.strategies import small_graph
store = open_store(sys.argv[1])
sync_store(store, *small_graph())
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a graph that holds the small graph and was closed properly."""
    with open_store(tmp_path / "x.kg") as store:
        sync_store(store, *small_graph())
    return tmp_path / "x.kg"


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `tmp_path / "x.kg"` open for writing, with the small graph in it, not checkpointed."""
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "x.kg")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def holds_small_graph(store: Store) -> bool:
    entities, papers = read_store(store)
    return (entities, list(papers)) == small_graph()


def shipped_writes() -> list[Step]:
    entities, papers = small_graph()
    # A role edge of every type to every label, so that every text is there.
    first = next(one for one in papers[0].statements if one.source == "p1")
    targets = ["method:bert", "dataset:glue", "task:question-answering"]
    copies = [(kind, target) for kind in ROLE_TYPES.values() for target in targets]
    roles = [replace(first, id=f"x{number}", type=kind, target=end) for number, (kind, end) in enumerate(copies)]
    every = [*papers, replace(papers[0], statements=tuple(roles))]
    same = {
        "dataset:glue": ("method:bert", "task:attention"),
        "method:attention": ("task:attention",),
    }
    joined = [replace(entities[key], same_term=others) for key, others in same.items()]
    nodes = [*write_entities(entities.values(), finished=True), *finish_entities(joined)]
    return [*nodes, *write_papers(every, stored=["p1"]), *remove_papers(["p1"]), *remove_entities(entities)]


def explain(folder: Path, cypher: str, parameters: Mapping[str, Any]) -> str:
    """The engine's plan; asked of the engine itself, since a store takes even the plan of a write for a write."""
    database = ladybug.Database(folder / "graph.lb", buffer_pool_size=1 << 28)
    with ladybug.Connection(database) as connection:
        result = connection.execute(f"EXPLAIN {cypher}", dict(parameters))
        assert isinstance(result, ladybug.QueryResult)
        plan = str(result.get_all())
    database.close()
    return plan


def test_no_shipped_write_is_planned_as_a_cross_product(folder: Path) -> None:
    steps = {step.cypher: step.parameters for step in shipped_writes()}
    assert sum("CREATE" in cypher for cypher in steps) == 18
    for cypher, parameters in steps.items():
        plan = explain(folder, cypher, parameters)
        assert "CROSS_PRODUCT" not in plan, cypher
        if "CREATE" in cypher or "SAME_TERM_AS]->(b)" in cypher:
            assert plan.count("QUERY_PRIMARY_KEY_LOOKUP") == 2, cypher


def test_the_guard_against_cross_products_sees_one(folder: Path) -> None:
    careless = "UNWIND $rows AS row MERGE (n:Method {id: row.id}) SET n.name = row.name"
    assert "CROSS_PRODUCT" in explain(folder, careless, {"rows": [{"id": "a", "name": "b"}]})


def test_every_row_of_a_statement_has_the_same_keys_in_the_same_order() -> None:
    for step in shipped_writes():
        assert len({tuple(row) for row in step.parameters.get("rows", [])}) <= 1


def test_macros_are_there_after_reopening_for_reading(folder: Path) -> None:
    for _ in range(2):
        open_store(folder).close()
    with open_store(folder, read_only=True) as store:
        assert store.run(
            "MATCH (p:Paper {id: 'p1'})-[r:PROPOSES]->() RETURN type(r) AS type, toInteger('3') AS three, "
            "toFloat(1) AS one, head(['a', 'b']) AS head, last(['a', 'b']) AS last, split('a-b', '-') AS split"
        ) == [{"type": "PROPOSES", "three": 3, "one": 1.0, "head": "a", "last": "b", "split": ["a", "b"]}]


def test_everything_lies_in_one_folder(folder: Path) -> None:
    assert [file.name for file in folder.parent.iterdir()] == ["x.kg"]
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


def test_a_store_that_is_open_for_reading_cannot_be_written(folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        with pytest.raises(StoreError, match="read-only"):
            store.write([Step("CREATE (n:Paper {id: 'new'})", {})])
        assert holds_small_graph(store)


def test_reading_where_no_graph_is_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no graph here; run `kgraph build` first"):
        open_store(tmp_path / "none.kg", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(StoreError, match="cannot write here: Not a directory"):
        open_store(tmp_path / "file" / "x.kg")


def test_another_writer_is_named_and_a_reader_may_look_on(tmp_path: Path, writer: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "x.kg")
    assert re.search(rf"x\.kg: another process writes to it \(process {writer.pid}\)", str(caught.value))
    assert "\n" not in str(caught.value)
    with open_store(tmp_path / "x.kg", read_only=True) as store:
        assert holds_small_graph(store)


def test_a_second_writer_in_the_same_process_is_refused(folder: Path) -> None:
    with open_store(folder) as store:
        with pytest.raises(StoreError, match="open for writing already"):
            open_store(folder)
        assert holds_small_graph(store)
    with open_store(folder) as again:
        assert holds_small_graph(again)
        store.close()
        with pytest.raises(StoreError, match="open for writing already"):
            open_store(folder)


_SECOND_WRITER = """
import sys
from kgraph.errors import StoreError
from kgraph.store import open_store
try:
    open_store(sys.argv[1]).close()
except StoreError as error:
    print(error)
"""


def test_a_reader_that_is_closed_does_not_open_the_door_to_a_second_writer(folder: Path) -> None:
    def second_writer() -> str:
        command = [sys.executable, "-c", _SECOND_WRITER, str(folder)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with open_store(folder) as store:
        for _ in range(2):
            with open_store(folder, read_only=True) as reader:
                assert holds_small_graph(reader)
            with pytest.raises(StoreError, match="closed"):
                reader.run("RETURN 1 AS one")
        assert f"another process writes to it (process {os.getpid()})" in second_writer()
        refill(store, *small_graph())
        open_store(folder, read_only=True).close()
        assert f"another process writes to it (process {os.getpid()})" in second_writer()
    assert second_writer() == ""


def test_a_short_log_beside_a_large_file_is_left_and_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To take it up would rewrite most of the file."""
    monkeypatch.setattr("kgraph.store.ladybug_files._SMALL_FILE", 0)
    monkeypatch.setattr("kgraph.store.ladybug_files._LOG_SHARE", 1)
    log, file = folder / "graph.lb.wal", (folder / "graph.lb").read_bytes()
    sizes = []
    for paper_id in ("p1", "p2"):
        with open_store(folder) as store:
            store.write(list(remove_papers([paper_id])))
        assert (folder / "graph.lb").read_bytes() == file
        sizes.append(log.stat().st_size)
        with open_store(folder, read_only=True) as store:
            assert store.run("MATCH (p:Paper {id: $id}) RETURN p.id AS id", {"id": paper_id}) == []
    assert 0 < sizes[0] < sizes[1]
    os.utime(log)
    open_store(folder, read_only=True).close()
    assert log.stat().st_mtime > 0, "a reader does not know whether the log is whole"
    with open_store(folder) as store:
        assert not log.exists(), "a log that nobody left is taken up"
        sync_store(store, *small_graph())
        assert holds_small_graph(store)


def test_a_damaged_log_is_mended_and_kept_aside(
    tmp_path: Path, writer: subprocess.Popen[str], caplog: pytest.LogCaptureFixture
) -> None:
    writer.kill()
    writer.wait()
    folder = tmp_path / "x.kg"
    log = folder / "graph.lb.wal"
    damaged = bytearray(log.read_bytes())
    middle = len(damaged) * 3 // 4
    damaged[middle : middle + 32] = b"\xff" * 32
    log.write_bytes(damaged)
    with open_store(folder, read_only=True) as store:
        assert not holds_small_graph(store)
    with caplog.at_level(logging.WARNING, logger="kgraph"), open_store(folder) as store:
        sync_store(store, *small_graph())
        assert holds_small_graph(store)
    assert "mended" in caplog.text
    assert (folder / "damaged" / "graph.lb.wal").read_bytes() == damaged
    with open_store(folder, read_only=True) as store:
        assert holds_small_graph(store)


def test_a_log_that_the_engine_does_not_come_back_from_is_set_aside(
    tmp_path: Path, writer: subprocess.Popen[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which damage makes it spin depends on the engine, so here it gets no time at all."""
    writer.kill()
    writer.wait()
    folder = tmp_path / "x.kg"
    monkeypatch.setattr("kgraph.store.ladybug_files._TRIAL_SECONDS", 0)
    with pytest.raises(StoreError, match="does not come back from its log; `kgraph build` makes it again"):
        open_store(folder, read_only=True)
    with caplog.at_level(logging.WARNING, logger="kgraph"), open_store(folder) as store:
        assert store.run("MATCH (n) RETURN count(*) AS n") == [{"n": 0}]
    assert "begins empty" in caplog.text
    assert (folder / "damaged" / "graph.lb.wal").exists()


DAMAGES: dict[str, Callable[[bytes], dict[str, bytes]]] = {
    "no database at all": lambda good: {"graph.lb": b"no database" + good[11:]},
    "another storage version": lambda good: {"graph.lb": good[:8] + b"\xee" * 8 + good[16:]},
    "nonsense after the first page": lambda good: {"graph.lb": good[:4096] + b"\xff" * (len(good) - 4096)},
    "cut off, with a broken log": lambda good: {"graph.lb": good[:8192], "graph.lb.wal": b"junk" * 100},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_files_that_cannot_be_read_are_set_aside_when_they_are_written(
    folder: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    files = DAMAGES[damage]((folder / "graph.lb").read_bytes())
    for name, damaged in files.items():
        (folder / name).write_bytes(damaged)
    (folder / "damaged").mkdir()
    (folder / "damaged" / "graph.lb.shadow").write_bytes(b"of the last time")
    with pytest.raises(StoreError, match=r"cannot be opened: .*; `kgraph build` makes it again from the records"):
        open_store(folder, read_only=True)
    with caplog.at_level(logging.WARNING, logger="kgraph"), open_store(folder) as store:
        assert store.run("MATCH (n) RETURN count(*) AS n") == [{"n": 0}]
        sync_store(store, *small_graph())
        assert holds_small_graph(store)
    assert "begins empty" in caplog.text
    assert {file.name: file.read_bytes() for file in (folder / "damaged").iterdir()} == files


@pytest.mark.parametrize("junk", [b"\0" * 8192, b"junk" * 100], ids=["zeros", "junk"])
def test_a_log_that_is_all_nonsense_costs_nothing_that_was_in_the_file(folder: Path, junk: bytes) -> None:
    (folder / "graph.lb.wal").write_bytes(junk)
    with open_store(folder, read_only=True) as store:
        assert holds_small_graph(store)
    with open_store(folder) as store:
        assert holds_small_graph(store)


def test_a_reader_waits_while_a_writer_tidies_up(folder: Path) -> None:
    file = folder / "graph.lb"
    whole = file.read_bytes()
    # To a reader, a file in the middle of a checkpoint looks like one that was cut off.
    file.write_bytes(whole[:8192])
    finished = threading.Timer(0.5, file.write_bytes, [whole])
    finished.start()
    with open_store(folder, read_only=True) as store:
        assert holds_small_graph(store)
    finished.join()


def test_a_graph_of_another_version_begins_anew_when_it_is_written(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    older = folder / "graph.lb"
    older.unlink()
    database = ladybug.Database(older, buffer_pool_size=1 << 28)
    with ladybug.Connection(database) as connection:
        connection.execute("CREATE NODE TABLE Paper(id STRING PRIMARY KEY, name STRING)")
    database.close()
    with pytest.raises(StoreError, match=r"no graph of this version of kgraph; run `kgraph build`"):
        open_store(folder, read_only=True)
    with caplog.at_level(logging.WARNING, logger="kgraph"), open_store(folder) as store:
        sync_store(store, *small_graph())
        assert holds_small_graph(store)
    assert "made by another version" in caplog.text
    with open_store(folder) as store:
        assert holds_small_graph(store)


def test_a_list_of_several_types_is_no_parameter_here(ladybug_store: Store) -> None:
    with pytest.raises(ParameterError, match="cannot take"):
        ladybug_store.run("RETURN $x AS x", {"x": [1, "a"]})


def test_a_store_that_was_closed_says_so(folder: Path) -> None:
    store = open_store(folder)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.run("RETURN 1 AS one")


@pytest.mark.parametrize(
    "cypher",
    [
        "COPY (MATCH (p:Paper) RETURN p.id) TO '{}'",
        "  // a comment\n /* and another */ copy (MATCH (p:Paper) RETURN p.id) to '{}'",
        "EXPORT DATABASE '{}'",
        "LOAD FROM '{}' RETURN *",
        "UNWIND [1] AS x LOAD FROM '{}' (file_format='csv') RETURN *",
        "INSTALL fts",
    ],
)
def test_a_reading_text_cannot_reach_files(ladybug_store: Store, tmp_path: Path, cypher: str) -> None:
    with pytest.raises(CypherError, match="outside the database"):
        ladybug_store.run(cypher.format(tmp_path / "x.csv"))
    assert not (tmp_path / "x.csv").exists()


def test_a_text_that_only_speaks_of_files_is_run(ladybug_store: Store) -> None:
    cypher = "/* COPY */ WITH 'LOAD FROM here' AS text RETURN text // EXPORT"
    assert ladybug_store.run(cypher) == [{"text": "LOAD FROM here"}]


# Filled in one go


def content(store: Store) -> Graph:
    entities, papers = read_store(store)
    return entities, list(papers)


def refill(store: Store, entities: Mapping[str, Entity], papers: Iterable[LinkedPaper]) -> None:
    source = GivenGraph(entities, papers)
    store.refill(source.entities(), source.papers())


def test_a_graph_is_filled_in_one_go_and_can_be_written_on(folder: Path) -> None:
    entities, papers = small_graph()
    with open_store(folder) as store:
        sync_store(store, entities, papers[2:])
        refill(store, entities, papers)
        assert holds_small_graph(store)
        assert store.run("MATCH (n) WHERE n.kind <> label(n) RETURN n.id AS id") == []
        assert sync_store(store, entities, papers[:3]).removed == 3
        kept = content(store)
    with open_store(folder, read_only=True) as store:
        assert content(store) == kept
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


@given(graph=linked_papers())
@settings(max_examples=20)
def test_filling_in_one_go_equals_syncing(ladybug_store: Store, graph: Graph) -> None:
    refill(ladybug_store, *graph)
    assert content(ladybug_store) == graph
    assert sync_store(ladybug_store, *graph) == SyncReport(0, 0, 0, len(graph[1]), 0, 0)


def test_a_store_may_be_filled_with_nothing(folder: Path) -> None:
    with open_store(folder) as store:
        refill(store, {}, [])
        assert content(store) == ({}, [])


@pytest.mark.parametrize("name", ["it's [1]", "a*b?", "back\\slash", "ü {x,y}"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    with open_store(tmp_path / name) as store:
        refill(store, *small_graph())
        assert holds_small_graph(store)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda entities, papers: (entities, [*papers[:2], papers[0]]), "duplicated primary key value p1"),
        (lambda entities, papers: ([*entities, entities[0]], papers), "duplicated primary key value"),
        (lambda entities, papers: (entities[1:], papers), "Unable to find primary key value"),
    ],
    ids=["a paper twice", "an entity twice", "an entity is missing"],
)
def test_a_broken_graph_leaves_the_old_one_as_it_was(folder: Path, broken: Callable[..., Any], said: str) -> None:
    entities, papers = small_graph()
    with open_store(folder) as store:
        with pytest.raises(StoreError, match=said) as caught:
            store.refill(*broken(list(entities.values()), papers))
        assert "\n" not in str(caught.value)
        assert holds_small_graph(store)
        store.write(list(remove_papers(["p1"])))
        assert len(content(store)[1]) == len(papers) - 1
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


def test_an_error_of_who_gives_the_papers_is_theirs_and_leaves_the_graph_as_it_was(folder: Path) -> None:
    entities, papers = small_graph()

    def some() -> Iterator[LinkedPaper]:
        yield from papers[:3]
        raise ValueError("no more")

    with open_store(folder) as store:
        with pytest.raises(ValueError, match="^no more$"):
            store.refill(entities.values(), some())
        assert holds_small_graph(store)
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


_FULL_DISK = """
import resource, sys
from kgraph.errors import StoreError
from kgraph.store import open_store, read_store
from tests.strategies import small_graph
from tests.synthetic import synthetic_graph
with open_store(sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    entities, papers = synthetic_graph(300)
    try:
        store.refill(entities.values(), papers)
    except StoreError as error:
        print(error)
    entities, papers = read_store(store)
    print((entities, list(papers)) == small_graph())
"""


@pytest.mark.parametrize("size", [20_000, 200_000])
def test_a_full_disk_leaves_the_graph_as_it_was(folder: Path, size: int) -> None:
    command = [sys.executable, "-c", _FULL_DISK, str(folder), str(size)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(said) == 2, said
    assert said[1] == "True"
    with open_store(folder) as store:
        assert holds_small_graph(store)
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


_REFILLER = """
import sys
from kgraph.store import open_store
from tests.strategies import small_graph
entities, papers = small_graph()
def slowly():
    for paper in papers:
        print("paper", flush=True)
        sys.stdin.readline()
        yield paper
with open_store(sys.argv[1]) as store:
    store.refill(entities.values(), slowly())
    print("done", flush=True)
    sys.stdin.read()
"""


def test_others_may_read_but_not_write_while_a_graph_is_filled(tmp_path: Path) -> None:
    folder, (entities, papers) = tmp_path / "x.kg", small_graph()
    with open_store(folder) as store:
        sync_store(store, entities, papers[:2])
        before = content(store)
    command = [sys.executable, "-c", _REFILLER, str(folder)]
    with (
        open_store(folder, read_only=True) as reader,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as refiller,
    ):
        assert refiller.stdin is not None
        assert refiller.stdout is not None
        for _ in papers:
            assert refiller.stdout.readline() == "paper\n"
            with pytest.raises(StoreError, match=rf"another process writes to it \(process {refiller.pid}\)"):
                open_store(folder)
            with open_store(folder, read_only=True) as other:
                assert content(other) == before
            refiller.stdin.write("\n")
            refiller.stdin.flush()
        assert refiller.stdout.readline() == "done\n"
        with pytest.raises(StoreError, match=rf"another process writes to it \(process {refiller.pid}\)"):
            open_store(folder)
        with open_store(folder, read_only=True) as other:
            assert holds_small_graph(other)
        assert content(reader) == before
        refiller.stdin.close()


def test_a_draft_that_was_left_is_removed_by_the_next_writer(folder: Path) -> None:
    (folder / "draft").mkdir()
    (folder / "draft" / "graph.lb").write_bytes(b"half")
    with open_store(folder, read_only=True) as store:
        assert holds_small_graph(store)
    with open_store(folder) as store:
        assert holds_small_graph(store)
    assert [file.name for file in folder.iterdir()] == ["graph.lb"]


# Limits

_ENDLESS = (
    "UNWIND range(1, 20000) AS a UNWIND range(1, 20000) AS b UNWIND range(1, 20000) AS c RETURN sum(a % b % c) AS n"
)


def test_a_text_is_stopped_in_time_and_the_store_goes_on(folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        started = time.monotonic()
        with pytest.raises(CypherError, match=r"^the query was stopped after 0.5 s"):
            store.run(_ENDLESS, seconds=0.5)
        assert time.monotonic() - started < 10
        assert holds_small_graph(store)


def test_ctrl_c_ends_a_long_text(folder: Path) -> None:
    with open_store(folder, read_only=True) as store:
        # A shell starts what runs in the background with this signal ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        press = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
        press.start()
        with pytest.raises(KeyboardInterrupt):
            store.run(_ENDLESS, seconds=60)
        press.join()
        signal.signal(signal.SIGINT, before)
        assert holds_small_graph(store)


def test_what_a_text_writes_before_it_is_stopped_is_undone(folder: Path) -> None:
    with open_store(folder) as store:
        with pytest.raises(CypherError, match="was stopped"):
            store.run(f"CREATE (p:Paper {{id: 'new'}}) WITH p {_ENDLESS}", seconds=0.5, write=True)
        assert holds_small_graph(store)
