"""The files of the library: what their headers say is true, their examples have rows, their page is fresh."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgraph.analyze import analyze_store, write_analysis
from kgraph.build import build
from kgraph.cypher_files import cypher_folder
from kgraph.errors import UnknownQueryError
from kgraph.query import Query, find_query, list_queries, run_query
from kgraph.query.parameters import check_parameters, is_type
from kgraph.sample import sample_path
from kgraph.store import Store, open_store
from tests.test_query_lint import code, order_columns

ENGINES = ("ladybug", "neo4j")
QUERIES = list_queries()
DOCS = Path(__file__).parent.parent / "docs"
# What finds nothing in the sample, because nothing is wrong with it.
FINDS_NOTHING = {"mutual-bases", "papers-without-entities", "papers-without-year"}
FORMULA = re.compile(r"round\(1 - 10 .*?, 4\)")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("library") / "sample.kg"
    build([sample_path()], folder)
    with open_store(folder) as store:
        write_analysis(store, analyze_store(store))
        yield store


def header(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("//")]


def test_every_file_is_listed_once_with_its_variants() -> None:
    stems = [path.stem for path in (cypher_folder() / "queries").glob("*.cypher")]
    variants = [stem for stem in stems if "." in stem]
    shared = [stem for stem in stems if "." not in stem]
    assert sorted({*shared, *(stem.partition(".")[0] for stem in variants)}) == [query.name for query in QUERIES]
    assert len(QUERIES) >= 25
    for name in {stem.partition(".")[0] for stem in variants} - set(shared):
        assert {f"{name}.{engine}" for engine in ENGINES} <= set(variants)


def test_variants_differ_in_their_text_only() -> None:
    folder = cypher_folder() / "queries"
    one, other = (folder / f"shortest-path.{engine}.cypher" for engine in ENGINES)
    assert header(one) == header(other)
    texts = [find_query("shortest-path", engine).cypher for engine in ENGINES]
    assert ["allShortestPaths" in text for text in texts] == [False, True]
    for query in QUERIES:
        found = {header(path)[0] for path in folder.glob(f"{query.name}.*cypher")}
        assert len(found) == 1


@pytest.mark.parametrize("name", ["nope", "../schema/neo4j", "", "Methods-For-Task", "shortest-path.neo4j"])
def test_an_unknown_query_is_refused(name: str) -> None:
    with pytest.raises(UnknownQueryError, match="kgraph query --list"):
        find_query(name)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_header_says_what_is_answered_and_what_is_taken(query: Query) -> None:
    assert re.match(r"[A-Z][^?]*\?(?: [A-Z][^?]*\.)?$", query.question)
    assert set(re.findall(r"\$(\w+)", query.cypher)) == {parameter.name for parameter in query.parameters}
    assert all(parameter.about and is_type(parameter.type) for parameter in query.parameters)
    assert query.example.startswith(f"kgraph query {query.name}")
    given = {parameter.name: "1" for parameter in query.parameters if parameter.default is None}
    assert check_parameters(query, given).keys() == {parameter.name for parameter in query.parameters}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_an_example_has_rows_in_the_sample(sample: Store, query: Query) -> None:
    rows = run_query(sample, query.name, **query.example_values)
    assert bool(rows) == (query.name not in FINDS_NOTHING)
    if query.edges:
        assert rows.to_graph().number_of_edges() == len(rows) * len(query.edges)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_no_query_multiplies_whole_tables(sample: Store, query: Query) -> None:
    given = {parameter.name: "1" for parameter in query.parameters if parameter.default is None}
    plan = str(sample.run(f"EXPLAIN {query.cypher}", check_parameters(query, given)))
    assert "SCAN" in plan or "LOOKUP" in plan
    assert "CROSS_PRODUCT" not in plan


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_order_of_rows_leaves_nothing_open(sample: Store, query: Query) -> None:
    rows = run_query(sample, query.name, **query.example_values)
    columns = [column for column in order_columns(code(query.cypher)) if rows and column in rows[0]]
    assert len({tuple(row[column] for column in columns) for row in rows}) == len(rows)


def test_every_confidence_is_computed_in_the_same_words() -> None:
    formulas = {found for query in QUERIES for found in FORMULA.findall(query.cypher)}
    assert len(formulas) == 1
    for query in QUERIES:
        bounds = {p.name: p.default for p in query.parameters if p.name.startswith("min_")}
        weighs = FORMULA.search(query.cypher) is not None
        assert bounds == ({"min_papers": "1", "min_confidence": "0"} if weighs else {})


def test_the_page_about_the_library_is_made_from_the_headers() -> None:
    render = runpy.run_path(str(DOCS / "make_queries.py"))["render_queries"]
    assert (DOCS / "queries.md").read_text(encoding="utf-8") == render(QUERIES)
