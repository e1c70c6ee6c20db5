"""The extraction as a whole: invariants, awkward texts, foreign pipelines, several processes, and its quality."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from kgraph.errors import UsageError
from kgraph.extract import extract_papers, extraction_row, load_pipeline, pipeline_version
from kgraph.extract.pipeline import COMPONENTS
from kgraph.schema import ENTITY_LABELS, RELATION_ENDS, ROLES, Extraction, Paper, PaperEntity

ANNOTATION = Path(__file__).parents[1] / "../shared/annotation"

PAPER = Paper(
    "p1",
    "TreeFold: Folding Decision Trees for Tabular Classification",
    "Tabular classification is a common problem. Gradient boosting is slow on it. We propose TreeFold, a method that "
    "folds decision trees into a graph neural network (GNN). Our GNNs are trained with Adam. We evaluate TreeFold on "
    "the OpenML-CC18 benchmark and on the Adult dataset. It outperforms XGBoost and CatBoost. Unlike random forests, "
    "TreeFold needs little memory. We do not use knowledge distillation.",
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


def extract(nlp: Language, title: str, abstract: str) -> Extraction:
    (extraction,) = extract_papers([Paper("x", title, abstract)], nlp=nlp, on_error=_fail)
    return extraction


def _fail(paper: Paper, reason: str) -> None:
    raise AssertionError(f"{paper.id}: {reason}")


def entity(extraction: Extraction, surface: str) -> PaperEntity:
    return next(e for e in extraction.entities if surface in e.surfaces)


def check(paper: Paper, extraction: Extraction) -> None:
    """What holds for every extraction."""
    assert extraction.paper_id == paper.id
    labels = {e.name: e.label for e in extraction.entities}
    assert len(labels) == len(extraction.entities)
    surfaces = [s for e in extraction.entities for s in e.surfaces]
    assert len(surfaces) == len(set(surfaces))
    for e in extraction.entities:
        assert e.label in ENTITY_LABELS and e.role in ROLES and 0 <= e.score <= 1
        assert e.name in e.surfaces
        assert {m.text for m in e.mentions} == set(e.surfaces)
        assert all(paper.text[m.start_char : m.end_char] == m.text for m in e.mentions)
        assert all(s in paper.title or s in paper.abstract for s in e.surfaces)
    for r in extraction.relations:
        assert (labels[r.source], labels[r.target]) == RELATION_ENDS[r.type]
        assert r.source != r.target and 0 <= r.score <= 1
    for one in (*extraction.entities, *extraction.relations):
        evidence = one.evidence
        assert evidence.sentence == paper.text[evidence.start_char : evidence.end_char] != ""
    triples = [(r.type, r.source, r.target) for r in extraction.relations]
    assert len(triples) == len(set(triples))


def test_a_paper_is_read_as_a_reader_would(nlp: Language) -> None:
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    check(PAPER, extraction)
    assert entity(extraction, "TreeFold").role == "proposed"
    assert entity(extraction, "TreeFold").label == "Method"
    assert set(entity(extraction, "GNN").surfaces) == {"graph neural network", "GNN", "GNNs"}
    assert entity(extraction, "GNN").name == "graph neural network"
    assert entity(extraction, "tabular classification".capitalize()).label == "Task"
    assert entity(extraction, "OpenML-CC18").label == "Dataset"
    assert ("GNN", "graph neural network") in [(a.short, a.long) for a in extraction.abbreviations]


def test_we_and_our_method_stand_for_the_proposal(nlp: Language) -> None:
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    triples = {(r.type, r.source, r.target) for r in extraction.relations}
    names = {s: e.name for e in extraction.entities for s in e.surfaces}
    assert ("EVALUATED_ON", names["TreeFold"], names["OpenML-CC18"]) in triples
    assert ("USED_FOR", names["TreeFold"], names["Tabular classification"]) in triples
    assert ("COMPARED_WITH", names["TreeFold"], names["XGBoost"]) in triples


def test_what_is_denied_is_not_used(nlp: Language) -> None:
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    for e in extraction.entities:
        if {"random forests", "knowledge distillation"} & set(e.surfaces):
            assert e.role in {"compared", "mentioned"}
            assert {r.type for r in extraction.relations if e.name in (r.source, r.target)} <= {"COMPARED_WITH"}


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("", ""),
        ("", "We propose LoRA."),
        ("Only a title about graph neural networks", ""),
        ("ATTENTION IS ALL THAT A TRANSFORMER FOR MACHINE TRANSLATION NEEDS", "WE TRAIN IT ON WMT 2014."),
        ("Emoji 🤖🔥", "We 🤖 fine-tune BERT 🤗 on SQuAD 👍🏽. It works 🎉"),
        ("Ein deutscher Titel", "Wir schlagen ein neuronales Netz zur Übersetzung vor. Es schlägt BERT."),
        ("图神经网络", "我们提出了一种图神经网络。它在 ImageNet 上很好。"),
        (
            "LaTeX remains",
            r"A bound of $\mathcal{O}(n \log n)$ for \textbf{SGD} (stochastic gradient descent) in $\ell_2$.",
        ),
        ("X\r\nY", "Line\nbreaks\nin the middle\tof graph neural\nnetworks."),
        ("(((", ")))(GNN) ( ) (a) ((b)) [c"),
        (" ", " \n \n"),
    ],
)
def test_awkward_texts_keep_the_invariants(nlp: Language, title: str, abstract: str) -> None:
    check(Paper("x", title, abstract), extract(nlp, title, abstract))


def test_a_long_text_is_read(nlp: Language) -> None:
    abstract = " ".join([PAPER.abstract] * 80)
    assert len(abstract.split()) > 5000
    check(Paper("x", PAPER.title, abstract), extract(nlp, PAPER.title, abstract))


def test_plural_and_hyphen_variants_are_one_entity(nlp: Language) -> None:
    extraction = extract(
        nlp,
        "Low-Rank Adaptation for Large Language Models",
        "We study low rank adaptation of a large language model. Low-rank adaptation helps large language models.",
    )
    forms = [sorted({s.lower().replace("-", " ").rstrip("s") for s in e.surfaces}) for e in extraction.entities]
    assert len(forms) == len({tuple(form) for form in forms})
    assert len(entity(extraction, "Low-Rank Adaptation").surfaces) == 3


def test_one_short_form_in_two_papers_has_two_meanings(nlp: Language) -> None:
    texts = ["We label text with a conditional random field (CRF).", "We read each case report form (CRF) of a trial."]
    longs = [extract(nlp, "", text).abbreviations[0].long for text in texts]
    assert longs == ["conditional random field", "case report form"]


@given(st.text(max_size=300), st.text(max_size=600))
@settings(max_examples=60, deadline=None)
def test_any_text_keeps_the_invariants(title: str, abstract: str) -> None:
    paper = Paper("x", title.replace("\n", " "), abstract)
    check(paper, extract(_shared(), paper.title, paper.abstract))


TEXT = """We propose GNN (GNN) graph neural network networks for link prediction on the ImageNet dataset , . : unlike
without BERT-based MoE)-like outperforms our method it image classification ( ) LLMs large language models benchmark"""
WORDS = st.sampled_from(TEXT.split())


@given(st.lists(WORDS, max_size=60), st.lists(WORDS, max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_words_keep_the_invariants(abstract: list[str], title: list[str]) -> None:
    paper = Paper("x", " ".join(title), " ".join(abstract))
    check(paper, extract(_shared(), paper.title, paper.abstract))


_PIPELINES: list[Language] = []


def _shared() -> Language:
    if not _PIPELINES:
        _PIPELINES.append(load_pipeline())
    return _PIPELINES[0]


PAPERS = [Paper(f"p{i}", PAPER.title, PAPER.abstract[i:]) for i in range(12)]


def test_extraction_is_deterministic_and_in_order(nlp: Language) -> None:
    once = list(extract_papers(PAPERS, nlp=nlp, batch_size=5))
    assert [one.paper_id for one in once] == [paper.id for paper in PAPERS]
    assert once == list(extract_papers(iter(PAPERS), nlp=load_pipeline(), batch_size=1))


def test_hash_seeds_change_nothing() -> None:
    code = (
        "import json, sys; from kgraph.extract import *; from kgraph.schema import Paper; "
        "paper = Paper(*sys.argv[1:]); "
        "print(*(json.dumps(extraction_row(paper, one)) for one in extract_papers([paper])))"
    )
    outputs = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, PAPER.id, PAPER.title, PAPER.abstract]
        env = {**os.environ, "PYTHONHASHSEED": seed}
        outputs.add(subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout)
    assert len(outputs) == 1


def test_papers_are_streamed(nlp: Language) -> None:
    taken: list[str] = []

    def papers() -> Any:
        for paper in PAPERS:
            taken.append(paper.id)
            yield paper

    next(extract_papers(papers(), nlp=nlp, batch_size=2))
    assert len(taken) == 2


def test_processes_give_the_same(nlp: Language) -> None:
    assert list(extract_papers(PAPERS, nlp=nlp, workers=2, batch_size=3)) == list(extract_papers(PAPERS, nlp=nlp))


def test_pipe_with_two_processes_gives_the_same(nlp: Language) -> None:
    texts = [paper.text for paper in PAPERS[:4]]
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    for doc, text in zip(docs, texts, strict=True):
        assert doc._.paper_entities == nlp(text)._.paper_entities != []
        assert doc._.paper_relations == nlp(text)._.paper_relations


@Language.component("test_fails_on_x")
def fails_on_x(doc: Doc) -> Doc:
    if doc.text.startswith("X"):
        raise ValueError("no X please")
    return doc


def test_a_paper_that_fails_does_not_end_the_run() -> None:
    nlp = load_pipeline()
    nlp.add_pipe("test_fails_on_x", first=True)
    papers = [Paper("a", "A", "We use BERT."), Paper("x", "X", "We use BERT."), Paper("b", "B", "We use BERT.")]
    failed: list[tuple[str, str]] = []
    found = list(extract_papers(papers, nlp=nlp, on_error=lambda paper, reason: failed.append((paper.id, reason))))
    assert [one.paper_id for one in found] == ["a", "x", "b"]
    assert found[1] == Extraction("x")
    assert failed == [("x", "test_fails_on_x: ValueError: no X please")]


def test_a_failure_is_logged_where_nobody_listens(nlp: Language, caplog: pytest.LogCaptureFixture) -> None:
    paper = Paper("long", "", "x" * (nlp.max_length + 1))
    assert list(extract_papers([paper], nlp=nlp)) == [Extraction("long")]
    assert "nothing extracted from paper long" in caplog.text


def test_components_serve_a_foreign_pipeline() -> None:
    nlp = spacy.blank("en")
    for name in COMPONENTS:
        nlp.add_pipe(name)
    doc = nlp(PAPER.text)
    assert "TreeFold" in {span.text for span in doc.spans["kgraph"]}
    assert all(0 <= span._.score <= 1 and span.label_ in ENTITY_LABELS for span in doc.spans["kgraph"])
    assert doc._.paper_entities


def test_factories_are_found_without_an_import() -> None:
    code = "import spacy; n = spacy.blank('en'); n.add_pipe('kgraph_sentences'); print([*n('It is. So.').sents])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[It is., So.]\n"


def test_the_import_is_light() -> None:
    code = "import sys, kgraph.extract; print('spacy' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_a_saved_and_a_pickled_pipeline_give_the_same(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    expected = list(extract_papers(PAPERS[:3], nlp=nlp))
    for other in (
        spacy.load(tmp_path / "pipeline"),
        load_pipeline(tmp_path / "pipeline"),
        pickle.loads(pickle.dumps(nlp)),
    ):
        assert list(extract_papers(PAPERS[:3], nlp=other)) == expected
        assert pipeline_version(other) == pipeline_version(nlp)


def test_a_trained_recogniser_takes_the_place_of_the_terms(tmp_path: Path) -> None:
    trained = spacy.blank("en")
    ruler = trained.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "Method", "pattern": "TreeFold"}, {"label": "Dataset", "pattern": "OpenML-CC18"}])
    trained.add_pipe("kgraph_sentences")
    trained.to_disk(tmp_path / "trained")
    nlp = load_pipeline(tmp_path / "trained")
    assert "kgraph_terms" not in nlp.pipe_names
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    check(PAPER, extraction)
    assert {e.name for e in extraction.entities} <= {"TreeFold", "OpenML-CC18"}
    assert entity(extraction, "TreeFold").score == 1.0
    assert pipeline_version(nlp) != pipeline_version(load_pipeline())


def test_no_pipeline_of_that_name() -> None:
    with pytest.raises(UsageError, match="no_such_pipeline"):
        load_pipeline("no_such_pipeline")


def test_the_version_depends_on_the_settings() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kgraph_abbreviations")
    nlp.add_pipe("kgraph_terms", config={"threshold": 0.9})
    other = spacy.blank("en")
    other.add_pipe("kgraph_abbreviations")
    other.add_pipe("kgraph_terms", config={"threshold": 0.8})
    assert pipeline_version(nlp) != pipeline_version(other)
    assert pipeline_version(load_pipeline()) == pipeline_version(load_pipeline())


def test_a_row_holds_statements_with_their_sentences(nlp: Language) -> None:
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    row = json.loads(json.dumps(extraction_row(PAPER, extraction)))
    assert len(row["statements"]) == len(row["entities"]) + len(row["relations"])
    for statement in row["statements"]:
        assert statement["sentence"] == PAPER.text[statement["start_char"] : statement["end_char"]]
        assert 0 <= statement["score"] <= 1
    proposes = [s for s in row["statements"] if s["type"] == "PROPOSES"]
    assert {"head": "p1", "tail": "TreeFold"}.items() <= proposes[0].items()
    for found in row["entities"]:
        assert all(PAPER.text[start:end] in found["surfaces"] for start, end in found["mentions"])


def shared(name: str) -> ModuleType:
    path = ANNOTATION / f"{name}.py"
    if not path.exists():
        pytest.skip(f"no {path}: the annotated papers are not on this machine")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rows_follow_the_annotation_guide(nlp: Language) -> None:
    faults = shared("check").faults
    (extraction,) = extract_papers([PAPER], nlp=nlp)
    row = extraction_row(PAPER, extraction)
    assert list(faults(row, row)) == []


@pytest.fixture(scope="module")
def dev_figures(nlp: Language) -> dict[str, float]:
    """Figures of the development part of the annotated papers, by the shared scorer's rules."""
    score = shared("score")
    sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
    try:
        from corpora import annotated, is_dev
    finally:
        sys.path.pop(0)
    gold = [row for row in annotated() if is_dev(row)]
    papers = [Paper(row["id"], row["title"], row["abstract"]) for row in gold]
    rows = [extraction_row(p, e) for p, e in zip(papers, extract_papers(papers, nlp=nlp, on_error=_fail), strict=True)]
    counts = dict.fromkeys(("exact", "relaxed", "entities", "relation", "relations"), 0)
    for one, other in zip(gold, rows, strict=True):
        for name, n in _paired(score, one, other).items():
            counts[name] += n
    return {
        "exact": 2 * counts["exact"] / counts["entities"],
        "relaxed": 2 * counts["relaxed"] / counts["entities"],
        "relations": 2 * counts["relation"] / counts["relations"],
    }


def _paired(score: ModuleType, gold: dict[str, Any], row: dict[str, Any]) -> dict[str, int]:
    left, right = (
        [(e["type"], {score.key(s) for s in [e["name"], *e["surfaces"]]}) for e in side["entities"]]
        for side in (gold, row)
    )
    exact, relaxed = score.pair(left, right)
    names = {row["entities"][j]["name"]: gold["entities"][i]["name"] for j, i in relaxed.items()}
    truth = {tuple(r) for r in gold["relations"]}
    found = {(kind, names.get(a, f"?{a}"), names.get(b, f"?{b}")) for kind, a, b in row["relations"]}
    return {
        "exact": len(exact),
        "relaxed": len(relaxed),
        "entities": len(left) + len(right),
        "relation": len(truth & found),
        "relations": len(truth) + len(found),
    }


@pytest.mark.parametrize(("figure", "floor"), [("relaxed", 0.70), ("exact", 0.65), ("relations", 0.315)])
def test_quality_does_not_fall(dev_figures: dict[str, float], figure: str, floor: float) -> None:
    assert dev_figures[figure] >= floor


def test_ray_gives_the_same(nlp: Language) -> None:
    pytest.importorskip("ray", reason="the ray extra is not installed")
    from kgraph.extract.ray import extract_papers_on_ray

    assert list(extract_papers_on_ray(PAPERS, workers=2, batch_size=3)) == list(extract_papers(PAPERS, nlp=nlp))


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from kgraph.extract.ray import extract_papers_on_ray

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="pip install"):
        next(extract_papers_on_ray(PAPERS))
