"""Terms of the training papers, found by weights that were fitted on other papers; writes .cache/cross_fit.json.

What is fitted on top of the terms (entities, relations) must see the mistakes that terms have on new papers.
"""

from __future__ import annotations

import json
from pathlib import Path

from corpora import Row, annotated, fold, is_dev
from fit_terms import CLASSES, THRESHOLD, banned_words, examples, gold_keys, text_of
from regression import fit

from kgraph.extract.candidates import find_candidates
from kgraph.extract.linear import LinearModel, make_model
from kgraph.extract.terms import choose, score_candidates

OUT = Path(__file__).parents[1] / ".cache/cross_fit.json"
Spans = list[tuple[int, int, str, float]]


def fit_without(rows: list[Row], inverse_l2: float = 0.3) -> tuple[LinearModel, dict[str, frozenset[str]]]:
    """Weights and banned words from some papers."""
    texts, keys = [text_of(row) for row in rows], [gold_keys(row) for row in rows]
    banned = banned_words(texts, keys)
    weights = fit(examples(texts, keys, banned), inverse_l2)
    model = make_model(CLASSES, weights, THRESHOLD)
    return model, {place: frozenset(words) for place, words in banned.items()}


def find_spans(row: Row, model: LinearModel, banned: dict[str, frozenset[str]]) -> Spans:
    """The terms of one paper: start, end, type, score."""
    text = text_of(row)
    chosen = choose(score_candidates(text, find_candidates(text, banned), model), THRESHOLD)
    words = text.words
    return [(words[i].start, words[j - 1].end, one.label, round(one.score, 4)) for i, j, one in chosen]


def main() -> None:
    """Fit four times, each time without a fourth of the training papers, and find the terms of that fourth."""
    rows = [row for row in annotated() if not is_dev(row)]
    found: dict[str, Spans] = {}
    for part in range(1, 5):
        model, banned = fit_without([row for row in rows if fold(row["id"]) != part])
        found |= {row["id"]: find_spans(row, model, banned) for row in rows if fold(row["id"]) == part}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
