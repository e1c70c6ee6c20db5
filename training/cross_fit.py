"""Terms of the training papers, found by weights that were fitted on other papers; writes .cache/cross_fit.json.

What is fitted on top of the terms (entities, relations) must see the mistakes that terms have on new papers.
"""

from __future__ import annotations

import json
from pathlib import Path

from corpora import Row, fold, training_papers
from fit_terms import THRESHOLD, examples, find_borders, gold_keys, text_of
from regression import fit

from kgraph.extract.candidates import Borders, find_candidates
from kgraph.extract.linear import LinearModel, make_model
from kgraph.extract.term_scores import CLASSES, score_candidates
from kgraph.extract.terms import choose_terms

OUT = Path(__file__).parents[1] / ".cache/cross_fit.json"
Spans = list[tuple[int, int, str, float]]


def fit_without(rows: list[Row], inverse_l2: float = 0.3) -> tuple[LinearModel, Borders]:
    """Weights and borders from some papers."""
    texts, keys = [text_of(row) for row in rows], [gold_keys(row) for row in rows]
    borders = find_borders(texts, keys)
    weights = fit(examples(texts, keys, borders), inverse_l2)
    return make_model(CLASSES, weights, THRESHOLD), borders


def find_spans(row: Row, model: LinearModel, borders: Borders) -> Spans:
    """The terms of one paper: start, end, type, score."""
    text = text_of(row)
    words = text.words
    return [
        (words[chosen.start].start, words[chosen.end - 1].end, chosen.content.label, round(chosen.content.score, 4))
        for chosen in choose_terms(score_candidates(text, find_candidates(text, borders), model), THRESHOLD)
    ]


def main() -> None:
    """Fit four times, each time without a fourth of the training papers, and find the terms of that fourth."""
    rows = training_papers()
    found: dict[str, Spans] = {}
    for part in range(1, 5):
        model, borders = fit_without([row for row in rows if fold(row["id"]) != part])
        found |= {row["id"]: find_spans(row, model, borders) for row in rows if fold(row["id"]) == part}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
