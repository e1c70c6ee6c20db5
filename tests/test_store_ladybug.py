"""The embedded engine's own traps: plans, macros, locks, and files that are damaged."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ladybug
import pytest

from kgraph.errors import CypherError, ParameterError, StoreError
from kgraph.schema import ROLE_TYPES
from kgraph.store import Step, Store, open_store, read_store, sync_store
from kgraph.store.statements import (
    join_same_terms,
    part_same_terms,
    remove_nodes,
    remove_papers,
    replace_papers,
    write_entities,
)
from tests.strategies import small_graph

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
    steps = [*replace_papers(every, entities), *write_entities(entities.values()), *remove_papers(["p1"])]
    pairs = [
        ("dataset:glue", "method:bert"),
        ("dataset:glue", "task:attention"),
        ("method:attention", "task:attention"),
    ]
    steps += [*join_same_terms(pairs, entities), *part_same_terms(pairs)]
    return [*steps, *(step for label in ("Method", "Dataset", "Task") for step in remove_nodes(label, ["x"]))]


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
