"""What both judges of terms say of the candidates of the training papers, each fitted on other papers.

What is fitted on top of the terms (their blend, entities, relations) must see the mistakes that they make on new
papers: the linear model is fitted four times, each time without a fourth of the training papers; the encoder twice,
each time without a half (see fit_encoder.py). Writes .cache/cross_fit.pkl.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from corpora import CACHE, Row, fold, paper_of, training_papers
from fit_terms import examples, gold_keys, text_of
from regression import fit

from kgraph.extract.candidates import Candidate, Text, find_candidates, load_borders
from kgraph.extract.encoded_terms import read_candidates
from kgraph.extract.encoder import Encoder, Reading
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
    reading: Reading
    """What the encoder makes of it; its logits are those of the classes, then those of the roles."""


def fit_without(part: int, rows: list[Row]) -> LinearModel:
    """The linear model from the papers outside a part."""
    others = [row for row in rows if fold(row["id"]) != part]
    design = examples([text_of(row) for row in others], [gold_keys(row) for row in others], load_borders())
    return make_model(CLASSES, fit(design, 0.3), 0.0)


def encoder_folder(paper_id: str) -> Path:
    """The encoder from the papers outside the development part and the half of the others that this paper is in."""
    half = next(half for half in HALVES if str(fold(paper_id)) in half)
    return CACHE / f"encoder-without-0{half}"


@cache
def open_encoder(folder: Path) -> Encoder:
    """Load an encoder that fit_encoder.py wrote."""
    return Encoder((folder / "tokenizer.json").read_bytes(), (folder / "encoder.onnx").read_bytes())


def judge(row: Row, model: LinearModel, encoder: Encoder) -> Judged:
    """What both judges say of a paper."""
    text = text_of(row)
    candidates = find_candidates(text, load_borders())
    reading = read_candidates(encoder, paper_of(row).text, text, candidates)
    return Judged(text, candidates, linear_logits(text, candidates, model), shortened(reading))


def shortened(reading: Reading) -> Reading:
    """A reading with its vectors in 16 bits, which take half the room."""
    return replace(reading, vectors=reading.vectors.astype(np.float16))


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
        members = [row for row in rows if fold(row["id"]) == part]
        found |= {row["id"]: judge(row, model, open_encoder(encoder_folder(row["id"]))) for row in members}
    OUT.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    # Not as __main__: the classes of what is pickled must be found again by other steps.
    from cross_fit import main as run

    run()
