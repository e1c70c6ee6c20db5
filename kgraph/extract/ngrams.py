"""What the literature knows of an n-gram: how common it is, and how often it was read as a term.

In: the words of a candidate, as one string of keys (`words.key_of`). Out: its `Code`. The table ships as
`ngrams.json.gz`; training/count_ngrams.py and training/rate_ngrams.py made it from raw abstracts.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from kgraph.extract.linear import read_data


class Code(NamedTuple):
    """What is known of one n-gram, in coarse steps, so that few codes serve many n-grams."""

    df: int
    """The logarithm (base 2, rounded down) of the number of papers that have it."""
    titles: int
    """How often a paper that has it has it in its title: 0 (under 5 %) to 4 (20 % and more)."""
    rate: int
    """The mean probability that it is a term, in tenths (0 to 9)."""
    kind: str
    """The likeliest type: M, D or T; with * or ** where others are likely too; - where it was never rated."""


UNKNOWN: Final = Code(0, 0, 0, "-")


@cache
def ngram_codes() -> dict[str, Code]:
    """The n-grams of the literature with their codes."""
    codes = read_data("ngrams.json.gz")["codes"]
    return {gram: code for key, grams in codes.items() for code in [_read_code(key)] for gram in grams.split("\n")}


def _read_code(key: str) -> Code:
    df, titles, rate, kind = key.split()
    return Code(int(df), int(titles), int(rate), kind)
