"""Support and confidence: what the statements of one relation add up to."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.support import SUREST, confidence, relation_of, support

SCORES = st.lists(st.integers(0, 10_000).map(lambda score: score / 10_000), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], 0.0),
        ([0.85], 0.85),
        ([0.5, 0.5], 0.75),
        ([0.8, 0.5, 0.0], 0.9),
        ([1.0], SUREST),
        ([1.0, 1.0], 1.0),
    ],
)
def test_papers_that_agree_make_a_relation_surer(scores: list[float], expected: float) -> None:
    assert confidence(scores) == expected


def test_a_paper_counts_once_with_its_best_score() -> None:
    assert support([("a", 0.5), ("a", 0.8), ("b", 0.5), ("a", 0.1)]) == (2, 0.9)
    assert support([]) == (0, 0.0)


def test_only_comparisons_are_read_in_both_directions() -> None:
    assert (
        relation_of("COMPARED_WITH", "b", "a") == relation_of("COMPARED_WITH", "a", "b") == ("COMPARED_WITH", "a", "b")
    )
    assert relation_of("BASED_ON", "b", "a") == ("BASED_ON", "b", "a")


@given(st.integers(0, 9999))
def test_what_one_paper_states_is_as_sure_as_its_score(score: int) -> None:
    assert confidence([score / 10_000]) == score / 10_000


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_the_papers_does_not_matter_and_more_of_them_do_not_hurt(
    scores: list[float], shuffle: random.Random
) -> None:
    mixed = scores.copy()
    shuffle.shuffle(mixed)
    assert confidence(mixed) == confidence(scores)
    assert confidence(scores[1:]) <= confidence(scores) <= 1
    assert confidence(scores) >= min(max(scores), SUREST)
