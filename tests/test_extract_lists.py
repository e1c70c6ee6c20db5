"""Mentions in one list, and what "respectively" keeps apart. In the sentences, mentions stand in braces."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.extract.lists import find_crossed, find_lists
from kgraph.extract.mentions import Place


def read_marked(marked: str) -> tuple[str, list[Place]]:
    """A sentence without its braces, and what stood in them."""
    places: list[Place] = []
    for number, found in enumerate(re.finditer(r"\{([^}]*)\}", marked)):
        start = found.start() - 2 * number
        places.append(Place(start, start + len(found[1]), 0, ""))
    return marked.replace("{", "").replace("}", ""), places


def lists_of(marked: str) -> list[list[str]]:
    text, places = read_marked(marked)
    return [[text[place.start : place.end] for place in members] for members in find_lists(text, places)]


ONE_LIST = [
    ("We test on {Cora} and {Pubmed}.", "Cora Pubmed"),
    ("We test on {Cora}, {Pubmed}, and {Citeseer}.", "Cora Pubmed Citeseer"),
    ("We test on {Cora}, {Pubmed} and {Citeseer}.", "Cora Pubmed Citeseer"),
    ("Either {CART} or {ID3} is run.", "CART ID3"),
    ("Both {CART} and the {ID3} algorithm prune.", "CART ID3"),
    ("{CART} as well as {ID3} prune.", "CART ID3"),
    ("{CART}, along with {ID3}, prunes.", "CART ID3"),
    ("{CART}/{ID3} prune.", "CART ID3"),
    ("{CART} & {ID3} prune.", "CART ID3"),
    ("On the {Cora} dataset, the {Pubmed} corpus and {Citeseer}.", "Cora Pubmed Citeseer"),
    ("On {Cora} (2,708 nodes), {Pubmed} (19,717 nodes), and {Citeseer}.", "Cora Pubmed Citeseer"),
    ("{parsing}, {tagging} (T), and {ranking} are hard.", "parsing tagging ranking"),
    ("{parsing}, {tagging} ({T}), and {ranking} ({R}) are hard.", "parsing tagging ranking"),
    ("with a {tree encoder}, a pointer, and {beam} and a novel {decoder}", "beam decoder"),
    ("It joins a {parser} and an efficient {ranker}.", "parser ranker"),
    ("(1) {parsing}, (2) {tagging}, and (3) {ranking}", "parsing tagging ranking"),
    ("datasets such as {Cora}, {Pubmed}, {Citeseer}.", "Cora Pubmed Citeseer"),
    ('"{Cora}", "{Pubmed}" and "{Citeseer}"', "Cora Pubmed Citeseer"),
    ("two datasets ({Cora} and {Pubmed})", "Cora Pubmed"),
    ("Unlike {CART} and {ID3}, {TreeFold} prunes.", "CART ID3"),
    ("{Cora} [3], {Pubmed} [4], and {Citeseer} [5]", "Cora Pubmed Citeseer"),
    ("{CART}, {ID3}, or other {forests}", "CART ID3 forests"),
    ("neither {CART} nor {ID3}", "CART ID3"),
    ("{Cora}, {Pubmed}, {Citeseer}, {Reddit}, and {Yelp}", "Cora Pubmed Citeseer Reddit Yelp"),
    ("small-scale {Cora} and large-scale {Reddit}", "Cora Reddit"),
]


@pytest.mark.parametrize(("marked", "members"), ONE_LIST)
def test_mentions_with_commas_and_conjunctions_between_are_a_list(marked: str, members: str) -> None:
    assert [" ".join(found) for found in lists_of(marked)] == [members]


@pytest.mark.parametrize(
    "marked",
    [
        "{CART} for {ranking}",
        "In {AutoML}, {CART} is tuned.",
        "{TreeFold}, a {parser}, wins.",
        "{TreeFold}, the {parser}",
        "We train {CART}, and evaluate {ID3}.",
        "We train {CART} and propose {ID3}.",
        "{CART} uses pruning and outperforms {ID3}.",
        "{CART} and the extension of {ID3}",
        "{CART} outperforms {ID3}.",
        "{CART} with {ID3}",
        "{CART}. {ID3}",
        "{CART} based on {ID3}",
        "{natural questions} ({NQ})",
        "{CART}, which extends {ID3}",
    ],
)
def test_other_words_between_make_no_list(marked: str) -> None:
    assert lists_of(marked) == []


def test_a_sentence_can_hold_several_lists() -> None:
    assert lists_of("{CART} and {ID3} are tested for {ranking} and {parsing}.") == [
        ["CART", "ID3"],
        ["ranking", "parsing"],
    ]


def test_sentences_part_lists() -> None:
    text, (one, other) = read_marked("{CART}, and {ID3}")
    assert find_lists(text, [one, other._replace(sent=1)]) == []


def test_a_mention_inside_another_is_left_out() -> None:
    text = "graph networks and trees"
    places = [Place(0, 14, 0, ""), Place(0, 5, 0, ""), Place(6, 14, 0, ""), Place(19, 24, 0, "")]
    assert find_lists(text, places) == [[places[0], places[3]]]


# "respectively"


def crossed_names(marked: str, *groups: str) -> set[tuple[str, str]]:
    """The refused pairs; each group names the mentions of one type."""
    text, places = read_marked(marked)
    named = {text[place.start : place.end]: place for place in places}
    lists = [members for group in groups for members in find_lists(text, [named[name] for name in group.split()])]
    return {(text[a.start : a.end], text[b.start : b.end]) for a, b in find_crossed(text, lists) if a.start < b.start}


CROSSED = [
    "{CART} and {ID3} win on {Cora} and {Pubmed}, respectively.",
    "{CART} and {ID3} reach 91% and 89% on {Cora} and {Pubmed} respectively.",
    "{CART} and {ID3} win on the {Cora} and {Pubmed} datasets, respectively.",
    "{CART} and {ID3} win on the {Cora} and {Pubmed} (P) node benchmarks, respectively, by far.",
    "On {Cora} and {Pubmed} we run {CART} and {ID3} (respectively).",
]


@pytest.mark.parametrize("marked", CROSSED)
def test_respectively_keeps_crossed_pairs_apart(marked: str) -> None:
    found = crossed_names(marked, "CART ID3", "Cora Pubmed")
    assert {frozenset(pair) for pair in found} == {frozenset({"CART", "Pubmed"}), frozenset({"ID3", "Cora"})}


def test_three_by_three() -> None:
    marked = "{A}, {B}, and {C} serve {x}, {y}, and {z}, respectively."
    aligned = {("A", "x"), ("B", "y"), ("C", "z")}
    assert crossed_names(marked, "A B C", "x y z") == set(product("ABC", "xyz")) - aligned


def test_the_nearest_list_counts() -> None:
    marked = "With {P} and {Q}, {A} and {B} serve {x} and {y}, respectively."
    assert crossed_names(marked, "P Q", "A B", "x y") == {("A", "y"), ("B", "x")}


@pytest.mark.parametrize(
    "marked",
    [
        "{CART} and {ID3} win on {Cora} and {Pubmed}.",
        "{CART} and {ID3} win on {Cora} and {Pubmed} by margins of 3 and 4 points, respectively.",
        "{CART} and {ID3} win by 3 and 4 points, respectively, on {Cora} and {Pubmed}.",
        "{CART} wins on {Cora} and {Pubmed}, respectively, unlike {ID3}.",
        "{CART} and {ID3} win. On {Cora} and {Pubmed} irrespectively.",
    ],
)
def test_other_sentences_refuse_nothing(marked: str) -> None:
    assert crossed_names(marked, "CART ID3", "Cora Pubmed") == set()


def test_lists_of_other_lengths_refuse_nothing() -> None:
    marked = "{A}, {B}, and {C} serve {x} and {y}, respectively."
    assert crossed_names(marked, "A B C", "x y") == set()


# Whatever the sentence says

PIECES = st.sampled_from(
    [
        ", ",
        " and ",
        ", and ",
        " or ",
        " (",
        "), ",
        ") and ",
        " the ",
        " dataset, ",
        " for ",
        "/",
        " ",
        ", respectively ",
    ]
)
SENTENCES = st.lists(st.tuples(st.sampled_from(["{A}", "{BC}", "{D e}", "f", "G"]), PIECES), max_size=14).map(
    lambda parts: "".join(word + piece for word, piece in parts)
)


@given(SENTENCES)
def test_lists_keep_the_order_and_share_nothing(marked: str) -> None:
    text, places = read_marked(marked)
    lists = find_lists(text, places)
    members = [place for found in lists for place in found]
    assert members == sorted(set(members)) and set(members) <= set(places)
    assert all(len(found) >= 2 for found in lists)
    assert find_lists(text, reversed(places)) == lists


@given(SENTENCES)
def test_aligned_pairs_are_never_refused(marked: str) -> None:
    text, places = read_marked(marked)
    lists = find_lists(text, places)
    crossed = find_crossed(text, lists)
    assert crossed == {(other, one) for one, other in crossed}
    at = {place: (number, i) for number, members in enumerate(lists) for i, place in enumerate(members)}
    for one, other in crossed:
        assert at[one][0] != at[other][0] and at[one][1] != at[other][1]
    assert not crossed or "respectively" in text
