"""The records: papers joined from their readings, extractions kept until text or pipeline changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgraph.errors import StoreError
from kgraph.records import Changes, Records, open_records
from kgraph.schema import (
    METHOD,
    TASK,
    Abbreviation,
    Evidence,
    Extraction,
    Mention,
    Merge,
    Paper,
    PaperEntity,
    PaperRelation,
)
from tests.strategies import papers

PAPER = Paper("p1", "A title", "We use Adam for training.", source="a.jsonl")
EVIDENCE = Evidence("We use Adam for training.", 8, 33)
EXTRACTION = Extraction(
    "p1",
    (
        PaperEntity(METHOD, "Adam", ("Adam",), "used", 0.75, EVIDENCE, (Mention("Adam", 15, 19),), "test"),
        PaperEntity(TASK, "training", ("training",), "mentioned", 0.5, EVIDENCE, (), "test"),
    ),
    (
        PaperRelation("USED_FOR", "Adam", "training", 0.25, EVIDENCE, "test"),
        PaperRelation("USED_FOR", "Adam", "training", 0.5, EVIDENCE, "test", Evidence("A title", 0, 7)),
    ),
    (Abbreviation("A", "Adam"),),
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with open_records(tmp_path / "db" / "records.sqlite") as opened:
        yield opened


def stored(records: Records) -> list[Paper]:
    return [paper for paper, _ in records.papers()]


def in_memory() -> Records:
    return open_records(":memory:")


def test_papers_and_extractions_come_back_as_they_went_in(records: Records) -> None:
    other = replace(PAPER, id="p2", title="Other", authors=("A. Uthor", "B. Uthor"), published="2020", doi="10.1/x")
    assert records.add_papers([other, PAPER]) == Changes(added=2)
    records.add_extractions([EXTRACTION], "v1")
    assert list(records.papers()) == [(PAPER, EXTRACTION), (other, Extraction("p2"))]


def test_namings_are_what_linking_looks_at_of_every_extraction(records: Records) -> None:
    other = Paper("p0", "Nothing in it", "", source="a.jsonl")
    records.add_papers([other, PAPER])
    records.add_extractions([EXTRACTION, Extraction("p0", (), (), (Abbreviation("B", "Bad"),))], "v1")
    empty, full = records.namings()
    assert empty == Extraction("p0", (), (), (Abbreviation("B", "Bad"),))
    assert (full.paper_id, full.relations, full.abbreviations) == ("p1", (), EXTRACTION.abbreviations)
    expected = [(entity.label, entity.name, entity.surfaces) for entity in EXTRACTION.entities]
    assert [(entity.label, entity.name, entity.surfaces) for entity in full.entities] == expected


def test_only_papers_without_an_extraction_of_this_version_are_pending(records: Records) -> None:
    records.add_papers([PAPER])
    assert list(records.pending("v1")) == [PAPER]
    records.add_extractions([EXTRACTION], "v1")
    assert (list(records.pending("v1")), records.count_pending("v1")) == ([], 0)
    assert (list(records.pending("v2")), records.count_pending("v2")) == ([PAPER], 1)


def test_a_new_extraction_takes_the_place_of_the_old_one(records: Records) -> None:
    records.add_papers([PAPER])
    records.add_extractions([EXTRACTION], "v1")
    records.add_extractions([replace(EXTRACTION, relations=())], "v2")
    assert list(records.papers()) == [(PAPER, replace(EXTRACTION, relations=()))]


def test_a_second_run_over_the_same_papers_changes_nothing(tmp_path: Path) -> None:
    copy = replace(PAPER, id="other-id", source="b.jsonl", url="https://example.org", published="2020")
    for expected in (Changes(added=1, changed=1), Changes(unchanged=2)):
        with open_records(tmp_path / "r.sqlite") as records:
            assert records.add_papers([PAPER, copy]) == expected
            assert stored(records) == [replace(PAPER, id="other-id", url="https://example.org", published="2020")]


def test_a_paper_whose_text_changed_in_its_file_is_replaced_and_extracted_again(tmp_path: Path) -> None:
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_papers([PAPER])
        records.add_extractions([EXTRACTION], "v1")
    shorter = replace(PAPER, abstract="Now short.")
    with open_records(tmp_path / "r.sqlite") as records:
        assert records.add_papers([shorter]) == Changes(changed=1)
        assert list(records.pending("v1")) == [shorter]
        assert list(records.papers()) == [(shorter, Extraction("p1"))]


def test_a_change_of_what_is_known_about_a_paper_needs_no_new_extraction(tmp_path: Path) -> None:
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_papers([PAPER])
        records.add_extractions([EXTRACTION], "v1")
    with open_records(tmp_path / "r.sqlite") as records:
        assert records.add_papers([replace(PAPER, published="2021")]) == Changes(changed=1)
        assert list(records.papers()) == [(replace(PAPER, published="2021"), EXTRACTION)]
        assert records.count_pending("v1") == 0


def test_two_versions_in_one_file_are_joined_and_stay_so(tmp_path: Path) -> None:
    longer = replace(PAPER, abstract="Another and longer text, with more to say.")
    for expected in (Changes(added=1, changed=1), Changes(unchanged=2)):
        with open_records(tmp_path / "r.sqlite") as records:
            assert records.add_papers([PAPER, longer]) == expected
            assert stored(records) == [longer]


def test_papers_that_a_mistake_joined_part_when_it_is_mended(tmp_path: Path) -> None:
    one = Paper("a", "One", "text one", source="a", doi="10.1000/x")
    two = Paper("b", "Two", "text two", source="b", doi="10.1000/x")
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_papers([one, two])
        assert len(stored(records)) == 1
    mended = replace(two, doi="10.1000/y")
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_papers([one, mended])
        assert stored(records) == [one, mended]


def test_papers_of_different_files_that_share_a_row_number_stay_apart(records: Records) -> None:
    one = Paper("1", "BERT for X", "We use BERT.", source="i1.csv")
    other = Paper("1", "U-Net for Z", "We use U-Net.", source="i2.csv")
    records.add_papers([one])
    records.add_papers([other])
    found = stored(records)
    assert {paper.title for paper in found} == {"BERT for X", "U-Net for Z"}
    assert all(paper.id.startswith("1~") for paper in found)
    with in_memory() as turned:
        turned.add_papers([other, one])
        assert stored(turned) == found


def test_a_third_reading_joins_two_papers_that_nothing_joined_before(records: Records) -> None:
    by_doi = Paper("a", "T", "text one", source="a", doi="10.1000/x")
    by_arxiv = Paper("b", "T", "text two!", source="b", arxiv_id="2401.00001")
    bridge = Paper("c", "T", "", source="c", doi="10.1000/x", arxiv_id="2401.00001")
    records.add_papers([by_doi, by_arxiv])
    assert len(stored(records)) == 2
    records.add_papers([bridge])
    (joined,) = stored(records)
    assert (joined.id, joined.doi, joined.arxiv_id, joined.abstract) == ("a", "10.1000/x", "2401.00001", "text two!")


def test_a_removed_paper_takes_all_that_belongs_to_it_and_can_come_back(records: Records) -> None:
    records.add_papers([PAPER])
    records.add_extractions([EXTRACTION], "v1")
    assert records.remove_papers(["p1", "unknown"]) == 1
    assert list(records.papers()) == []
    assert records.add_papers([PAPER]) == Changes(added=1)
    assert list(records.pending("v1")) == [PAPER]


def test_merges_are_those_of_the_last_linking(records: Records) -> None:
    merges = [Merge("method:a", "A", "spelling", 1), Merge("method:b", "B", "alias file", 2)]
    with records.linking() as links:
        links.write_merges(["method:b"], [Merge("method:b", "B", "why", 2)])
        links.write_merges(["method:a", "method:b"], merges)
    assert records.links.merges() == merges
    assert records.links.merges("method:b") == merges[1:]


def test_an_extraction_of_what_has_changed_since_is_left_out(tmp_path: Path) -> None:
    with open_records(tmp_path / "r.sqlite") as one, open_records(tmp_path / "r.sqlite") as other:
        one.add_papers([PAPER, replace(PAPER, id="gone", title="Another title", doi="", arxiv_id="", url="")])
        extracted = [replace(EXTRACTION, paper_id=paper.id) for paper in one.pending("v1")]
        other.add_papers([replace(PAPER, abstract="Another text.")])
        other.remove_papers(["gone"])
        one.add_extractions(extracted, "v1")
        assert [paper.abstract for paper in one.pending("v1")] == ["Another text."]


def test_a_batch_that_fails_leaves_nothing(records: Records) -> None:
    def papers_that_fail() -> Iterator[Paper]:
        yield PAPER
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        records.add_papers(papers_that_fail())
    assert records.count_papers() == 0


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_text("this is not a database, it is a text " * 100)
    with pytest.raises(StoreError, match="r.sqlite: file is not a database"):
        open_records(tmp_path / "r.sqlite")


def make_older(path: Path, version: int) -> None:
    """Take out of a file of today what came with later versions."""
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    truth = {"papers", "readings", "paper_keys", "entities", "relations", "abbreviations"}
    for table in set(tables) - truth:
        connection.execute(f"DROP TABLE {table}")
    connection.executescript(
        "DROP INDEX papers_unlinked; ALTER TABLE papers DROP COLUMN linked;"
        f"CREATE TABLE merges (entity_id TEXT NOT NULL, alias TEXT NOT NULL); PRAGMA user_version = {version};"
    )
    if version == 1:
        connection.execute("ALTER TABLE relations DROP COLUMN context")
    connection.close()


@pytest.mark.parametrize("version", [1, 2])
def test_records_of_an_older_version_are_brought_up_to_date(tmp_path: Path, version: int) -> None:
    old = replace(EXTRACTION, relations=tuple(replace(one, context=None) for one in EXTRACTION.relations))
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_papers([PAPER])
        records.add_extractions([old], "v1")
    make_older(tmp_path / "r.sqlite", version)
    for _ in range(2):
        with open_records(tmp_path / "r.sqlite") as records:
            assert list(records.papers()) == [(PAPER, old)]
            assert records.count_pending("v1") == 0
    with open_records(tmp_path / "r.sqlite") as records:
        records.add_extractions([EXTRACTION], "v2")
        assert list(records.papers()) == [(PAPER, EXTRACTION)]


@pytest.mark.parametrize("version", [1, 2])
def test_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    for name in ("old", "new"):
        open_records(tmp_path / name).__exit__(None, None, None)
    make_older(tmp_path / "old", version)
    open_records(tmp_path / "old").__exit__(None, None, None)
    tables = []
    for name in ("old", "new"):
        connection = sqlite3.connect(tmp_path / name)
        names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        found = [row[0] for row in connection.execute(names).fetchall()]
        tables.append([(table, connection.execute(f"PRAGMA table_info({table})").fetchall()) for table in found])
        tables.append(connection.execute("PRAGMA user_version").fetchall())
        connection.close()
    assert tables[:2] == tables[2:]


def test_records_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "r.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="format 99"):
        open_records(tmp_path / "r.sqlite")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "r.sqlite") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / "r.sqlite").read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_records(tmp_path / "r.sqlite")
    assert (tmp_path / "r.sqlite").read_bytes() == before


def test_a_snapshot_does_not_see_what_others_write(tmp_path: Path) -> None:
    with open_records(tmp_path / "r.sqlite") as one, open_records(tmp_path / "r.sqlite") as other:
        with one.snapshot():
            assert one.count_papers() == 0
            other.add_papers([PAPER])
            assert one.count_papers() == 0
        assert one.count_papers() == 1


def test_two_writers_at_once_get_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgraph.records.records.LOCK_SECONDS", 0.1)
    with open_records(tmp_path / "r.sqlite") as one, open_records(tmp_path / "r.sqlite") as other:

        def write_from_the_other() -> Iterator[Paper]:
            with pytest.raises(StoreError, match="another process is writing"):
                other.add_papers([PAPER])
            yield PAPER

        one.add_papers(write_from_the_other())
        assert stored(other) == [PAPER]


@given(st.lists(papers(), max_size=6), st.randoms())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_the_papers_does_not_matter(drawn: list[Paper], random: object) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with in_memory() as one, in_memory() as other:
        one.add_papers(drawn)
        for paper in shuffled:
            other.add_papers([paper])
        assert list(one.papers()) == list(other.papers())
