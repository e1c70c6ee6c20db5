"""The command line: every command on the bundled sample, what goes to stdout, and every exit code."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kgraph.cli import main
from kgraph.sample import sample_path

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "sample.kg"
    result = CliRunner().invoke(main, ["build", str(sample_path()), "--db", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def run(db: Path) -> Run:
    def invoke(*arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, [*arguments], env={"KGRAPH_DB": str(db)}, input=stdin)
        assert result.exit_code == code, result.output
        return result

    return invoke


@pytest.fixture
def empty_folder(tmp_path: Path) -> Iterator[Path]:
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def test_a_second_build_changes_nothing_and_says_so(run: Run, db: Path) -> None:
    before = run("export", "jsonl", "-o", str(db.parent / "before"))
    again = run("build", str(sample_path()), "--db", str(db))
    assert "papers: 0 added, 0 changed" in again.stderr
    assert "extracted: 0 papers" in again.stderr
    assert "database: 0 changes" in again.stderr
    assert again.stdout == ""
    after = run("export", "jsonl", "-o", str(db.parent / "after"))
    assert before.stderr.split(":")[1] == after.stderr.split(":")[1]
    for name in ("nodes.jsonl", "edges.jsonl"):
        assert (db.parent / "before" / name).read_bytes() == (db.parent / "after" / name).read_bytes()


def test_extract_prints_one_paper_a_line(run: Run, tmp_path: Path) -> None:
    printed = run("extract", str(sample_path())).stdout.splitlines()
    run("extract", str(sample_path()), "-o", str(tmp_path / "out.jsonl"))
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines() == printed
    rows = [json.loads(line) for line in printed]
    assert len(rows) == 61
    assert {"id", "title", "entities", "relations", "statements"} <= set(rows[0])
    for row in rows:
        text = f"{row['title']}\n{row['abstract']}"
        for statement in row["statements"]:
            assert text[statement["start_char"] : statement["end_char"]] == statement["sentence"]
            assert 0 <= statement["score"] <= 1


def test_extract_reads_standard_input(run: Run) -> None:
    paper = {
        "id": "x",
        "title": "ZipNet: a network",
        "abstract": "We propose ZipNet for image classification on CIFAR-10.",
    }
    (row,) = map(json.loads, run("extract", "-", stdin=json.dumps(paper)).stdout.splitlines())
    assert row["id"] == "x"
    assert "ZipNet" in {entity["name"] for entity in row["entities"]}


@pytest.mark.parametrize("format", ["table", "json", "jsonl", "csv"])
def test_a_query_prints_its_rows_in_every_format(run: Run, format: str) -> None:
    out = run("query", "top-entities", "-p", "type=dataset", "-p", "limit=3", "--format", format).stdout
    readers: dict[str, Callable[[str], list[Any]]] = {
        "table": lambda text: text.splitlines()[1:],
        "json": json.loads,
        "jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
        "csv": lambda text: list(csv.DictReader(text.splitlines())),
    }
    rows = readers[format](out)
    assert len(rows) == 3
    assert "dataset:imagenet" in str(rows)


def test_a_cypher_text_of_ones_own_can_read_and_only_read(run: Run) -> None:
    text = "MATCH (p:Paper) WHERE p.year >= $since RETURN count(p.id) AS papers"
    (row,) = json.loads(run("query", "--cypher", text, "-p", "since=2020", "--format", "json").stdout)
    assert row["papers"] > 10
    refused = run("query", "--cypher", "MATCH (n) DETACH DELETE n", code=1)
    assert refused.stderr.startswith("Error: ")
    assert len(refused.stderr.splitlines()) == 1


def test_a_cypher_text_may_write_where_this_is_asked_for(run: Run, db: Path, tmp_path: Path) -> None:
    copy = str(shutil.copytree(db, tmp_path / "copy.kg"))
    text = "MATCH (p:Paper) WITH p ORDER BY p.id LIMIT 1 SET p.title = 'Mine' RETURN p.title AS title"
    written = run("query", "--cypher", text, "--write", "--db", copy, "--format", "json")
    assert json.loads(written.stdout) == [{"title": "Mine"}]
    assert "may bring nodes and edges back" in written.stderr
    count = ("query", "--cypher", "MATCH (p:Paper {title: 'Mine'}) RETURN count(*) AS n", "--format", "json")
    assert json.loads(run(*count, "--db", copy).stdout) == [{"n": 1}]
    assert json.loads(run(*count).stdout) == [{"n": 0}]
    silent = run("query", "--cypher", "MATCH (p:Paper) SET p.title = 'x'", "--write", "--db", copy)
    assert silent.stdout == ""


@pytest.mark.parametrize("question", [("top-entities",), ("--cypher", "MATCH (p:Paper) RETURN p.id AS id")])
def test_more_rows_than_asked_for_are_said_to_be_there(run: Run, question: tuple[str, ...]) -> None:
    few = run("query", *question, "--max-rows", "3", "--format", "json")
    assert len(json.loads(few.stdout)) == 3
    assert few.stderr == "these are the first 3 rows; --max-rows N shows more\n"
    all_of_them = run("query", *question, "--format", "json")
    assert json.loads(all_of_them.stdout)[:3] == json.loads(few.stdout)
    assert all_of_them.stderr == ""


def test_a_question_that_takes_too_long_is_stopped(run: Run) -> None:
    ranges = " ".join(f"UNWIND range(1, 20000) AS {name}" for name in "abc")
    stopped = run("query", "--cypher", f"{ranges} RETURN sum(a % b % c) AS n", "--timeout", "0.5", code=1)
    assert stopped.stderr == "Error: the query was stopped after 0.5 s: ask for less, or allow it more time\n"


def test_the_queries_are_listed_with_their_parameters(run: Run) -> None:
    rows = json.loads(run("query", "--list", "--format", "json").stdout)
    listed = {row["query"]: row["parameters"] for row in rows}
    assert listed["methods-for-task"] == "task: Task, min_papers: int = 1, min_confidence: float = 0, limit: int = 20"
    assert {"methods-for-task", "datasets-for-task", "papers-for-entity", "builds-on", "top-entities"} <= set(listed)


def test_show_search_and_why_answer_about_an_entity(run: Run) -> None:
    card = run("show", "imagenet").stdout
    assert card.startswith("ImageNet  (Dataset, ")
    assert json.loads(run("show", "imagenet", "--format", "json").stdout)["id"] == "dataset:imagenet"
    assert "ImageNet" in run("search", "IMAGENET").stdout
    neighbour = json.loads(run("show", "imagenet", "--format", "json").stdout)["relations_to"][0]["name"]
    why = run("why", neighbour, "imagenet").stdout
    assert "EVALUATED_ON ImageNet  (" in why
    assert "confidence 0." in why
    assert "“" in why


def test_why_marks_the_names_in_its_rows_and_keeps_one_type(run: Run) -> None:
    neighbour = json.loads(run("show", "imagenet", "--format", "json").stdout)["relations_to"][0]
    asked = ["why", neighbour["name"], "imagenet", "--format", "json"]
    rows = json.loads(run(*asked, "--type", "EVALUATED_ON").stdout)
    assert {row["type"] for row in rows} == {"EVALUATED_ON"} <= {neighbour["relation"], "EVALUATED_ON"}
    assert {(row["papers"], row["confidence"]) for row in rows} == {(neighbour["papers"], neighbour["confidence"])}
    for row in rows:
        text = row["sentence"] + row["context"]
        marked = {text[start:end] for start, end in row["marks"]}
        assert "ImageNet" in marked or not row["sentence"].count("ImageNet")
    assert json.loads(run(*asked, "--type", "SUBTASK_OF").stdout) == []
    assert "no SUBTASK_OF joins" in run(*asked[:3], "--type", "SUBTASK_OF").stdout


def test_why_emphasises_names_on_a_terminal_and_prints_plain_text_elsewhere(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour = json.loads(run("show", "imagenet", "--format", "json").stdout)["relations_to"][0]["name"]
    plain = run("why", neighbour, "imagenet").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    bold = run("why", neighbour, "imagenet").stdout
    assert "\x1b[1mImageNet\x1b[0m" in bold
    assert "\x1b" not in plain
    assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain


def test_bounds_on_support_and_confidence_work_in_query_view_and_export(run: Run, tmp_path: Path) -> None:
    asked = ["query", "relations-to", "-p", "entity=imagenet", "--format", "json"]
    rows = json.loads(run(*asked).stdout)
    assert json.loads(run(*asked, "--min-papers", "2").stdout) == [row for row in rows if row["papers"] >= 2] != rows
    bound = max(row["confidence"] for row in rows)
    sure = json.loads(run(*asked, "--min-confidence", str(bound)).stdout)
    assert sure == [row for row in rows if row["confidence"] >= bound] != rows

    def counts(*command: str) -> list[int]:
        return [int(number) for number in re.findall(r"(\d+) (?:nodes|edges)", run(*command).stderr)]

    for name, command in (("view.html", ["view"]), ("jsonl", ["export", "jsonl"])):
        whole, some, few = (
            counts(*command, "-o", str(tmp_path / f"{number}-{name}"), *bounds)
            for number, bounds in enumerate(
                ([], ["--min-papers", "2"], ["--min-papers", "2", "--min-confidence", "0.8"])
            )
        )
        assert whole > some >= few
        assert all(some)
    focus = ["view", "--focus", "imagenet", "-o", str(tmp_path / "focus.html")]
    assert 1 < counts(*focus, "--min-confidence", str(bound))[0] < counts(*focus)[0]
    assert "ask for less" in run("view", "--focus", "imagenet", "--min-papers", "50", code=1).stderr


def test_why_tells_of_papers_that_speak_of_both_where_no_statement_joins_two_entities(run: Run) -> None:
    text = (
        "MATCH (a:Dataset)<-[:USES]-(p:Paper)-[:USES]->(b:Dataset) WHERE a.id < b.id "
        "RETURN a.name AS one, b.name AS other ORDER BY one, other LIMIT 1"
    )
    (pair,) = json.loads(run("query", "--cypher", text, "--format", "json").stdout)
    assert "these papers speak of both" in run("why", pair["one"], pair["other"]).stdout
    assert "nothing connects" in run("why", "ImageNet", "LibriSpeech").stdout


def test_stats_count_every_kind(run: Run) -> None:
    counts = json.loads(run("stats", "--format", "json").stdout)
    assert counts["nodes"]["Paper"] == 61
    assert sum(counts["papers"].values()) == 61
    assert "PROPOSES" in run("stats").stdout


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ([], "kgraph"),
        (["--focus", "imagenet"], "ImageNet"),
        (["--focus", "imagenet", "--depth", "2"], "ImageNet"),
        (["--topic", "object detection"], "object detection"),
        (["--lineage"], "What builds on what"),
        (["--lineage", "transformer"], "The lineage of Transformer"),
        (["--lineage=transformer"], "The lineage of Transformer"),
        (["--compare", "imagenet", "coco"], "ImageNet and COCO"),
        (["--trend"], "What rises and fades"),
        (["--trend", "--by", "month"], "What rises and fades"),
        (["--overview"], "The whole graph"),
        (["--query", "builds-on", "-p", "method=seeddetr"], "builds-on (method=seeddetr)"),
        (["--query", "ambiguous-terms"], "ambiguous-terms"),
        (["--topic", "object detection", "--min-papers", "2", "--min-confidence", "0.5"], "object detection"),
    ],
)
def test_view_writes_one_page_of_each_kind(run: Run, tmp_path: Path, options: list[str], title: str) -> None:
    page = tmp_path / "page.html"
    said = run("view", "-o", str(page), *options).stderr
    found = re.fullmatch(r"(.*): (\d+) nodes, (\d+) edges; open it in a browser\n", said)
    assert found is not None
    assert found[1] == str(page)
    assert int(found[2]) > 1
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert f"<title>{title}</title>" in text


def test_view_of_a_paper_bears_its_title(run: Run, tmp_path: Path) -> None:
    (row,) = json.loads(run("query", "paper", "-p", "paper=sample-020", "--format", "json").stdout)
    run("view", "--focus", "sample-020", "-o", str(tmp_path / "page.html"))
    assert f"<title>{row['title']}</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "nodes"),
    [([], 12), (["--focus", "imagenet", "--depth", "2"], 12), (["--overview"], 12), (["--lineage"], 12)],
)
def test_view_keeps_its_limit(run: Run, tmp_path: Path, options: list[str], nodes: int) -> None:
    said = run("view", "-o", str(tmp_path / "page.html"), "--limit", "12", *options).stderr
    assert f": {nodes} nodes, " in said


def test_view_of_an_answer_has_its_rows_as_lines(run: Run, tmp_path: Path) -> None:
    asked = ["builds-on", "-p", "method=seeddetr"]
    rows = json.loads(run("query", *asked, "--format", "json").stdout)
    said = run("view", "-o", str(tmp_path / "page.html"), "--query", *asked).stderr
    assert f": {len(rows) + 1} nodes, {len(rows)} edges;" in said


def test_export_writes_both_formats(run: Run, tmp_path: Path) -> None:
    run("export", "graphml", "-o", str(tmp_path / "g.graphml"))
    run("export", "jsonl", "-o", str(tmp_path / "g"))
    assert {path.name for path in tmp_path.iterdir()} == {"g.graphml", "g"}


def test_the_demo_builds_answers_and_draws(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "demo")])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("$ kgraph query") == 3
    assert "no rows" not in result.stderr
    assert (tmp_path / "demo" / "graph.html").stat().st_size > 100_000


def test_an_alias_file_stays_with_the_database(tmp_path: Path) -> None:
    paper = {"id": "x", "title": "", "abstract": "We propose ZipNet for image classification on CIFAR-10."}
    (tmp_path / "in.jsonl").write_text(json.dumps(paper))
    (tmp_path / "mine.toml").write_text('[[same]]\nname = "Zipper Network"\naliases = ["ZipNet"]\n')
    db = ["--db", str(tmp_path / "x.kg")]
    for extra in (["--aliases", str(tmp_path / "mine.toml")], []):
        assert CliRunner().invoke(main, ["build", str(tmp_path / "in.jsonl"), *db, *extra]).exit_code == 0
        assert CliRunner().invoke(main, ["show", "zipnet", *db]).stdout.startswith("Zipper Network")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build"], 2, "Missing argument 'INPUT...'"),
        (["build", "none.jsonl"], 1, "none.jsonl"),
        (["build", "in.jsonl", "--db", "neo4j://localhost"], 2, "kgraph load URL"),
        (["build", "in.jsonl", "--aliases", "bad.toml"], 1, "bad.toml"),
        (["build", "in.jsonl", "--model", "no_such_model"], 2, "no_such_model"),
        (["build", "empty.jsonl"], 1, "no paper was found"),
        (["build", "--strict", "broken.jsonl"], 1, "broken.jsonl:2"),
        (["load", "localhost"], 2, "no URL of Neo4j"),
        (["load", "bolt://127.0.0.1:1"], 1, "127.0.0.1:1"),
        (["load", "bolt://127.0.0.1:1", "--db", "none.kg"], 1, "no database at none.kg"),
        (["query"], 2, "give one of"),
        (["query", "nope"], 2, "no query is called 'nope'"),
        (["query", "nope", "--list"], 2, "give one of"),
        (["query", "count-nodes", "-p", "x"], 2, "key=value"),
        (["query", "count-nodes", "--db", "none.kg"], 1, "run `kgraph build` first"),
        (["query", "methods-for-task"], 2, "needs a value for task"),
        (["query", "methods-for-task", "-p", "task=zzz"], 1, "no task is called 'zzz'"),
        (["query", "--cypher", "MATCH"], 1, "Error"),
        (["show", "zzz"], 1, "is called 'zzz'"),
        (["why", "zzz", "ImageNet"], 1, "is called 'zzz'"),
        (["view", "--focus", "zzz"], 1, "is called 'zzz'"),
        (["view", "--topic", "ImageNet"], 1, "no task is called 'ImageNet'"),
        (["view", "--lineage", "image classification"], 1, "no method is called 'image classification'"),
        (["view", "--lineage", "--min-papers", "50"], 1, "no relation of this support"),
        (["view", "--compare", "ImageNet", "zzz"], 1, "is called 'zzz'"),
        (["view", "--compare", "ImageNet"], 2, "'--compare' requires 2 arguments"),
        (["view", "--compare", "ImageNet", "imagenet"], 2, "two different entities"),
        (["view", "--focus", "ImageNet", "--trend"], 2, "give one of --focus and --trend"),
        (["view", "--overview", "--lineage"], 2, "give one of --lineage and --overview"),
        (["view", "--trend", "--by", "week"], 2, "'week'"),
        (["view", "-p", "task=x"], 2, "-p belongs to --query"),
        (["view", "--focus", "ImageNet", "-p", "task=x"], 2, "-p belongs to --query"),
        (["view", "--by", "month"], 2, "--by belongs to --trend"),
        (["view", "--topic", "object detection", "--depth", "2"], 2, "--depth belongs to --focus"),
        (["view", "--query", "nope"], 2, "no query is called 'nope'"),
        (["view", "--query", "builds-on"], 2, "needs a value for method"),
        (["view", "--query", "builds-on", "-p", "x"], 2, "key=value"),
        (["view", "--query", "count-nodes"], 2, "the rows of count-nodes are no graph"),
        (["view", "--query", "mutual-bases"], 1, "the answer has no rows"),
        (["view", "--focus", "ImageNet", "--min-papers", "50"], 1, "ask for less"),
        (["view", "--min-papers", "50"], 1, "ask for less"),
        (["view", "--overview", "--min-papers", "50"], 1, "ask for less"),
        (["view", "--topic", "object detection", "--min-papers", "50"], 1, "ask for less"),
        (["view", "--compare", "ImageNet", "COCO", "--min-papers", "50"], 1, "ask for less"),
        (["view", "--query", "first-seen", "--min-papers", "2"], 2, "first-seen has no parameter 'min_papers'"),
        (["view", "--limit", "0"], 2, "--limit"),
        (["view", "--limit", "200001"], 2, "1 to 200,000 nodes"),
        (["view", "--focus", "ImageNet", "--depth", "0"], 2, "--depth"),
        (["export", "rdf", "-o", "x"], 2, "graphml or neo4j-admin"),
        (["stats", "--db", "http://localhost"], 2, "http://"),
        (["stats", "--database", "papers"], 2, "--database is for a server: give its URL with --db"),
        (["why", "ImageNet", "ResNet", "--type", "LOVES"], 2, "'LOVES': it is one of USED_FOR, EVALUATED_ON"),
        (["query", "top-entities", "--min-papers", "2"], 2, "top-entities has no parameter 'min_papers'"),
        (["query", "count-nodes", "--min-confidence", "0.5"], 2, "it takes no parameters"),
        (["query", "relations-to", "-p", "entity=ImageNet", "--min-confidence", "1.5"], 2, "1.5"),
        (["query", "relations-to", "-p", "min_papers=1", "--min-papers", "2"], 2, "min_papers is given twice"),
        (["query", "--cypher", "RETURN 1 AS one", "--min-papers", "2"], 2, "belong to NAME"),
        (["query", "count-nodes", "--write"], 2, "--write belongs to --cypher"),
        (["query", "count-nodes", "--timeout", "0"], 2, "--timeout"),
        (["query", "count-nodes", "--max-rows", "0"], 2, "--max-rows"),
        (["query", "count-nodes", "-p", "seconds=1"], 2, "--timeout"),
        (["export", "jsonl", "-o", "x", "--min-papers", "0"], 2, "--min-papers"),
        (["nonsense"], 2, "No such command"),
        (["--nonsense"], 2, "No such option"),
        (["stats", "--format", "xx"], 2, "xx"),
        (["stats", "--db", ""], 2, "give a folder or a URL"),
        (["query", "--cypher", ""], 1, "exactly one"),
        (["query", "--cypher", "COPY (MATCH (p:Paper) RETURN p.id) TO 'x.csv'"], 1, "outside the database"),
        (["query", "count-nodes", "-p", "a=1", "-p", "a=2"], 2, "a is given twice"),
        (["query", "top-entities", "-p", "limit=-1"], 2, "above 0"),
        (["query", "top-entities", "-p", "limit=99999999999"], 2, "above 0"),
        (["show", "x" * 100_000], 1, "xxx"),
        (["build", "in.jsonl", "--db", "in.jsonl"], 1, "in.jsonl"),
        (["build", "in.jsonl", "--db", "in.jsonl", "--aliases", "good.toml"], 2, "in.jsonl"),
        (["view", "-o", "in.jsonl/x.html"], 2, "cannot write"),
        (["export", "graphml", "-o", "."], 2, "cannot write"),
        (["extract", "in.jsonl", "-o", "in.jsonl/x"], 2, "cannot write"),
        (["remove", "x", "--db", "none.kg"], 1, "no database at none.kg"),
        (["remove", "x", "--db", "bolt://localhost"], 2, "remove works on a folder"),
        (["load", "bolt://neo4j:12#s3cret@127.0.0.1:1"], 2, "cannot be read"),
    ],
)
def test_misuse_gets_one_line_and_its_exit_code(
    db: Path, empty_folder: Path, arguments: list[str], code: int, message: str
) -> None:
    good = '{"title": "A title", "abstract": "An abstract about Adam."}\n'
    (empty_folder / "in.jsonl").write_text(good)
    (empty_folder / "broken.jsonl").write_text(good + "{not json\n" + good)
    (empty_folder / "empty.jsonl").write_text("{}\n")
    (empty_folder / "bad.toml").write_text("[[same")
    (empty_folder / "good.toml").write_text("")
    environment = {} if arguments[0] == "build" else {"KGRAPH_DB": str(db)}
    result = CliRunner().invoke(main, arguments, env=environment)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert errors == result.stderr.splitlines()[-1:]
    assert len(result.stderr) < 2000
    assert "s3cret" not in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_one_broken_record_does_not_stop_a_build_and_is_reported_with_its_line(empty_folder: Path) -> None:
    good = '{"title": "%s", "abstract": "An abstract about Adam."}\n'
    (empty_folder / "in.jsonl").write_text(good % "one" + "{not json\n" + good % "two")
    result = CliRunner().invoke(main, ["build", "in.jsonl"])
    assert result.exit_code == 0
    assert "in.jsonl:2" in result.stderr
    assert "papers: 2 added" in result.stderr


def test_a_build_that_finds_no_paper_names_the_broken_records(empty_folder: Path) -> None:
    (empty_folder / "in.jsonl").write_text("{not json\n")
    result = CliRunner().invoke(main, ["build", "in.jsonl"])
    assert result.exit_code == 1
    assert "in.jsonl:1" in result.stderr
    assert result.stderr.splitlines()[-1] == "Error: no paper was found in the input"


def test_extract_that_fails_leaves_the_old_file(empty_folder: Path) -> None:
    (empty_folder / "old.jsonl").write_text("old")
    (empty_folder / "in.jsonl").write_text('{"title": "A", "abstract": "Good."}\n{not json\n')
    result = CliRunner().invoke(main, ["extract", "--strict", "in.jsonl", "-o", "old.jsonl"])
    assert result.exit_code == 1
    assert (empty_folder / "old.jsonl").read_text() == "old"
    assert {path.name for path in empty_folder.iterdir()} == {"in.jsonl", "old.jsonl"}


def test_a_removed_paper_is_gone_and_so_is_what_only_it_named(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "title": "", "abstract": "We propose ZipNet for image classification on CIFAR-10."},
        {"id": "b", "title": "", "abstract": "We propose ZapNet for image classification on CIFAR-10."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    db = ["--db", str(tmp_path / "x.kg")]
    assert CliRunner().invoke(main, ["build", str(tmp_path / "in.jsonl"), *db]).exit_code == 0
    assert "1 removed" in CliRunner().invoke(main, ["remove", "a", "unknown", *db]).stderr
    assert CliRunner().invoke(main, ["show", "ZipNet", *db]).exit_code == 1
    assert CliRunner().invoke(main, ["show", "CIFAR-10", *db]).stdout.startswith("CIFAR-10  (Dataset, 1 paper")


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "kgraph", "query", "--list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: output: No space left on device\n")


def test_a_stopped_build_says_that_it_can_go_on(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kgraph.build.link_records", stop)
    result = CliRunner().invoke(main, ["build", str(sample_path()), "--db", str(db)])
    assert result.exit_code == 1
    assert "goes on from there" in result.stderr


def test_help_starts_fast_and_loads_nothing_heavy() -> None:
    heavy = ("spacy", "networkx", "neo4j", "ladybug", "pyvis", "rich", "lxml", "pyarrow")
    code = f"import sys, kgraph.cli; print([name for name in {heavy} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )

    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kgraph", "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.3
