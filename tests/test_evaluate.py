"""Scores by hand on small annotations, the shared scorer's own words on random and real ones, and the command."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.cli import main
from kgraph.console import write_scores
from kgraph.evaluate import (
    ALL,
    AnnotatedEntity,
    Annotation,
    Count,
    find_misses,
    make_annotation,
    match_entities,
    score_papers,
)
from kgraph.schema import ENTITY_LABELS, RELATION_TYPES, ROLES

ANNOTATION = Path(__file__).parents[1] / "../shared/annotation"
Row = dict[str, Any]


def entity(label: str, name: str, *surfaces: str, role: str = "used") -> Row:
    return {"type": label, "name": name, "surfaces": [name, *surfaces], "role": role}


def row(paper_id: str, *entities: Row, relations: Iterable[tuple[str, str, str]] = (), **texts: str) -> Row:
    return {"id": paper_id, **texts, "entities": list(entities), "relations": [list(one) for one in relations]}


GOLD = [
    row(
        "p1",
        entity("Method", "graph pruning network", "GPN", role="proposed"),
        entity("Method", "message passing"),
        entity("Method", "random walks", role="compared"),
        entity("Dataset", "ZebraBench", role="proposed"),
        entity("Task", "node classification"),
        relations=[
            ("USED_FOR", "graph pruning network", "node classification"),
            ("EVALUATED_ON", "graph pruning network", "ZebraBench"),
            ("COMPARED_WITH", "graph pruning network", "random walks"),
        ],
    ),
    row("p2", entity("Task", "tide forecasting", role="proposed")),
]
PREDICTED = [
    row(
        "p1",
        entity("Method", "GPN"),  # exact
        entity("Method", "neural message passing"),  # relaxed
        entity("Task", "random walks"),  # the wrong type
        entity("Dataset", "Zebra-Bench"),  # exact
        entity("Task", "classification"),  # relaxed
        entity("Metric", "accuracy"),  # no type that is scored
        relations=[
            ("USED_FOR", "GPN", "classification"),  # right
            ("EVALUATED_ON", "neural message passing", "Zebra-Bench"),  # the wrong method
            ("COMPARED_WITH", "GPN", "random walks"),  # to what matches nothing
            ("BASED_ON", "GPN", "neural message passing"),  # not in the gold
        ],
    ),
    row("p3", entity("Method", "Adam")),  # a paper that the gold does not have
]
FIGURES = """\
exact    Method   P 0.500  R 0.333  F1 0.400  (gold 3)
exact    Dataset  P 1.000  R 1.000  F1 1.000  (gold 1)
exact    Task     P 0.000  R 0.000  F1 0.000  (gold 2)
exact    all      P 0.400  R 0.333  F1 0.364  (gold 6)
relaxed  Method   P 1.000  R 0.667  F1 0.800  (gold 3)
relaxed  Dataset  P 1.000  R 1.000  F1 1.000  (gold 1)
relaxed  Task     P 0.500  R 0.500  F1 0.500  (gold 2)
relaxed  all      P 0.800  R 0.667  F1 0.727  (gold 6)
proposed entities found (recall, relaxed) 0.667  (gold 3)
relations         P 0.250  R 0.333  F1 0.286  (gold 3)
"""
MISSES = """\
--- p1
  missed: ['random walks']
  wrong:  ['random walks (Task)']
--- p2
  missed: ['tide forecasting']
  wrong:  []
"""


def annotated(rows: Iterable[Row]) -> list[Annotation]:
    return [make_annotation(one) for one in rows]


def printed(gold: list[Row], predicted: list[Row], errors: int = 0) -> str:
    """What `kgraph evaluate` prints."""
    known, found = annotated(gold), annotated(predicted)
    with redirect_stdout(io.StringIO()) as out:
        write_scores(score_papers(known, found), list(find_misses(known[:errors], found)), "table")
    return out.getvalue()


def write_jsonl(path: Path, rows: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("one", "other", "exact", "relaxed"),
    [
        (["Graph-Nets"], ["graph nets"], True, True),
        (["graph nets"], ["Graph Net"], True, True),
        (["graphnet"], ["graph nets"], True, True),  # one word or two
        (["GPN", "graph pruning network"], ["GPN"], True, True),
        (["class"], ["clas"], False, False),  # no plural
        (["GAs"], ["GA"], False, False),  # too short for one
        (["C++"], ["C"], False, False),
        (["A*"], ["A"], False, False),
        (["D'Hondt method"], ["D’Hondt method"], True, True),
        (["message passing"], ["neural message passing"], False, True),
        (["passing"], ["message passing networks"], False, True),
        (["message networks"], ["message passing networks"], False, True),  # the last word and one more
        (["message networks"], ["passing networks"], False, False),  # only the last word
        (["passing message"], ["message passing"], False, False),  # the same words, another last one
        (["net"], ["planet"], False, False),  # no whole word
        (["sparse net", "x"], ["y", "very sparse net"], False, True),
        (["—"], ["graph"], False, False),
    ],
)
def test_what_matches(one: list[str], other: list[str], exact: bool, relaxed: bool) -> None:
    for left, right in ((one, other), (other, one)):
        pairs = match_entities(
            [AnnotatedEntity("Method", left[0], tuple(left))], [AnnotatedEntity("Method", right[0], tuple(right))]
        )
        assert (bool(pairs.exact), bool(pairs.relaxed)) == (exact, relaxed)


def test_exact_matches_come_first_and_a_gold_entity_is_taken_once() -> None:
    gold = [AnnotatedEntity("Task", name) for name in ("object detection", "detection", "tracking")]
    predicted = [AnnotatedEntity("Task", name) for name in ("fast detection", "detection", "object tracking", "track")]
    pairs = match_entities(gold, predicted)
    assert pairs.exact == {1: 1}
    assert pairs.relaxed == {1: 1, 2: 2}
    assert match_entities(gold, [AnnotatedEntity("Method", "detection")]).relaxed == {}


def test_the_name_counts_as_a_surface() -> None:
    gold = [AnnotatedEntity("Task", "tide forecasting", ("forecasting of tides",))]
    assert match_entities(gold, [AnnotatedEntity("Task", "tide forecasting")]).exact == {0: 0}


def test_figures_by_hand() -> None:
    scores = score_papers(annotated(GOLD), annotated(PREDICTED))
    assert scores.exact == {
        "Method": Count(gold=3, predicted=2, right=1),
        "Dataset": Count(gold=1, predicted=1, right=1),
        "Task": Count(gold=2, predicted=2, right=0),
        "all": Count(gold=6, predicted=5, right=2),
    }
    assert scores.relaxed["all"] == Count(6, 5, 4)
    assert scores.relations[ALL] == Count(gold=3, predicted=4, right=1)
    assert (scores.proposed, scores.proposed_found) == (3, 2)
    assert printed(GOLD, PREDICTED) == FIGURES
    assert printed(GOLD, PREDICTED, errors=9) == MISSES + FIGURES


def test_nothing_predicted_and_nothing_known_are_zero() -> None:
    for gold, predicted in ((GOLD, []), ([row("p1")], PREDICTED)):
        scores = score_papers(annotated(gold), annotated(predicted))
        counts = [*scores.exact.values(), *scores.relaxed.values(), *scores.relations.values()]
        assert {(count.precision, count.recall, count.f1) for count in counts} == {(0, 0, 0)}
        assert scores.proposed_recall == 0


# Words that meet often, also as plurals, compounds and parts of each other.
_WORDS = st.sampled_from(["graph", "Graphs", "net", "nets", "GRAPHNET", "loss", "C++", "—", "naïve", "x_1", "A*", "’s"])
_NAMES = st.builds(str.join, st.sampled_from([" ", "-", ""]), st.lists(_WORDS, min_size=1, max_size=3))


def _entities(labels: Iterable[str]) -> st.SearchStrategy[list[Row]]:
    fields = {"type": st.sampled_from(sorted(labels)), "name": _NAMES, "surfaces": st.lists(_NAMES, max_size=2)}
    return st.lists(st.fixed_dictionaries(fields, optional={"role": st.sampled_from([*ROLES, None])}), max_size=5)


@st.composite
def _rows(draw: st.DrawFn, labels: Iterable[str]) -> list[Row]:
    rows = []
    for paper_id in draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True)):
        entities = draw(_entities(labels))
        ends = st.sampled_from([one["name"] for one in entities]) | _NAMES if entities else _NAMES
        relations = draw(st.lists(st.tuples(st.sampled_from(RELATION_TYPES[:2]), ends, ends), max_size=6))
        rows.append(row(paper_id, *entities, relations=relations))
    return rows


@given(_rows(ENTITY_LABELS), _rows(ENTITY_LABELS))
def test_matches_are_one_to_one_within_a_type_and_exact_ones_are_relaxed(gold: list[Row], predicted: list[Row]) -> None:
    known, found = annotated(gold)[0].entities, annotated(predicted)[0].entities
    pairs = match_entities(known, found)
    assert pairs.exact.items() <= pairs.relaxed.items()
    assert len(set(pairs.relaxed.values())) == len(pairs.relaxed)
    assert all(found[j].label == known[i].label for j, i in pairs.relaxed.items())


@given(_rows(ENTITY_LABELS))
def test_the_gold_against_itself_is_found_whole(gold: list[Row]) -> None:
    known = annotated(gold)
    scores = score_papers(known, reversed(known))
    for counts in (scores.exact, scores.relaxed):
        assert all(count.gold == count.predicted == count.right for count in counts.values())
    assert scores.proposed == scores.proposed_found
    assert all(not one.missed and not one.wrong for one in find_misses(known, known))


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    path = ANNOTATION / "score.py"
    if not path.exists():
        pytest.skip(f"no {path}: the shared scorer is not on this machine")
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Score = Callable[[list[Row], list[Row], int], str]


@pytest.fixture
def shared_score(scorer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """What the shared scorer prints."""

    def score(gold: list[Row], predicted: list[Row], errors: int) -> str:
        files = [str(write_jsonl(tmp_path / name, rows)) for name, rows in (("gold", gold), ("predicted", predicted))]
        monkeypatch.setattr(sys, "argv", ["score.py", *files, "--errors", str(errors)])
        with redirect_stdout(io.StringIO()) as out:
            scorer.main()
        return out.getvalue()

    return score


@settings(max_examples=200)
@given(_rows(ENTITY_LABELS), _rows([*ENTITY_LABELS, "Metric"]), st.integers(0, 4))
def test_every_line_is_that_of_the_shared_scorer(
    shared_score: Score, gold: list[Row], predicted: list[Row], errors: int
) -> None:
    assert printed(gold, predicted, errors) == shared_score(gold, predicted, errors)


def test_the_figures_by_hand_are_those_of_the_shared_scorer(shared_score: Score) -> None:
    assert shared_score(GOLD, PREDICTED, 9) == MISSES + FIGURES


@pytest.mark.parametrize("name", ["seeds", "arxiv", "more"])
def test_the_shared_gold_gets_the_figures_of_the_shared_scorer(shared_score: Score, name: str) -> None:
    gold = _shared_rows(name)
    predicted = list(_spoilt(gold, random.Random(name)))
    assert printed(gold, predicted, 25) == shared_score(gold, predicted, 25)


def test_what_the_pipeline_finds_gets_the_figures_of_the_shared_scorer(
    scorer: ModuleType, run: Run, tmp_path: Path
) -> None:
    gold = write_jsonl(tmp_path / "gold.jsonl", _shared_rows("arxiv")[:20])
    predicted = tmp_path / "predicted.jsonl"
    run("extract", str(gold), "-o", str(predicted))
    command = [sys.executable, str(scorer.__file__), str(gold), str(predicted), "--errors", "3"]
    expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert run("evaluate", str(gold), "--errors", "3").stdout == expected
    assert run("evaluate", str(gold), "--predicted", str(predicted), "--errors", "3").stdout == expected


def _shared_rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (ANNOTATION / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _spoilt(gold: list[Row], chance: random.Random) -> Iterator[Row]:
    """The gold as a bad extraction would have it: some papers, entities and relations lost, the rest altered."""
    for paper in gold:
        if chance.random() < 0.9:
            kept = [_altered(one, chance) for one in paper["entities"] if chance.random() < 0.8]
            names = {old["name"]: new["name"] for old, new in kept}
            relations = [
                (kind, names.get(head, head), names.get(tail, tail))
                for kind, head, tail in paper["relations"]
                if chance.random() < 0.8
            ]
            entities = [new for _, new in kept]
            chance.shuffle(entities)
            yield row(paper["id"], *entities, relations=relations)


def _altered(old: Row, chance: random.Random) -> tuple[Row, Row]:
    name, words = old["name"], old["name"].split()
    name = chance.choice([name, name.upper(), f"new {name}", " ".join(words[1:]), " ".join(words[:-1])])
    label = chance.choice([old["type"]] * 5 + ["Task", "Metric"])
    return old, {"type": label, "name": name or "thing", "surfaces": chance.choice([[], old["surfaces"][1:]])}


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: str, code: int = 0, stdin: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(main, [*arguments], input=stdin)
        assert result.exit_code == code, result.output
        assert isinstance(result.exception, SystemExit | None)
        return result

    return invoke


@pytest.fixture
def gold_file(tmp_path: Path) -> str:
    return str(write_jsonl(tmp_path / "gold.jsonl", GOLD))


@pytest.fixture
def predicted_file(tmp_path: Path) -> str:
    return str(write_jsonl(tmp_path / "predicted.jsonl", PREDICTED))


_ABSTRACT = "We propose ZapNet for $\\alpha$-tides."
PAPERS = [
    row(
        "a",
        entity("Method", "ZipNet", role="proposed"),
        entity("Task", "image classification"),
        title="ZipNet: a network",
        abstract="We propose ZipNet for image classification.",
    ),
    row("b", entity("Method", "ZapNet", role="proposed"), title="ZapNet", abstract=_ABSTRACT),
    # `kgraph extract` drops a paper that has come before; one that is annotated is scored.
    row("c", entity("Method", "ZapNet", role="proposed"), title="ZapNet", abstract=_ABSTRACT),
]


def test_the_command_scores_a_file_of_predictions(run: Run, gold_file: str, predicted_file: str) -> None:
    result = run("evaluate", gold_file, "--predicted", predicted_file, "--errors", "2")
    assert result.stdout == MISSES + FIGURES
    assert "predicted.jsonl lacks 1 of 2 papers" in result.stderr


def test_the_command_extracts_and_scores_what_extract_prints(run: Run, tmp_path: Path) -> None:
    gold = str(write_jsonl(tmp_path / "gold.jsonl", PAPERS))
    result = run("evaluate", gold, "--errors", "3")
    assert "relaxed  all      P 0.000" not in result.stdout
    assert "extracted 3 papers in" in result.stderr
    assert run("evaluate", gold, "--errors", "3", "--workers", "2").stdout == result.stdout
    found = run("extract", gold).stdout  # which drops the repeat
    (tmp_path / "found.jsonl").write_text(found + found.splitlines()[1].replace('"id": "b"', '"id": "c"') + "\n")
    assert run("evaluate", gold, "--errors", "3", "--predicted", str(tmp_path / "found.jsonl")).stdout == result.stdout


def test_the_gold_is_read_once_so_that_it_can_come_from_a_pipe(run: Run, tmp_path: Path) -> None:
    plain = run("evaluate", str(write_jsonl(tmp_path / "gold.jsonl", PAPERS))).stdout
    text = (tmp_path / "gold.jsonl").read_bytes()
    (tmp_path / "gold.jsonl.gz").write_bytes(gzip.compress(text))
    assert run("evaluate", "-", stdin=text).stdout == plain
    assert run("evaluate", str(tmp_path / "gold.jsonl.gz")).stdout == plain


def test_json_holds_the_same_figures(run: Run, gold_file: str, predicted_file: str) -> None:
    out = run("evaluate", gold_file, "--predicted", predicted_file, "--format", "json", "--errors", "1").stdout
    scores = json.loads(out)
    assert scores["relaxed"]["all"] == {
        "gold": 6,
        "predicted": 5,
        "right": 4,
        "precision": 0.8,
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(8 / 11),
    }
    assert scores["exact"]["Dataset"]["f1"] == 1
    assert scores["proposed"] == {"gold": 3, "right": 2, "recall": pytest.approx(2 / 3)}
    assert scores["relations"]["right"] == 1
    assert [miss["paper_id"] for miss in scores["misses"]] == ["p1"]
    assert [one["name"] for one in scores["misses"][0]["wrong"]] == ["random walks"]


def test_ids_are_paired_as_extract_prints_them(run: Run, tmp_path: Path) -> None:
    gold = write_jsonl(tmp_path / "gold.jsonl", [{**GOLD[0], "id": 7}, {**GOLD[1], "id": " two\u00a0words "}])
    found = write_jsonl(tmp_path / "found.jsonl", [{**GOLD[0], "id": "7"}, {**GOLD[1], "id": "two words"}])
    result = run("evaluate", str(gold), "--predicted", str(found))
    assert "relaxed  all      P 1.000  R 1.000" in result.stdout
    assert result.stderr == ""


GOOD = json.dumps({**GOLD[1], "title": "Tide forecasting"}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "bad.jsonl: no papers in it"),
        (b"\n \n", "bad.jsonl: no papers in it"),
        (GOOD + b"\n\n{not json\n", "bad.jsonl:3: not JSON: Expecting property name"),
        (b'{"id": "x", "entities": [', "bad.jsonl:1: not JSON"),
        (b"[" * 100_000, "bad.jsonl:1: not JSON: too deep"),
        (b'{"id": ' + b"1" * 5000 + b"}", "bad.jsonl:1: not JSON: too deep, or a number is too long"),
        (b"[]", "bad.jsonl:1: not an object"),
        (b'{"entities": [], "relations": []}', "bad.jsonl:1: no id"),
        (b'{"id": null, "entities": [], "relations": []}', "bad.jsonl:1: no id"),
        (b'{"id": " ", "entities": [], "relations": []}', "bad.jsonl:1: no id"),
        (b'{"id": "x", "relations": []}', "bad.jsonl:1: no list of entities"),
        (b'{"id": "x", "entities": {}, "relations": []}', "bad.jsonl:1: no list of entities"),
        (b'{"id": "x", "entities": []}', "bad.jsonl:1: no list of relations"),
        (b'{"id": "x", "entities": ["BERT"], "relations": []}', "bad.jsonl:1: not an entity"),
        (b'{"id": "x", "entities": [{"type": "Task"}], "relations": []}', "bad.jsonl:1: not an entity"),
        (b'{"id": "x", "entities": [{"type": "Task", "name": 1}], "relations": []}', "bad.jsonl:1: not an entity"),
        (
            b'{"id": "x", "entities": [{"type": "Task", "name": "x", "surfaces": "x"}], "relations": []}',
            "bad.jsonl:1: not an entity",
        ),
        (b'{"id": "x", "entities": [], "relations": [["USED_FOR", "a"]]}', "bad.jsonl:1: not a relation"),
        (GOOD + b"\n" + GOOD, "bad.jsonl:2: the paper 'p2' is in line 1 too"),
        (b'{"id": "\xff", "entities": [], "relations": []}', "bad.jsonl:1: not valid UTF-8"),
        (b'{"id": "\\ud800", "entities": [], "relations": []}', "bad.jsonl:1: not valid UTF-8"),
        (gzip.compress(GOOD * 1000)[:-9], "damaged gzip"),
    ],
)
def test_a_broken_file_is_one_line_with_its_place(
    run: Run, tmp_path: Path, gold_file: str, content: bytes, message: str
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(content)
    calls = [["evaluate", str(bad), "--predicted", gold_file], ["evaluate", str(bad)]]
    if "no papers" not in message:
        calls.append(["evaluate", gold_file, "--predicted", str(bad)])
    for call in calls:
        result = run(*call, code=1)
        assert message in result.stderr
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.jsonl"], 1, "none.jsonl: cannot be opened: No such file"),
        (["."], 1, "cannot be opened: Is a directory"),
        (["GOLD", "--predicted", "none.jsonl"], 1, "none.jsonl: cannot be opened"),
        (["GOLD"], 1, "gold.jsonl:1: no title and no abstract to extract from"),
        (["BLANK"], 1, "blank.jsonl:1: neither title nor abstract"),
        (["PAPERS", "--model", "no_such_model"], 2, "no_such_model"),
        (["GOLD", "--predicted", "GOLD", "--model", "x"], 2, "not both"),
        (["GOLD", "--errors", "-1"], 2, "--errors"),
        (["GOLD", "--workers", "0"], 2, "--workers"),
        (["GOLD", "--format", "csv"], 2, "csv"),
        ([], 2, "Missing argument 'GOLD.jsonl'"),
    ],
)
def test_misuse_gets_one_line_and_its_exit_code(
    run: Run, tmp_path: Path, gold_file: str, arguments: list[str], code: int, message: str
) -> None:
    files = {"GOLD": gold_file, "PAPERS": str(write_jsonl(tmp_path / "papers.jsonl", PAPERS))}
    files["BLANK"] = str(write_jsonl(tmp_path / "blank.jsonl", [{**PAPERS[0], "title": " ", "abstract": "n/a"}]))
    result = run("evaluate", *(files.get(one, one) for one in arguments), code=code)
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [({"type": "method"}, "'method' is no type of entities: use Method"), ({"role": "new"}, "'new' is no role: use")],
)
def test_a_gold_file_has_no_other_types_and_roles(run: Run, tmp_path: Path, change: Row, message: str) -> None:
    wrong = {**GOLD[1], "entities": [{**GOLD[1]["entities"][0], **change}]}
    gold = str(write_jsonl(tmp_path / "gold.jsonl", [GOLD[0], wrong]))
    result = run("evaluate", gold, "--predicted", gold, code=1)
    assert f"gold.jsonl:2: {message}" in result.stderr
