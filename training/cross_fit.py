"""What both judges of terms say of the candidates of the training papers, each fitted on other papers.

What is fitted on top of the terms (their blend, entities, relations) must see the mistakes that they make on new
papers: the linear model is fitted four times, each time without a fourth of the training papers; the encoder twice,
each time without a half (see fit_encoder.py). Writes .cache/cross_fit.pkl.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpora import CACHE, Row, fold, paper_of, training_papers
from fit_terms import examples, gold_keys, text_of
from regression import fit

from kgraph.extract.candidates import Candidate, Text, find_candidates, load_borders
from kgraph.extract.encoded_terms import encoder_logits
from kgraph.extract.encoder import Encoder
from kgraph.extract.linear import LinearModel, Logits, make_model
from kgraph.extract.term_scores import CLASSES, linear_logits

OUT = CACHE / "cross_fit.pkl"
HALVES = ("12", "34")


@dataclass(frozen=True, slots=True)
class Judged:
    """A paper with its candidates, and the logits of both judges, candidate by candidate."""

    text: Text
    candidates: list[Candidate]
    linear: Logits
    encoded: Logits
    """Those of the classes, then those of the roles."""


def fit_without(part: int, rows: list[Row]) -> LinearModel:
    """The linear model from the papers outside a part."""
    others = [row for row in rows if fold(row["id"]) != part]
    design = examples([text_of(row) for row in others], [gold_keys(row) for row in others], load_borders())
    return make_model(CLASSES, fit(design, 0.3), 0.0)


@cache
def encoder_without(half: str) -> Encoder:
    """The encoder from the papers outside the development part and a half of the others."""
    return open_encoder(CACHE / f"encoder-without-0{half}")


def open_encoder(folder: Path) -> Encoder:
    """Load an encoder that fit_encoder.py wrote."""
    return Encoder((folder / "tokenizer.json").read_bytes(), (folder / "encoder.onnx").read_bytes())


def judge(row: Row, model: LinearModel, encoder: Encoder) -> Judged:
    """What both judges say of a paper."""
    text = text_of(row)
    candidates = find_candidates(text, load_borders())
    encoded = encoder_logits(encoder, paper_of(row).text, text, candidates)
    return Judged(text, candidates, linear_logits(text, candidates, model), encoded)


def read_cross_fit() -> dict[str, Judged]:
    """What main() wrote, by the ids of the papers."""
    found: dict[str, Judged] = pickle.loads(OUT.read_bytes())
    return found


def main() -> None:
    """Fit, judge, write."""
    rows = training_papers()
    found: dict[str, Judged] = {}
    for part in range(1, 5):
        model = fit_without(part, rows)
        encoder = encoder_without(next(half for half in HALVES if str(part) in half))
        found |= {row["id"]: judge(row, model, encoder) for row in rows if fold(row["id"]) == part}
    OUT.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    # Not as __main__: the classes of what is pickled must be found again by other steps.
    from cross_fit import main as run

    run()
