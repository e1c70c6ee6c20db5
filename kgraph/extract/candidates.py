"""Candidate terms: every stretch of words of a text that could be the name of something.

In: a text and its abbreviations. Out: candidates, each with all its places. A candidate is a run of up to seven words
without a punctuation mark in it. Words that (nearly) never begin or end a term, or stand inside one, bound it: they
were counted in the annotated papers (`borders.json.gz`, made by training/fit_terms.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from kgraph.extract.abbreviations import Definition
from kgraph.extract.linear import read_data
from kgraph.extract.words import Word, find_words, is_word, key_of, title_end

LONGEST: Final = 7


@dataclass(frozen=True, slots=True)
class Candidate:
    """One name as a paper may use it: its places (as word indices, end exclusive)."""

    key: str
    places: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what candidates and their features need to know of it."""

    words: list[Word]
    title_words: int
    longs: dict[str, str]
    """The keys of the short forms, with those of the long forms."""


@dataclass(frozen=True, slots=True)
class Borders:
    """Words (in lower case) that are never the first, the last or an inner word of a term."""

    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()


@cache
def load_borders() -> Borders:
    """Load the words that ship with this package."""
    return Borders(**{place: frozenset(words) for place, words in read_data("borders.json.gz").items()})


def read_text(text: str, abbreviations: Iterable[Definition]) -> Text:
    """Prepare a text: its words, and the keys of its short and long forms."""
    border = title_end(text)
    words = find_words(text, border)
    title_words = sum(word.end <= border for word in words)
    longs = {key_of(find_words(pair.short)): key_of(find_words(pair.long)) for pair in abbreviations}
    return Text(words, title_words, longs)


def runs(words: list[Word]) -> Iterator[tuple[int, int]]:
    """The stretches (as word indices) between punctuation marks, or between one and an end of title or text."""
    start = 0
    for i, word in enumerate(words):
        if not is_word(word):
            if i > start:
                yield start, i
            start = i + 1
        elif not word.glued and i > start:
            yield start, i
            start = i
    if len(words) > start:
        yield start, len(words)


def find_candidates(text: Text, borders: Borders) -> list[Candidate]:
    """Gather the candidates of a text, in the order of their first places."""
    found: dict[str, Candidate] = {}
    words = text.words
    for run_start, run_end in runs(words):
        for start in range(run_start, run_end):
            if words[start].lower in borders.first or words[start].text[0] == "-":
                continue
            for end in _ends(words, start, run_end, borders):
                key = key_of(words[start:end])
                found.setdefault(key, Candidate(key, [])).places.append((start, end))
    return list(found.values())


def _ends(words: list[Word], start: int, run_end: int, borders: Borders) -> Iterator[int]:
    """Where (exclusive) a candidate can end that begins with word `start`."""
    last, inner = borders.last, borders.inner
    for end in range(start + 1, min(run_end, start + LONGEST) + 1):
        word = words[end - 1].lower
        if word not in last:
            yield end
        if word in inner and end - 1 > start:
            return
