"""The borders of the components: foreign pipelines, trained recognisers, saved pipelines, components that fail."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from kgraph.errors import UsageError
from kgraph.extract import extract_papers, extraction_row, load_pipeline, pipeline_version
from kgraph.extract.pipeline import COMPONENTS, FINDERS
from kgraph.extract.spans import cover
from kgraph.schema import ENTITY_LABELS, Extraction, Paper
from tests.extract_text import PAPER, PAPERS


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


def rows(nlp: Language, papers: list[Paper]) -> list[str]:
    extractions = extract_papers(papers, nlp=nlp, on_error=_fail)
    return [json.dumps(extraction_row(paper, one)) for paper, one in zip(papers, extractions, strict=True)]


def _fail(paper: Paper, reason: str) -> None:
    raise AssertionError(f"{paper.id}: {reason}")


def run(code: str, *args: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# A trained recogniser

LEARNT = {
    "We propose TreeFold for tables .": [("TreeFold", "Method")],
    "We compare it with XGBoost here .": [("XGBoost", "Method")],
    "We evaluate it on the OpenML-CC18 benchmark .": [("OpenML-CC18", "Dataset")],
    "It solves tabular classification well .": [("tabular classification", "Task")],
}
UNSEEN = Paper("n", "A study", "We propose TreeFold for tables. We evaluate it on the OpenML-CC18 benchmark.")


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spaCy pipeline with a trained "ner" and nothing of kgraph, on disk."""
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = [Example.from_dict(nlp.make_doc(text), {"entities": _spans(text)}) for text in LEARNT]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    nlp.meta["name"] = "tiny"
    folder = tmp_path_factory.mktemp("model") / "tiny"
    nlp.to_disk(folder)
    return folder


def _spans(text: str) -> list[tuple[int, int, str]]:
    return [(text.index(name), text.index(name) + len(name), label) for name, label in LEARNT[text]]


def test_a_trained_recogniser_takes_the_place_of_the_terms(recogniser: Path) -> None:
    nlp = load_pipeline(recogniser)
    assert nlp.pipe_names == ["ner", *("kgraph_ents" if name == "kgraph_terms" else name for name in COMPONENTS)]
    (extraction,) = extract_papers([UNSEEN], nlp=nlp, on_error=_fail)
    found = {(e.label, e.name) for e in extraction.entities}
    assert {("Method", "TreeFold"), ("Dataset", "OpenML-CC18")} <= found
    assert {e.component for e in extraction.entities} == {"kgraph_ents"}
    assert {e.score for e in extraction.entities} == {1.0}
    assert ("EVALUATED_ON", "TreeFold", "OpenML-CC18") in [(r.type, r.source, r.target) for r in extraction.relations]


def test_a_pipeline_with_a_recogniser_works_from_disk_in_a_fresh_process(recogniser: Path, tmp_path: Path) -> None:
    nlp = load_pipeline(recogniser)
    nlp.to_disk(tmp_path / "whole")
    code = (
        "import json, sys, spacy; nlp = spacy.load(sys.argv[1]); doc = nlp(sys.argv[2]); "
        "from kgraph.extract import load_pipeline, pipeline_version; "
        "print(json.dumps([[e.name for e in doc._.paper_entities], pipeline_version(nlp), "
        "pipeline_version(load_pipeline(sys.argv[1]))]))"
    )
    names, *versions = json.loads(run(code, str(tmp_path / "whole"), UNSEEN.text))
    assert names == [e.name for e in nlp(UNSEEN.text)._.paper_entities] != []
    assert versions == [pipeline_version(nlp)] * 2


def test_a_recogniser_works_in_processes(recogniser: Path) -> None:
    nlp = load_pipeline(recogniser)
    papers = [UNSEEN, PAPER]
    assert list(extract_papers(papers, nlp=nlp, workers=2, batch_size=1)) == list(extract_papers(papers, nlp=nlp))


def test_weights_change_the_version(recogniser: Path) -> None:
    nlp = load_pipeline(recogniser)
    before = pipeline_version(nlp)
    ner = nlp.get_pipe("ner")
    layer = next(layer for layer in ner.model.walk() if layer.has_param("W"))  # type: ignore[attr-defined]
    layer.set_param("W", layer.get_param("W") + 1)
    assert pipeline_version(nlp) != before


def ruled(label: str, pattern: str, *others: str) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": label, "pattern": pattern}])  # type: ignore[attr-defined]
    for other in others:
        nlp.add_pipe(other)
    return nlp


def test_patterns_change_the_version(tmp_path: Path) -> None:
    versions = set()
    for pattern in ("TreeFold", "XGBoost"):
        ruled("Method", pattern).to_disk(tmp_path / pattern)
        versions.add(pipeline_version(load_pipeline(tmp_path / pattern)))
    assert len(versions) == 2


def test_a_recogniser_of_other_things_is_refused(tmp_path: Path) -> None:
    ruled("PERSON", "Ada").to_disk(tmp_path / "people")
    with pytest.raises(UsageError, match="people' labels PERSON; it takes Method, Dataset, Task"):
        load_pipeline(tmp_path / "people")


@pytest.mark.parametrize("sentences", ["sentencizer", "parser"])
def test_sentences_of_a_foreign_pipeline_give_way(tmp_path: Path, sentences: str) -> None:
    trained = spacy.blank("en")
    trained.add_pipe(sentences)
    words = {"heads": [1, 1, 1, 1], "deps": ["nsubj", "ROOT", "obj", "punct"]}
    trained.initialize(lambda: [Example.from_dict(trained.make_doc("We use it."), words)])
    ruler = trained.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "Method", "pattern": "TreeFold"}])  # type: ignore[attr-defined]
    trained.to_disk(tmp_path / "trained")
    (extraction,) = extract_papers([PAPER], nlp=load_pipeline(tmp_path / "trained"), on_error=_fail)
    assert extraction.entities[0].evidence.sentence.startswith("We propose TreeFold, a method")


@pytest.mark.parametrize("present", [("kgraph_relations",), ("kgraph_entities",), ("kgraph_terms", "kgraph_relations")])
def test_components_that_a_pipeline_lacks_come_before_those_that_need_them(
    tmp_path: Path, present: tuple[str, ...]
) -> None:
    ruled("Method", "TreeFold", *present).to_disk(tmp_path / "part")
    terms = "kgraph_terms" if "kgraph_terms" in present else "kgraph_ents"
    nlp = load_pipeline(tmp_path / "part")
    assert nlp.pipe_names == ["entity_ruler", *(terms if name == "kgraph_terms" else name for name in COMPONENTS)]
    (extraction,) = extract_papers([PAPER], nlp=nlp, on_error=_fail)
    assert {e.component for e in extraction.entities} == {terms}


# The shipped components in foreign pipelines

ALONE = {
    "kgraph_sentences": "[sent.text for sent in doc.sents]",
    "kgraph_abbreviations": "[pair.long for pair in doc._.abbreviations]",
    "kgraph_terms": "sorted({span.text for span in doc.spans['kgraph']} & {'graph neural network', 'TreeFold'})",
    "kgraph_ents": "[span.text for span in doc.spans['kgraph']]",
    "kgraph_guard": "[span.text for span in doc.spans['kgraph_guard']]",
    "kgraph_entities": "[entity.name for entity in doc._.paper_entities]",
    "kgraph_relations": "doc._.paper_relations",
}


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (
            "kgraph_sentences",
            "['A title\\n', 'We use a graph neural network (GNN) et al. often.', 'Now unlike TreeFold.']",
        ),
        ("kgraph_abbreviations", "['graph neural network']"),
        ("kgraph_terms", "['TreeFold', 'graph neural network']"),
        ("kgraph_ents", "[]"),
        ("kgraph_guard", "['unlike TreeFold']"),
        ("kgraph_entities", "[]"),
        ("kgraph_relations", "[]"),
    ],
)
def test_each_component_can_be_added_by_its_name_alone(component: str, expected: str) -> None:
    code = (
        "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('sentencizer'); "
        f"nlp.add_pipe({component!r}); "
        "doc = nlp('A title\\nWe use a graph neural network (GNN) et al. often. Now unlike TreeFold.'); "
        f"print({ALONE[component]})"
    )
    assert run(code).strip() == expected


def test_components_serve_a_foreign_pipeline() -> None:
    nlp = spacy.blank("en")
    for name in COMPONENTS:
        nlp.add_pipe(name)
    doc = nlp(PAPER.text)
    assert "TreeFold" in {span.text for span in doc.spans["kgraph"]}
    assert all(0 <= span._.score <= 1 and span.label_ in ENTITY_LABELS for span in doc.spans["kgraph"])
    assert rows(nlp, PAPERS) == rows(load_pipeline("fast"), PAPERS)


@Language.component("test_finds_by_hand")
def finds_by_hand(doc: Doc) -> Doc:
    start = doc.text.index("TreeFold")
    doc.spans["kgraph"] = [cover(doc, start, start + 8, "Method"), cover(doc, 0, 8, "Other")]
    return doc


def test_anything_can_fill_the_spans() -> None:
    nlp = spacy.blank("en")
    for name in ("kgraph_sentences", "test_finds_by_hand", "kgraph_guard", "kgraph_entities"):
        nlp.add_pipe(name)
    (entity,) = nlp(PAPER.text)._.paper_entities
    assert (entity.label, entity.name, entity.score, entity.component) == ("Method", "TreeFold", 1.0, "unknown")


def test_settings_count() -> None:
    def names(terms: float, entities: float, rescore: bool) -> set[str]:
        nlp = spacy.blank("en")
        for name in COMPONENTS[:2]:
            nlp.add_pipe(name)
        nlp.add_pipe("kgraph_terms", config={"threshold": terms})
        nlp.add_pipe("kgraph_entities", config={"threshold": entities, "rescore": rescore})
        return {entity.name for entity in nlp(PAPER.text)._.paper_entities}

    assert names(0.95, 0.0, True) < names(0.4, 0.0, True)
    assert names(0.4, 0.95, True) < names(0.4, 0.5, True) < names(0.4, 0.95, False)


def test_thresholds_of_relations_count(nlp: Language) -> None:
    def kinds(thresholds: dict[str, float]) -> set[str]:
        other = spacy.blank("en")
        for name in COMPONENTS[:-1]:
            other.add_pipe(name)
        other.add_pipe("kgraph_relations", config={"thresholds": thresholds})
        return {relation.type for relation in other(PAPER.text)._.paper_relations}

    assert {"COMPARED_WITH", "EVALUATED_ON"} <= kinds({})
    assert kinds({"COMPARED_WITH": 1.1}) == kinds({}) - {"COMPARED_WITH"}


def test_a_stretch_outside_the_doc_is_refused() -> None:
    with pytest.raises(ValueError, match="characters 5 to 99 do not lie in a doc of 6"):
        cover(spacy.blank("en")("A word"), 5, 99, "Method")


# Loading and saving


def test_the_import_is_light() -> None:
    assert run("import sys, kgraph.extract; print('spacy' in sys.modules, 'numpy' in sys.modules)") == "False False\n"


def test_a_saved_and_a_pickled_pipeline_give_the_same(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    for other in (
        spacy.load(tmp_path / "pipeline"),
        load_pipeline(tmp_path / "pipeline"),
        pickle.loads(pickle.dumps(nlp)),
    ):
        assert rows(other, PAPERS[:3]) == rows(nlp, PAPERS[:3])
        assert pipeline_version(other) == pipeline_version(nlp)


def test_docs_can_be_sent_and_kept(nlp: Language) -> None:
    doc = nlp(PAPER.text)
    other = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert other._.paper_entities == doc._.paper_entities != []
    assert other._.paper_relations == doc._.paper_relations != []
    assert other._.abbreviations == doc._.abbreviations != []


UNKNOWN_FACTORY = "[nlp]\nlang = 'en'\npipeline = ['x']\n[components]\n[components.x]\nfactory = 'no'"


@pytest.mark.parametrize("broken", ["", "{", UNKNOWN_FACTORY])
def test_what_cannot_be_loaded_is_named_in_one_line(tmp_path: Path, broken: str) -> None:
    model = tmp_path / "model"
    if broken:
        model.mkdir()
        (model / "config.cfg").write_text(broken.replace("'", '"'), encoding="utf-8")
        (model / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot load the spaCy pipeline") as error:
        load_pipeline(model)
    assert str(model) in str(error.value) and "\n" not in str(error.value)


def test_the_version_depends_on_the_settings() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kgraph_abbreviations")
    nlp.add_pipe("kgraph_terms", config={"threshold": 0.9})
    other = spacy.blank("en")
    other.add_pipe("kgraph_abbreviations")
    other.add_pipe("kgraph_terms", config={"threshold": 0.8})
    assert pipeline_version(nlp) != pipeline_version(other)
    assert pipeline_version(load_pipeline()) == pipeline_version(load_pipeline())


# Components that fail


@Language.component("test_fails_on_x")
def fails_on_x(doc: Doc) -> Doc:
    if doc.text.startswith("X"):
        raise ValueError("no X please\nsecond line")
    return doc


THREE = [Paper("a", "A", "We use BERT."), Paper("x", "X", "We use BERT."), Paper("b", "B", "We use BERT.")]


@pytest.mark.parametrize("batch_size", [1, 64])
def test_a_paper_that_fails_does_not_end_the_run(nlp: Language, batch_size: int) -> None:
    failing = load_pipeline()
    failing.add_pipe("test_fails_on_x", first=True)
    failed: list[tuple[str, str]] = []
    found = extract_papers(
        THREE, nlp=failing, batch_size=batch_size, on_error=lambda paper, reason: failed.append((paper.id, reason))
    )
    a, b = extract_papers([THREE[0], THREE[2]], nlp=nlp)
    assert list(found) == [a, Extraction("x"), b]
    assert failed == [("x", "test_fails_on_x: ValueError: no X please")]


def test_a_text_that_is_too_long_is_logged_where_nobody_listens(
    nlp: Language, caplog: pytest.LogCaptureFixture
) -> None:
    papers = [PAPER, Paper("long", "", "x" * (nlp.max_length + 1))]
    assert list(extract_papers(papers, nlp=nlp)) == [*extract_papers([PAPER], nlp=nlp), Extraction("long")]
    assert caplog.messages == [
        f"nothing extracted from paper long: text of {nlp.max_length + 2} characters is longer than {nlp.max_length}"
    ]


# The pipelines that ship


def test_two_pipelines_ship_and_the_accurate_one_is_the_default() -> None:
    assert load_pipeline().pipe_names == load_pipeline("accurate").pipe_names
    fast, accurate = (load_pipeline(name) for name in FINDERS)
    assert fast.pipe_names == list(COMPONENTS)
    assert accurate.pipe_names == ["kgraph_encoder" if name == "kgraph_terms" else name for name in COMPONENTS]
    assert pipeline_version(fast) != pipeline_version(accurate)
    components = {
        model: {entity.component for one in extract_papers([PAPER], nlp=nlp) for entity in one.entities}
        for model, nlp in zip(FINDERS, (fast, accurate), strict=True)
    }
    assert components == {model: {finder} for model, finder in FINDERS.items()}
