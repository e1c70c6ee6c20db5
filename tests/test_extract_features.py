"""The parts between text and probability: intervals, the linear model, features, groups, rows of plain values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from kgraph.extract import groups, load_pipeline, pair_features, ratings, roles, term_features
from kgraph.extract.abbreviations import Definition, find_abbreviations
from kgraph.extract.candidates import Candidate, Text, find_candidates, load_borders, read_text
from kgraph.extract.entities import read_entity_rows
from kgraph.extract.guard import Stretch, guarding_label
from kgraph.extract.intervals import Interval, choose_heaviest
from kgraph.extract.linear import load_model, load_models, make_model
from kgraph.extract.mentions import Page, Place, Term, read_page, read_terms
from kgraph.extract.ngrams import ngram_codes
from kgraph.extract.pairs import find_pairs, read_scene
from kgraph.extract.pipeline import FINDERS
from kgraph.extract.relations import WEIGHTS_OF
from kgraph.extract.term_scores import CLASSES, linear_logits, score_candidates
from kgraph.schema import DATASET, METHOD, RELATION_TYPES, ROLES
from tests.extract_text import PAPER, PAPERS

# Intervals

INTERVALS = st.lists(
    st.builds(
        lambda start, size, weight: Interval(start, start + size, weight / 4, None),
        st.integers(0, 8),
        st.integers(1, 4),
        st.integers(-4, 8),
    ),
    max_size=8,
)


def choices(intervals: list[Interval[None]]) -> Iterator[list[Interval[None]]]:
    """All choices of intervals without overlaps."""
    if not intervals:
        yield []
        return
    first, *rest = intervals
    yield from choices(rest)
    yield from ([first, *c] for c in choices([i for i in rest if i.end <= first.start or first.end <= i.start]))


@given(INTERVALS)
def test_no_other_choice_is_heavier(intervals: list[Interval[None]]) -> None:
    chosen = choose_heaviest(intervals)
    assert all(one.end <= other.start for one, other in pairwise(chosen))
    assert all(one in intervals and one.weight > 0 for one in chosen)
    assert sum(i.weight for i in chosen) == max(sum(i.weight for i in c) for c in choices(intervals))


def test_the_first_of_equals_is_chosen() -> None:
    one, other = Interval(0, 2, 1.0, "one"), Interval(0, 2, 1.0, "other")
    assert choose_heaviest([one, other]) == [one]
    assert choose_heaviest([]) == []


# The linear model

MODEL = make_model(["no", "yes"], {"sunny": [0, 1000], "wet": [500, -250], "bias": [0, 0]}, 0.5)


def test_probabilities_are_the_softmax_of_summed_weights() -> None:
    found = MODEL.probabilities([["sunny"], ["sunny", "wet", "never seen"], ["never seen"]])
    expected = [[1, math.e], [math.e**0.5, math.e**0.75], [1, 1]]
    assert np.allclose(found, [[a / (a + b), b / (a + b)] for a, b in expected])
    assert MODEL.probabilities([]).shape == (0, 2)


@pytest.mark.parametrize("name", ["terms", "roles", "nodes", *WEIGHTS_OF.values()])
def test_shipped_weights_are_of_known_classes(name: str) -> None:
    classes = {"terms": CLASSES, "roles": ROLES}.get(name, ("no", "yes"))
    models = load_models(name)
    assert {model.classes for model in models.values()} == {classes}
    assert name not in WEIGHTS_OF.values() or tuple(models) == RELATION_TYPES
    assert name not in {"roles", "nodes"} or set(models) == set(FINDERS.values())
    for model in models.values():
        assert "bias" in model.rows and np.abs(model.matrix[:-1]).sum(axis=1).min() > 0
        assert 0 <= model.threshold < 1


def test_codes_of_n_grams_are_in_their_ranges() -> None:
    codes = set(ngram_codes().values())
    assert {code.kind[0] for code in codes} <= set("MDT-") and {code.rate for code in codes} == set(range(10))
    assert all(0 <= code.df <= 15 and 0 <= code.titles <= 4 for code in codes)
    assert ngram_codes()["neural network"].df > ngram_codes()["graph neural network"].df > 5


# Scores of candidates


def plain_probabilities(candidate: Candidate, text: Text) -> list[float]:
    """What the fit meant: all features of a candidate, those of its surroundings averaged over its places."""
    model, words = load_model("terms"), text.words
    sums = np.zeros(len(CLASSES))

    def add(names: Iterable[str], share: float) -> None:
        for name in names:
            if name in model.rows:
                sums[:] += share * model.matrix[model.rows[name]]

    add(term_features.key_features(candidate, text), 1.0)
    for start, end in candidate.places:
        add(term_features.left_features(words, start), 1 / len(candidate.places))
        add(term_features.right_features(words, end), 1 / len(candidate.places))
    powers = np.exp(sums - sums.max())
    return (powers[1:] / powers.sum()).tolist()  # type: ignore[no-any-return]


def test_scores_are_those_of_the_plain_sum() -> None:
    text = read_text(PAPER.text, [])
    candidates = find_candidates(text, load_borders())
    assert max(len(candidate.places) for candidate in candidates) >= 3
    scored = score_candidates(text, candidates, linear_logits(text, candidates, load_model("terms")))
    assert [one.candidate for one in scored] == candidates
    for one in scored:
        assert np.allclose(one.probabilities, plain_probabilities(one.candidate, text), atol=1e-5)


def test_a_short_form_has_the_scores_of_its_long_form() -> None:
    text = read_text(PAPER.text, find_abbreviations(PAPER.text))
    candidates = find_candidates(text, load_borders())
    scored = score_candidates(text, candidates, linear_logits(text, candidates, load_model("terms")))
    by_key = {one.candidate.key: one for one in scored}
    assert by_key["gnn"].probabilities == by_key["graph neural network"].probabilities
    assert by_key["gnn"].label == METHOD


def test_nothing_has_no_scores() -> None:
    text = read_text("", [])
    assert score_candidates(text, [], linear_logits(text, [], load_model("terms"))) == []


# Every feature is in the table of its module


def documented(module: ModuleType) -> set[str]:
    text = (module.__doc__ or "").replace("\\|", "/")
    cells = re.findall(r"^\| (`.*?) \|(?=[^|]*\|$)", text, re.MULTILINE)
    return {stem(name) for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def stem(feature: str) -> str:
    """The letters that a feature begins with: its name without values."""
    return re.match(r"[a-z]*", feature)[0]  # type: ignore[index]


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


TEXTS = [
    *(paper.text for paper in PAPERS),
    "A graph network: MAE and masked autoencoders (MAE)\nWe compare graph networks with deep graph networks on Cora "
    "and study graph clustering.",
    "BERT\nIn contrast to BERT, our BERT tagger is small. We fine-tune BERT on SQuAD. Results are good on GLUE.",
]


def term_names(nlp: Language, text: str) -> Iterator[str]:
    read = read_text(text, find_abbreviations(text))
    for candidate in find_candidates(read, load_borders()):
        yield from term_features.key_features(candidate, read)
        for start, end in candidate.places:
            yield from (*term_features.left_features(read.words, start), *term_features.right_features(read.words, end))


def role_names(nlp: Language, text: str) -> Iterator[str]:
    doc = nlp(text)
    page = read_page(doc)
    for group in groups.build_groups(read_terms(doc, page), doc._.abbreviations):
        yield from roles.role_features(group, page)


def rating_names(nlp: Language, text: str) -> Iterator[str]:
    doc = nlp(text)
    page = read_page(doc)
    found = groups.build_groups(read_terms(doc, page), doc._.abbreviations)
    for group in found:
        yield from ratings.node_features(group, found, page)


def pair_names(nlp: Language, text: str) -> Iterator[str]:
    doc = nlp(text)
    rows = read_entity_rows(doc)
    chance = np.random.default_rng(0)
    for judged in (None, chance.normal(size=(len(rows), len(rows), len(RELATION_TYPES))).astype("f4")):
        scene = read_scene(rows, read_page(doc), judged)
        for kind, pair in find_pairs(scene):
            yield from pair_features.pair_features(kind, pair, scene)


@pytest.mark.parametrize(
    ("module", "names"),
    [(term_features, term_names), (roles, role_names), (ratings, rating_names), (pair_features, pair_names)],
)
def test_the_table_names_every_feature_and_no_other(
    nlp: Language, module: ModuleType, names: Callable[[Language, str], Iterator[str]]
) -> None:
    produced = {stem(name) for text in TEXTS for name in names(nlp, text)}
    assert produced == documented(module)


# Groups


def term(text: str, at: int = 0, label: str = METHOD, score: float = 0.5) -> Term:
    return Term(Place(at, at + len(text), 0, ""), text, label, score)


@pytest.mark.parametrize(
    "surfaces",
    [
        ["graph neural network", "Graph-Neural Networks"],
        ["GNN", "graph neural network", "GNNs"],
        ["LoRA", "LoRA framework"],
        ["LoRA framework", "LoRA method", "LoRA"],
    ],
)
def test_spellings_of_one_thing_are_one_group(surfaces: list[str]) -> None:
    (group,) = groups.build_groups([term(text, 50 * i) for i, text in enumerate(surfaces)], [])
    assert group.surfaces == set(surfaces)


@pytest.mark.parametrize(
    "surfaces",
    [
        ["graph neural network", "graph attention network"],
        ["GAN", "graph attention network", "generative adversarial network"],  # whose initials?
        ["LoRA framework", "LoRA method"],  # "LoRA" alone never occurs
    ],
)
def test_different_things_stay_apart(surfaces: list[str]) -> None:
    found = groups.build_groups([term(text, 50 * i) for i, text in enumerate(surfaces)], [])
    assert [group.name for group in found] == surfaces


def test_a_defined_abbreviation_beats_initials() -> None:
    terms = [term("CRF"), term("conditional random field", 50), term("case report form", 100)]
    pair = Definition("CRF", "case report form", 0, 3, 100, 116)
    found = groups.build_groups(terms, [pair])
    assert [(group.name, len(group.terms)) for group in found] == [
        ("case report form", 2),
        ("conditional random field", 1),
    ]


def test_the_surest_type_wins_and_each_surface_has_one_entity() -> None:
    found = groups.build_groups([term("Adam", 0, METHOD, 0.3), term("Adam", 9, DATASET, 0.9), term("Adam", 20)], [])
    assert [(group.label, group.score) for group in found] == [(DATASET, 0.9)]


def test_the_commonest_full_form_is_the_name() -> None:
    names = ["GNN", "GNN", "graph neural networks", "graph neural network", "graph neural network"]
    assert groups.choose_name(names, []) == "graph neural network"
    assert groups.choose_name(["GNNs", "GNN", "GNN"], []) == "GNN"


# Places


def test_a_mention_has_the_label_of_the_first_stretch_that_holds_all_of_it() -> None:
    stretches = [Stretch(0, 10, "CONTRAST"), Stretch(5, 20, "NEGATED")]
    assert guarding_label(stretches, 0, 10) == "CONTRAST"
    assert guarding_label(stretches, 5, 11) == "NEGATED"
    assert guarding_label(stretches, 4, 11) == ""


def test_a_page_knows_what_stands_around_a_place() -> None:
    text = "A title\nWe use Adam here. It works."
    page = Page(text, [(0, 7), (8, 25), (26, 35)], 7)
    place = Place(15, 19, page.sentence_at(15), "")
    assert (page.before(place), page.after(place), page.tenth(place)) == ("We use ", " here.", 4)
    assert page.sentence(place.sent) == "We use Adam here."
    assert page.sentence_at(99) == 2 and not page.in_title(place) and page.in_title(Place(2, 7, 0, ""))
