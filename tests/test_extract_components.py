"""Each component of the extraction by itself: sentences, abbreviations, terms."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from kgraph.extract.abbreviations import find_abbreviations
from kgraph.extract.candidates import find_candidates, load_borders, read_text, runs
from kgraph.extract.sentences import sentence_starts
from kgraph.extract.words import find_words, normal_form


def sentences(text: str) -> list[str]:
    starts = sentence_starts(text)
    return [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


ONE_SENTENCE = [
    "We follow Vaswani et al. and stack attention layers.",
    "Some losses, e.g. the hinge loss, are convex.",
    "Some losses, i.e. convex ones, are easy (cf. Fig. 3 and Eq. 4).",
    "Accuracy rises from 71.5 to 73.25 with Python 3.11 and CUDA 12.4.1.",
    "GPT-3.5 vs. GPT-4 is a comparison that J. R. Smith made.",
    "Wait ... there is more to it.",
    "We sample i.i.d. points and compare w.r.t. the mean.",
]


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_a_full_stop_inside_a_sentence_ends_nothing(text: str) -> None:
    assert sentences("\n" + text) == [text]


def test_sentences_end_where_they_should() -> None:
    text = '\nFirst one. Second one! A third? (A fourth.) 3.5 is a number. "Quoted." Then more etc. We stop here.'
    assert sentences(text) == [
        "First one.", "Second one!", "A third?", "(A fourth.)", "3.5 is a number.", "\"Quoted.\"", "Then more etc.",
        "We stop here.",
    ]  # fmt: skip


def test_et_al_can_end_a_sentence() -> None:
    assert sentences("\nThis extends Kipf et al. We go further.") == ["This extends Kipf et al.", "We go further."]


def test_a_missing_space_after_the_full_stop_is_forgiven() -> None:
    assert sentences("\nWe solve many tasks.We also win.") == ["We solve many tasks.", "We also win."]
    assert sentences("\nWe use Node.js and U.S. data.") == ["We use Node.js and U.S. data."]


def test_the_title_is_a_sentence_of_its_own() -> None:
    assert sentences("What now? A study: part 1. Results\nWe study it. We end.") == [
        "What now? A study: part 1. Results",
        "We study it.",
        "We end.",
    ]


def test_a_text_of_one_line_has_no_title() -> None:
    assert sentences("One. Two.") == ["One.", "Two."]


@given(st.text())
def test_sentence_starts_are_ordered_offsets(text: str) -> None:
    starts = sentence_starts(text)
    assert starts == sorted(set(starts))
    assert all(0 <= start <= len(text) for start in starts)


def test_the_component_marks_the_same_sentences() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kgraph_sentences")
    doc = nlp("A title\nWe use et al. often. It works.")
    assert [sent.text.strip() for sent in doc.sents] == ["A title", "We use et al. often.", "It works."]


ABBREVIATIONS = [
    ("We train a graph neural network (GNN) here.", ("GNN", "graph neural network")),
    ("We train graph neural networks (GNNs) here.", ("GNNs", "graph neural networks")),
    ("Here ASR (automatic speech recognition) is the goal.", ("ASR", "automatic speech recognition")),
    ("We study low-rank adaptation (LoRA).", ("LoRA", "low-rank adaptation")),
    ("Large Language Models (LLMs; see below) rule.", ("LLMs", "Large Language Models")),
    ("Tested on natural questions [NQ] only.", ("NQ", "natural questions")),
    ('We use "proximal policy optimization" (PPO).', ("PPO", "proximal policy optimization")),
]


@pytest.mark.parametrize(("text", "pair"), ABBREVIATIONS)
def test_long_and_short_forms_are_found(text: str, pair: tuple[str, str]) -> None:
    (found,) = find_abbreviations(text)
    assert (found.short, found.long) == pair
    assert text[found.short_start : found.short_end] == found.short
    assert text[found.long_start : found.long_end] == found.long


@pytest.mark.parametrize(
    "text",
    [
        "Errors fall (12%).",
        "Two steps: (1) read, (2) write.",
        "Big models (e.g., BERT) win.",
        "A tree (see Fig. 2) grows.",
        "()",
    ],
)
def test_what_defines_nothing_is_no_abbreviation(text: str) -> None:
    assert find_abbreviations(text) == []


def test_the_first_definition_of_a_short_form_counts() -> None:
    text = "We use a conditional random field (CRF). A case report form (CRF) is another thing."
    assert [(pair.short, pair.long) for pair in find_abbreviations(text)] == [("CRF", "conditional random field")]


@given(st.text(alphabet="abAB ().,[]-\n1", max_size=80))
def test_abbreviations_are_substrings(text: str) -> None:
    for pair in find_abbreviations(text):
        assert text[pair.short_start : pair.short_end] == pair.short
        assert text[pair.long_start : pair.long_end] == pair.long


def test_words_keep_names_whole_and_part_endings() -> None:
    assert [word.text for word in find_words("A GPT-3.5-based k-NN, C++ and d'Alembert.")] == [
        "A", "GPT-3.5", "-based", "k-NN", ",", "C++", "and", "d'Alembert", ".",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [("Graph Neural Networks", "graph-neural network"), ("GNNs", "GNN"), ("U-Net", "UNet"), ("ImageNet", "imagenet")],
)
def test_normal_forms_agree(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(("one", "other"), [("C", "C++"), ("loss", "los"), ("A*", "A"), ("GPT-3", "GPT-4")])
def test_normal_forms_differ(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_runs_stop_at_punctuation_and_at_the_title() -> None:
    text = "Fast trees\nDeep nets, wide nets"
    words = find_words(text, text.index("\n"))
    assert [" ".join(word.text for word in words[a:b]) for a, b in runs(words)] == [
        "Fast trees",
        "Deep nets",
        "wide nets",
    ]


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_candidates_lie_in_the_text(text: str) -> None:
    read = read_text(text, find_abbreviations(text))
    for candidate in find_candidates(read, load_borders()):
        for start, end in candidate.places:
            assert 0 <= start < end <= len(read.words)
