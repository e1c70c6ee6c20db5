"""Label raw papers by the linear model and the encoder together, as more examples for the encoder (distillation).

    python training/label_papers.py [--papers N] [--encoder NAME]

Each candidate gets the probabilities of the blend, not a class (G. Hinton et al., "Distilling the knowledge in a neural
network", 2015). Writes .cache/labelled.pkl.
"""

from __future__ import annotations

import argparse
import pickle
import random

from corpora import CACHE, Row, annotated, raw_papers
from cross_fit import judge, open_encoder
from encoder_net import Example, make_example
from fit_blend import OUT as BLEND

from kgraph.extract.encoded_terms import read_blend
from kgraph.extract.linear import load_model, softmax

OUT = CACHE / "labelled.pkl"


def choose_papers(number: int) -> list[Row]:
    """Raw papers that are not annotated, at random."""
    known = {row["title"] for row in annotated()}
    rows = [row for row in raw_papers() if row["title"] not in known and len(row["abstract"]) > 300]
    return random.Random(0).sample(rows, number)


def main() -> None:
    """Parse the arguments, label, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=2500)
    parser.add_argument("--encoder", default="encoder-without-0")
    args = parser.parse_args()
    linear, encoder, blend = load_model("terms"), open_encoder(CACHE / args.encoder), read_blend(BLEND.read_bytes())
    found: list[Example] = []
    for row in choose_papers(args.papers):
        judged = judge(row, linear, encoder)
        logits = blend.logits(judged.linear, judged.reading.logits)
        keys = [candidate.key for candidate in judged.candidates]
        found.append(make_example(row, dict(zip(keys, softmax(logits), strict=True)), {}))
        if len(found) % 250 == 0:
            print(len(found), "papers", flush=True)
    OUT.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main()
