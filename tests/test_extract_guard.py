"""Guarded stretches: where they begin and end, what they mean, and which relations they block."""

from __future__ import annotations

import re
import time

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from kgraph.extract import guard
from kgraph.extract.guard import BLOCKING, INFORMING, Stretch, find_guarded, guarding_label, is_blocked

GUARDED = {
    "CONTRAST": [
        "[Unlike gradient boosting], we train a tree.",
        "[Unlike gradient boosting], TreeFold learns splits.",
        "[In contrast to BERT, ELMo, and GPT], our model is small.",
        "[Unlike BERT, ELMo and GPT], TreeFold parses fast.",
        "[Unlike graph neural networks (GNNs, e.g., GCN) and trees], TreeFold is linear.",
        "[Instead of deep networks] we use trees.",
        "We use trees [instead of deep networks].",
        "We use trees [instead of deep networks, forests, or kernels], which are slow.",
        "It learns features [rather than hand-made rules] by pruning.",
        "Our loss is [different from cross-entropy].",
        "A cheap [alternative to attention] is pooling.",
        "We go [beyond linear probes].",
        "[Beyond Linear Probes]: Trees for Parsing",
        "TreeFold, [unlike CART], prunes.",
        "This is, [as opposed to bagging], exact.",
    ],
    "NEGATED": [
        "It learns [without data augmentation], as we show.",
        "It learns [without labels, rewards, or demonstrations], and wins.",
        "We [do not use reinforcement learning].",
        "The method [does not require ImageNet], but it likes CIFAR.",
        "Beam search [isn't used here].",
        "We [cannot rely on a parser].",
        "The forest [is no longer needed for ranking].",
        "[Neither BERT nor ELMo] is tuned.",
        "[None of the baselines] is tuned.",
        "[No ImageNet pretraining is needed].",
        "TreeFold [needs no parser].",
        "It works on text [but not on images].",
        "It [eliminates the need for a reward model].",
        "This [avoids the use of beam search] by sampling.",
        "The loop [bypasses any reliance on labels].",
        "Transformers [fail to parse long texts].",
        "Small models [struggle with arithmetic].",
        "Trees are [unsuitable for speech recognition].",
        "Decoders [suffer from exposure bias], which we mend.",
        "There is [no need for a parser].",
    ],
    "HYPOTHETICAL": [
        "[In future work, we turn to speech recognition].",
        "[Future work will turn to speech recognition].",
        "We leave out images, and [in the future we will parse speech].",
        "[We plan to apply TreeFold to speech recognition].",
        "[We leave machine translation to others].",
        "Its use in robotics [remains to be seen].",
        "Speech [remains an open problem for trees].",
        "How it scales [is still unclear for parsing].",
        "[Whether trees help parsing remains unclear], so we look.",
    ],
    "HEDGED": [
        "This [might be extended to machine translation].",
        "TreeFold [could be used for parsing].",
        "The loss [may also be applied to ranking].",
        "This is a [promising direction for protein folding].",
        "Our work [opens the door to faster parsing].",
        "It [paves the way for robot learning].",
        "It serves [future research on parsing].",
        "[We hope that TreeFold helps parsing].",
        "We test [whether trees help parsing].",
    ],
    "CITED": [
        "Roe [et al. (2020) show that trees help parsing].",
        "Roe and Doe [(2017) proposed CART for ranking].",
        "Roe [et al., 2020) show that trees help].",
        "CART [[12] uses pruning for ranking].",
        "Pruning was proposed [by Roe et al. for ranking].",
        "[Prior work has used trees for parsing], but we do not.",
        "[Previous studies apply trees to parsing].",
        "[Existing methods rely on beam search for decoding]; ours is greedy.",
        "[Most recent neural models leverage attention for parsing].",
        "[It has been shown that pruning helps ranking].",
        "[Trees have been widely used for ranking].",
        "[Pruning is commonly used in ranking], however it is slow.",
        "[Traditionally, trees are grown for ranking].",
        "[Recently, transformers took over translation]; we look back.",
    ],
}
CASES = [(label, marked) for label, sentences in GUARDED.items() for marked in sentences]


def stretches(sentence: str, label: str) -> list[str]:
    return [sentence[start:end] for start, end, name in find_guarded(sentence) if name == label]


@pytest.mark.parametrize(("label", "marked"), CASES)
def test_stretches_begin_with_the_cue_and_end_with_the_phrase(label: str, marked: str) -> None:
    found = re.findall(r"(?<!\[)\[((?:\[\d+\]|[^\[\]])*)\]", marked)
    sentence = re.sub(r"\[((?:\[\d+\]|[^\[\]])*)\]", r"\1", marked)
    assert found and set(found) <= set(stretches(sentence, label))


@pytest.mark.parametrize(
    "sentence",
    [
        "We use graph attention and evaluate on Cora.",
        "Models trained with and without dropout differ.",
        "It prunes trees without hurting BERT.",
        "It is not only used for parsing but also for ranking.",
        "This is not unlike CART.",
        "Compared to CART, TreeFold is fast.",
        "TreeFold outperforms CART on ranking.",
        "We evaluate on Cora (Sen et al., 2008) with TreeFold.",
        "The May corpus of 2020 (2020) is large.",
        "It reduces overfitting and avoids exposure bias.",
        "TreeFold uses no more than ten trees.",
        "We show that trees help parsing.",
    ],
)
def test_what_the_paper_claims_of_itself_is_not_guarded(sentence: str) -> None:
    assert list(find_guarded(sentence)) == []


def labels(sentence: str, *mentions: str) -> list[str]:
    found = list(find_guarded(sentence))
    starts = [sentence.index(mention) for mention in mentions]
    return [guarding_label(found, start, start + len(name)) for start, name in zip(starts, mentions, strict=True)]


BLOCKED = [
    ("We do not use BERT for parsing.", "BERT", "parsing"),
    ("Unlike BERT, TreeFold solves parsing.", "BERT", "parsing"),
    ("Instead of BERT, we train TreeFold on Cora.", "BERT", "Cora"),
    ("TreeFold learns parsing without ImageNet.", "TreeFold", "ImageNet"),
    ("TreeFold needs neither BERT nor ELMo.", "TreeFold", "ELMo"),
    ("CART fails to solve parsing, and TreeFold wins.", "CART", "parsing"),
    ("In future work, we apply TreeFold to parsing.", "TreeFold", "parsing"),
    ("Whether BERT helps parsing remains unclear.", "BERT", "parsing"),
]
STATED = [
    ("Unlike BERT, TreeFold solves parsing.", "TreeFold", "parsing"),
    ("Unlike BERT for parsing, TreeFold is small.", "BERT", "parsing"),
    ("We do not use BERT, but TreeFold solves parsing.", "TreeFold", "parsing"),
    ("Prior work has used BERT for parsing.", "BERT", "parsing"),
    ("TreeFold could be used for parsing.", "TreeFold", "parsing"),
    ("Without BERT, TreeFold solves parsing.", "TreeFold", "parsing"),
]


@pytest.mark.parametrize(("sentence", "one", "other"), BLOCKED)
def test_no_relation_crosses_a_border_or_is_denied(sentence: str, one: str, other: str) -> None:
    assert is_blocked(*labels(sentence, one, other))


@pytest.mark.parametrize(("sentence", "one", "other"), STATED)
def test_what_is_stated_is_not_blocked(sentence: str, one: str, other: str) -> None:
    assert not is_blocked(*labels(sentence, one, other))


def test_a_contrast_compares() -> None:
    contrast = labels("Unlike BERT, TreeFold solves parsing.", "BERT", "TreeFold")
    assert is_blocked(*contrast) and not is_blocked(*contrast, may_contrast=True)
    negated = labels("TreeFold learns without BERT.", "TreeFold", "BERT")
    assert is_blocked(*negated, may_contrast=True)


@given(st.sampled_from(["", *BLOCKING, *INFORMING]), st.sampled_from(["", *BLOCKING, *INFORMING]), st.booleans())
def test_blocking_does_not_depend_on_the_order(one: str, other: str, may_contrast: bool) -> None:
    assert is_blocked(one, other, may_contrast) == is_blocked(other, one, may_contrast)
    assert not (is_blocked(one, other, True) and not is_blocked(one, other))
    assert not is_blocked(one, other) or {one, other} & BLOCKING


def test_labels_that_inform_are_asked_for() -> None:
    found = [Stretch(0, 20, "CITED"), Stretch(5, 10, "NEGATED"), Stretch(0, 20, "HEDGED")]
    assert guarding_label(found, 5, 8) == "NEGATED"
    assert guarding_label(found, 5, 8, INFORMING) == "CITED"
    assert guarding_label(found, 0, 8) == "" and guarding_label(found, 0, 8, frozenset({"HEDGED"})) == "HEDGED"


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "unlike without neither nor not do use fail to suffer from we plan future work may be used whether how remains "
        "open prior many methods rely show et al (2020) has been widely the no need for is , . ; ( ) but and or A B",
    )
)


@given(st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=80))
def test_stretches_lie_in_the_sentence(sentence: str) -> None:
    for start, end, label in find_guarded(sentence):
        assert 0 <= start < end <= len(sentence) and label in BLOCKING | INFORMING


@pytest.mark.parametrize("word", ["unlike a, ", "most ", "how a ", "no a ", "( ", "is only ", "b-c "])
def test_no_cue_backtracks_without_end(word: str) -> None:
    begin = time.process_time()
    list(find_guarded(word * 400))
    assert time.process_time() - begin < 2


def test_the_component_marks_stretches_in_the_doc() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("kgraph_sentences")
    nlp.add_pipe("kgraph_guard")
    doc = nlp("Trees without labels\nPrior work has used CART. We do not use BERT.")
    assert [(doc.text[s.start : s.end], s.label) for s in guard.read_guarded(doc)] == [
        ("without labels", "NEGATED"),
        ("Prior work has used CART", "CITED"),
        ("do not use BERT", "NEGATED"),
    ]
