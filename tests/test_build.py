"""The main job: the same graph in one go, paper by paper, in any order, and after being stopped."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest

from kgraph.build import RECORDS, build, extract_rows, link, list_merges, load
from kgraph.errors import NotFoundError
from kgraph.extract import load_pipeline, pipeline_version
from kgraph.records import open_records
from kgraph.sample import sample_path
from kgraph.schema import Entity, LinkedPaper
from kgraph.store import open_store, read_store

LINES = sample_path().read_text(encoding="utf-8").splitlines()
Graph = tuple[dict[str, Entity], list[LinkedPaper]]


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def stored(db: Path) -> Graph:
    with open_store(db, read_only=True) as store:
        entities, papers = read_store(store)
        return entities, list(papers)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("build")
    build([write(folder / "papers.jsonl", LINES)], folder / "x.kg")
    return stored(folder / "x.kg")


def test_the_report_says_what_was_done(tmp_path: Path) -> None:
    source = write(tmp_path / "papers.jsonl", LINES)
    first = build([source], tmp_path / "x.kg")
    assert (first.papers.added, first.extracted, first.failed, first.linked.sync.added) == (61, 61, (), 61)
    assert first.linked.entities > 200
    again = build([source], tmp_path / "x.kg")
    assert (again.papers.added, again.papers.changed, again.extracted) == (0, 0, 0)
    assert (
        again.linked.sync.added,
        again.linked.sync.replaced,
        again.linked.sync.removed,
        again.linked.sync.unchanged,
    ) == (0, 0, 0, 61)


def test_the_order_of_the_papers_does_not_matter(tmp_path: Path, whole: Graph) -> None:
    shuffled = random.Random(7).sample(LINES, len(LINES))
    build([write(tmp_path / "papers.jsonl", shuffled)], tmp_path / "x.kg")
    assert stored(tmp_path / "x.kg") == whole


def test_building_in_pieces_equals_building_in_one_go(tmp_path: Path, whole: Graph) -> None:
    rest = iter(LINES)
    while piece := list(islice(rest, 9)):
        build([write(tmp_path / "papers.jsonl", piece)], tmp_path / "x.kg")
    assert stored(tmp_path / "x.kg") == whole


def test_a_changed_paper_is_replaced(tmp_path: Path) -> None:
    paper = {"id": "a", "title": "", "abstract": "We propose ZipNet for image classification on CIFAR-10."}
    build([write(tmp_path / "in.jsonl", [json.dumps(paper)])], tmp_path / "x.kg")
    paper["abstract"] = "We propose ZapNet for image classification on MNIST."
    report = build([write(tmp_path / "in.jsonl", [json.dumps(paper)])], tmp_path / "x.kg")
    assert (report.papers.changed, report.extracted, report.linked.sync.replaced) == (1, 1, 1)
    names = {entity.name for entity in stored(tmp_path / "x.kg")[0].values()}
    assert "ZapNet" in names
    assert not {"ZipNet", "CIFAR-10"} & names


def test_an_alias_file_is_applied_without_extracting_again(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", LINES)
    build([source], tmp_path / "x.kg")
    aliases = tmp_path / "mine.toml"
    aliases.write_text('[[same]]\nlabel = "Dataset"\nname = "ILSVRC"\naliases = ["ImageNet"]\n')
    report = build([source], tmp_path / "x.kg", aliases=aliases)
    assert report.extracted == 0
    assert report.linked.sync.replaced > 0
    entities = stored(tmp_path / "x.kg")[0]
    assert entities["dataset:ilsvrc"].name == "ILSVRC"
    assert "dataset:imagenet" not in entities
    with open_records(tmp_path / "x.kg" / RECORDS) as records:
        merges = {merge.alias: merge.reason for merge in records.links.merges("dataset:ilsvrc")}
    assert merges["ImageNet"] == "alias file"


def test_a_build_that_is_killed_goes_on_and_ends_equal(tmp_path: Path, whole: Graph) -> None:
    source = write(tmp_path / "papers.jsonl", LINES)
    db = tmp_path / "x.kg"
    code = f"import kgraph.build as b; b.BATCH = 4; b.build([{str(source)!r}], {str(db)!r})"
    version, killed_with_work_left = pipeline_version(load_pipeline()), 0
    for wait in (0.0, 0.1, 0.2):
        process = subprocess.Popen([sys.executable, "-c", code])
        deadline = time.monotonic() + 30
        while not (db / RECORDS).exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        time.sleep(wait)
        process.kill()
        killed = process.wait() == -signal.SIGKILL
        with open_records(db / RECORDS) as records:
            killed_with_work_left += killed and (records.count_papers() < 61 or records.count_pending(version) > 0)
    assert killed_with_work_left
    build([source], db)
    assert stored(db) == whole


def test_a_paper_that_fails_is_named_in_every_run_and_the_others_are_stored(tmp_path: Path) -> None:
    huge = {"id": "huge", "title": "Huge", "abstract": "Far too long. " * 100_000}
    source = write(tmp_path / "in.jsonl", [json.dumps(huge), LINES[0]])
    for _ in range(2):
        report = build([source], tmp_path / "x.kg")
        (failed,) = report.failed
        assert failed.startswith("huge: ")
    assert len(stored(tmp_path / "x.kg")[1]) == 2
    assert stored(tmp_path / "x.kg")[0]


def test_a_load_beside_another_writer_sees_one_state(tmp_path: Path) -> None:
    build([write(tmp_path / "one.jsonl", LINES[:20])], tmp_path / "x.kg")
    removed: list[int] = []
    with open_store(tmp_path / "copy.kg") as store:

        def remove_one(step: str, done: int, total: int | None) -> None:
            with open_records(tmp_path / "x.kg" / RECORDS) as records:
                removed.append(records.remove_papers([json.loads(LINES[0])["id"]]))

        assert load(tmp_path / "x.kg", store, on_progress=remove_one).added == 20
        assert removed == [1]
        assert load(tmp_path / "x.kg", store).removed == 1


def test_a_graph_that_is_gone_is_made_again_from_the_records(tmp_path: Path, whole: Graph) -> None:
    source = write(tmp_path / "papers.jsonl", LINES)
    build([source], tmp_path / "x.kg")
    for path in (tmp_path / "x.kg").glob("graph.*"):
        path.unlink()
    assert build([source], tmp_path / "x.kg").extracted == 0
    assert stored(tmp_path / "x.kg") == whole


def test_extract_rows_gives_every_paper_in_the_order_of_the_input(tmp_path: Path) -> None:
    rows = list(extract_rows([write(tmp_path / "papers.jsonl", LINES)]))
    assert [row["id"] for row in rows] == [json.loads(line)["id"] for line in LINES if "sample-062" not in line]


def test_input_without_any_paper_is_an_error_but_leaves_what_is_stored(tmp_path: Path, whole: Graph) -> None:
    empty = write(tmp_path / "empty.jsonl", ["{}"])
    with pytest.raises(NotFoundError, match="no paper"):
        build([empty], tmp_path / "x.kg")
    build([write(tmp_path / "papers.jsonl", LINES)], tmp_path / "x.kg")
    build([empty], tmp_path / "x.kg")
    assert stored(tmp_path / "x.kg") == whole


def test_loading_a_database_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with open_store(tmp_path / "target.kg") as store, pytest.raises(NotFoundError, match="kgraph build INPUT"):
        load(tmp_path / "none.kg", store)


def test_another_embedded_store_can_be_loaded_too(tmp_path: Path) -> None:
    build([write(tmp_path / "papers.jsonl", LINES)], tmp_path / "x.kg")
    with open_store(tmp_path / "copy.kg") as store:
        assert load(tmp_path / "x.kg", store).added == 61
        assert load(tmp_path / "x.kg", store).unchanged == 61
    assert stored(tmp_path / "copy.kg") == stored(tmp_path / "x.kg")


# Linking again


def test_linking_again_takes_another_alias_file(tmp_path: Path) -> None:
    db = tmp_path / "x.kg"
    build([write(tmp_path / "papers.jsonl", LINES)], db)
    (entity, *_) = entities_of(db)
    file = write(tmp_path / "mine.toml", [f'[[rename]]\nname = "{entity}"\nto = "Shown Otherwise"'])
    report = link(db, aliases=file)
    assert (report.unmatched, report.sync.entities_updated) == ((), 1)
    assert "Shown Otherwise" in entities_of(db) and entity not in entities_of(db)
    assert link(db).sync.entities_updated == 0  # the file stays with the database
    assert link(db, aliases=write(tmp_path / "none.toml", [])).sync.entities_updated == 1
    assert entity in entities_of(db)


def test_a_name_that_no_entity_bears_is_told(tmp_path: Path) -> None:
    db = tmp_path / "x.kg"
    build([write(tmp_path / "papers.jsonl", LINES)], db)
    report = link(db, aliases=write(tmp_path / "mine.toml", ['[[drop]]\nnames = ["no such thing at all"]']))
    assert [(one.table, one.name) for one in report.unmatched] == [("drop", "no such thing at all")]


def test_merges_are_listed_with_their_reasons(tmp_path: Path) -> None:
    db = tmp_path / "x.kg"
    build([write(tmp_path / "papers.jsonl", LINES)], db)
    rows = list_merges(db)
    assert [row["papers"] for row in rows] == sorted((row["papers"] for row in rows), reverse=True)
    assert all(row["reason"] and row["alias"] != row["entity"] for row in rows)
    one = rows[0]
    assert one in list_merges(db, one["alias"])
    assert {row["entity"] for row in list_merges(db, one["id"])} == {one["entity"]}
    with pytest.raises(NotFoundError):
        list_merges(db, "no such thing at all")
    with pytest.raises(NotFoundError):
        list_merges(tmp_path / "nothing.kg")


def entities_of(db: Path) -> list[str]:
    with open_store(db, read_only=True) as store:
        return [entity.name for entity in read_store(store)[0].values()]
