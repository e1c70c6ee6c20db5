"""Where names stand in a sentence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.highlight import mark_names
from tests.strategies import texts

BERT = ("BERT", "bidirectional encoder representations from transformers")


def marked(sentence: str, *names: tuple[str, ...]) -> list[str]:
    return [sentence[start:end] for start, end in mark_names(sentence, *names)]


@pytest.mark.parametrize(
    ("sentence", "names", "expected"),
    [
        ("BERT beats GPT, and GPT-2 too.", (BERT, ("GPT", "GPT-2")), ["BERT", "GPT", "GPT-2"]),
        ("RoBERTa is no BERTs.", (BERT,), []),
        ("BERT-based, (BERT) and BERT's", (BERT,), ["BERT", "BERT", "BERT"]),
        ("Object Detection in the wild", (("object detection", "detection"),), ["Object Detection"]),
        ("small object detection", (("object detection",), ("small object",)), ["small object detection"]),
        ("it helps IT, and so it goes", (("IT",),), ["IT"]),
        ("We call it bert.", (BERT,), ["bert"]),
        ("question\n  answering", (("question answering",),), ["question\n  answering"]),
        ("C++ and C# (in C)", (("C++", "C#"),), ["C++", "C#"]),
        ("𝔛 uses naïve Bayes 🧪", (("naïve Bayes",), ("🧪",)), ["naïve Bayes", "🧪"]),
        ("a.b and axb", (("a.b",),), ["a.b"]),
        ("nothing here", (("", " "), ()), []),
    ],
)
def test_names_are_found_as_whole_words_the_longest_first(
    sentence: str, names: tuple[tuple[str, ...], ...], expected: list[str]
) -> None:
    assert marked(sentence, *names) == expected


@given(texts(), st.lists(st.lists(texts(), max_size=3).map(tuple), max_size=3))
def test_marks_stand_apart_in_order_and_hold_nothing_but_names(sentence: str, names: list[tuple[str, ...]]) -> None:
    marks = mark_names(sentence, *names)
    edges = [edge for mark in marks for edge in mark]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(sentence) for start, end in marks)


@given(st.text("ab ", max_size=6), st.text("ab", min_size=1, max_size=4), st.text("ab ", max_size=6))
def test_a_name_that_stands_alone_is_marked(before: str, name: str, after: str) -> None:
    sentence = f"{before} {name} {after}"
    assert set(marked(sentence, (name,))) == {name}
    assert len(mark_names(sentence, (name,))) == len(re.findall(rf"\b{name}\b", sentence))
