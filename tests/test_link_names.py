"""Names: what spellings and wordings of one have in common, and what keeps two apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.link import normal_form
from kgraph.link.likeness import are_variants, is_slip
from kgraph.link.misspellings import FREQUENT, Misspellings, count_words
from kgraph.link.normal_form import fold, folded
from kgraph.link.wording import reworded
from kgraph.schema import DATASET, METHOD, TASK
from tests.link_papers import are_one, entity, node_ids, paper


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Graph-Neural Networks", ("graph", "neural", "network")),
        ("C++", ("c++",)),
        ("A*", ("a*",)),
        ("pre-training", ("pre", "training")),
        ("loss", ("loss",)),
        ("GANs", ("gan",)),
        ("time series analysis", ("time", "series", "analysis")),
        ("Bayes' rule", ("bayes", "rule")),
        ("Newton’s method", ("newton", "method")),
        ("KV caches", ("kv", "cache")),
        ("batch sizes", ("batch", "size")),
        ("event cameras", ("event", "camera")),
        ("matrices", ("matrix",)),
        ("LMs", ("lm",)),
        ("LoRAs", ("lora",)),
        ("VITS", ("vits",)),
        ("AdamS", ("adams",)),
        ("GRAPH NEURAL NETWORKS", ("graph", "neural", "network")),
        ("statistics", ("statistics",)),
        ("metrics", ("metric",)),
        ("similarities", ("similarity",)),
        ("hash boxes", ("hash", "box")),
        ("！？", ("!?",)),
        ("Naïve Bayes", ("naive", "bayes")),
        ("β-VAE", ("beta", "vae")),
        ("λόγος", ("λογοσ",)),
        ("optimisation", ("optimization",)),
        ("organisational behaviour", ("organizational", "behavior")),
        ("labelled data", ("labeled", "data")),
        ("supervised denoising", ("supervised", "denoising")),
        ("dialog", ("dialogue",)),
        ("out-of-distribution (OOD) detection", ("out", "of", "distribution", "detection")),
        ("Gaussian mixture models (GMMs)", ("gaussian", "mixture", "model")),
        ("ResNet (small)", ("resnet", "small")),
    ],
)
def test_a_normal_form_has_no_case_hyphen_or_plural(name: str, form: tuple[str, ...]) -> None:
    assert normal_form(name) == form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("graph neural network", "Graph Neural Networks"),
        ("fine-tuning", "finetuning"),
        ("Fine Tuning", "fine-tuning"),
        ("sim–to–real", "sim-to-real"),
        ("Newton's method", "Newton method"),
        ("GPT-4", "GPT4"),
        ("behaviour modelling", "behavior modeling"),
        ("Nyström method", "Nystrom method"),
    ],
)
def test_spellings_of_one_name_share_a_node(one: str, other: str) -> None:
    assert are_one(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ViT", "VITS"),
        ("Llama 2 7B", "Llama 27B"),
        ("CIFAR-10.0", "CIFAR-100"),
        ("YOLOv1.0", "YOLOv10"),
        ("Fish", "Fishr"),
        ("Adam", "AdamW"),
        ("graphons", "graphexes"),
        ("Pre-LN", "Peri-LN"),
        ("sequence models", "sequential models"),
        ("gradient-based methods", "gradient-based algorithms"),
        ("recurrent network", "recursive network"),
        ("convolutional recurrent network", "recurrent convolutional network"),
        ("speech-to-text", "text-to-speech"),
        ("A-RAG", "RAG"),
    ],
)
def test_names_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert not are_one(one, other)


def test_names_that_differ_in_a_sign_stay_apart() -> None:
    (nodes,) = node_ids([paper(1, entity("C"), entity("C++"), entity("C#"), entity("A*"), entity("A"))])
    assert len(set(nodes.values())) == 5


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("tuning of language models", "language model tuning", TASK),
        ("fine-tuning language models", "fine-tuning of language models", TASK),
        ("Finetuning language models", "language model fine-tuning", METHOD),
        ("detecting anomalies", "anomaly detection", TASK),
        ("detect anomalies", "detection of anomalies", TASK),
        ("solving partial differential equations", "solve partial differential equations", TASK),
        ("learning graph representations", "graph representation learning", TASK),
        ("aligning models", "model alignment", TASK),
        ("learning with human feedback", "learning from human feedback", METHOD),
        ("needle in a haystack", "needle-in-the-haystack", TASK),
        ("robustness of detectors", "detector robustness", TASK),
    ],
)
def test_wordings_of_one_name_share_a_node(one: str, other: str, label: str) -> None:
    assert are_one(one, other, label=label)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("training data", "training data"),
        ("training methods", "training method"),
        ("scaling laws", "scaling law"),
        ("learning rates", "learning rate"),
        ("Mixture of Experts", "mixture of expert"),
        ("chain of thought reasoning", "chain of thought reasoning"),
        ("evaluation of models for code", "evaluation of model for code"),
        ("predict", "predict"),
        ("vitamin A", "vitamin a"),
    ],
)
def test_what_is_no_phrase_of_a_verb_keeps_its_order(name: str, words: str) -> None:
    assert " ".join(reworded(name, TASK)) == words


@given(st.text(), st.sampled_from([METHOD, DATASET, TASK]))
def test_a_wording_has_words_and_is_the_same_however_it_is_spelt(name: str, label: str) -> None:
    assert reworded(name, label)
    assert folded(name) == fold(normal_form(name))


@pytest.mark.parametrize(
    ("one", "other", "label", "joined"),
    [
        ("ZipNet", "ZipNet framework", METHOD, True),
        ("ZipNet", "ZipNet model architecture", METHOD, True),
        ("ZipSet", "ZipSet dataset", DATASET, True),
        ("ZipSet", "ZipSet benchmark", DATASET, True),
        ("feature selection", "feature selection method", METHOD, False),
        ("ZipNet", "ZipNet dataset", METHOD, False),
        ("ZipNet", "ZipNet loss", METHOD, False),
        ("cold start", "cold start problem", TASK, False),
    ],
)
def test_a_general_word_adds_nothing_to_a_proper_name(one: str, other: str, label: str, joined: bool) -> None:
    assert are_one(one, other, label=label) is joined


def test_a_name_with_a_general_word_waits_for_the_name_without() -> None:
    (nodes,) = node_ids([paper(1, entity("ZipNet framework"), entity("ZipNet model"))])
    assert nodes["ZipNet framework"] != nodes["ZipNet model"]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("graph convolution network", "graph convolutional network", True),
        ("large langauge model", "large language model", True),
        ("large language mod els", "large language model", True),
        ("semi supervised learning", "self supervised learning", False),
        ("recurrent network", "recursive network", False),
        ("multimodal language model", "multilingual language model", False),
        ("constrained optimization", "contrastive optimization", False),
        ("stage 1 training", "stage 2 training", False),
    ],
)
def test_long_forms_of_one_abbreviation_are_one_but_for_an_error_or_another_form(
    one: str, other: str, alike: bool
) -> None:
    assert are_variants(one.split(), other.split()) is alike
    assert are_variants(other.split(), one.split()) is alike


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("langauge", "language", True),
        ("lanuage", "language", True),
        ("languuage", "language", True),
        ("tracking", "trucking", False),
        ("learner", "learners", False),
        ("encoded", "encoder", False),
        ("anguage", "language", False),
        ("language", "language", False),
    ],
)
def test_a_slip_is_a_letter_too_few_or_too_many_or_two_in_the_wrong_order(word: str, other: str, slip: bool) -> None:
    assert is_slip(word, other) is slip
    assert is_slip(other, word) is slip


def misspellings(**papers: int) -> Misspellings:
    return Misspellings(papers.__getitem__, [word for word, number in papers.items() if number >= FREQUENT])


def test_a_misspelt_word_of_one_paper_is_the_word_of_many() -> None:
    words = misspellings(language=FREQUENT, langauge=1, lanuage=2, model=FREQUENT)
    assert words.meant("langauge") == "language"
    assert [words.meant(word) for word in ("language", "lanuage", "model")] == [None, None, None]
    assert list(words.other_names((METHOD, "langaugemodel"), "langauge models")) == [(METHOD, "languagemodel")]


def test_a_word_of_its_own_is_no_misspelling() -> None:
    words = misspellings(language=FREQUENT, langauge=1)
    assert list(words.other_names((METHOD, "langauge"), "langauge")) == []


def test_the_papers_of_each_word_are_counted_once_a_name() -> None:
    assert count_words([("models of models", 3), ("Model", 2)]) == {"model": 5, "of": 3}


def test_a_misspelt_name_joins_the_one_that_was_meant() -> None:
    many = [paper(number, entity("language models")) for number in range(FREQUENT)]
    *_, odd, last = node_ids([*many, paper(98, entity("langauge model")), paper(99, entity("Language Model"))])
    assert odd["langauge model"] == last["Language Model"]
