"""`kgraph_encoder`: terms as `kgraph_terms` finds them, but judged by a transformer encoder too.

In and out as for `kgraph_terms`, in whose place it stands. Each candidate has the logits of the linear model and, as
means over its places, those of the encoder; a multinomial logistic regression over both gives its probabilities
(D. Wolpert, "Stacked generalization", Neural Networks 5, 1992). What the encoder says of the role is kept beside them,
for `roles`, and the vectors of the word pieces in `doc.tensor`, for `kgraph_relations`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.candidates import Candidate, Text, find_candidates, load_borders, read_text
from kgraph.extract.encoded_pairs import keep_vectors
from kgraph.extract.encoder import Encoder, Reading, stretches_of
from kgraph.extract.linear import Logits, load_model, log_softmax
from kgraph.extract.packed_files import PackedFiles
from kgraph.extract.spans import text_of
from kgraph.extract.term_scores import CLASSES, Scored, linear_logits, means_over_places, score_candidates
from kgraph.extract.terms import keep_terms

NAME: Final = "kgraph_encoder"
FILES: Final = ("blend.json", "encoder.onnx", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Blend:
    """The regression over the logarithms of both probabilities of each class: the linear ones, then the encoder's."""

    weights: NDArray[np.float32]
    """Two rows for each class, one column for each."""
    bias: NDArray[np.float32]
    threshold: float
    """The least probability of a term."""

    def logits(self, linear: Logits, encoded: Logits) -> Logits:
        """The logits of the classes, candidate by candidate."""
        blended: Logits = stack_logarithms(linear, encoded) @ self.weights + self.bias
        return blended

    def score(self, text: Text, candidates: list[Candidate], linear: Logits, encoded: Logits) -> list[Scored]:
        """The probabilities of each candidate, of its types and roles, from what both judges say."""
        return score_candidates(text, candidates, self.logits(linear, encoded), encoded[:, len(CLASSES) :])


def stack_logarithms(linear: Logits, encoded: Logits) -> Logits:
    """The logarithms of both probabilities of each class, side by side; `encoded` may have the roles behind them."""
    return np.hstack([log_softmax(linear), log_softmax(encoded[:, : len(CLASSES)])])


def read_blend(data: bytes) -> Blend:
    """Read the weights from JSON."""
    row = json.loads(data)
    return Blend(np.array(row["weights"], dtype="f4"), np.array(row["bias"], dtype="f4"), row["threshold"])


def read_candidates(encoder: Encoder, doc_text: str, text: Text, candidates: list[Candidate]) -> Reading:
    """What the encoder makes of a text, with the logits of each candidate: the means over its places."""
    reading = encoder.read(doc_text, stretches_of(text, candidates))
    return replace(reading, logits=means_over_places(reading.logits, candidates)) if candidates else reading


class EncodedTermFinder(PackedFiles):
    """The component."""

    folder = NAME
    names = FILES
    made = ("encoder", "blend")

    def __init__(self, threshold: float | None = None) -> None:
        """`threshold` is the least probability of a term (by default the fitted one)."""
        super().__init__()
        self.model = load_model("terms")
        self.threshold = threshold

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, ready to read: the one that was loaded, else the shipped one."""
        return Encoder(self.files["tokenizer.json"], self.files["encoder.onnx"])

    @cached_property
    def blend(self) -> Blend:
        """How both judgements count."""
        return read_blend(self.files["blend.json"])

    def __call__(self, doc: Doc) -> Doc:
        """Find the terms of a doc."""
        text = read_text(text_of(doc), doc._.abbreviations)
        candidates = find_candidates(text, load_borders())
        return self._judge(doc, text, candidates, read_candidates(self.encoder, text_of(doc), text, candidates))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int) -> Iterator[Doc]:
        """The same for many docs: while one is judged here, threads read the next ones."""
        encoder = self.encoder
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            while docs := list(islice(stream := iter(stream), batch_size)):
                texts = [read_text(text_of(doc), doc._.abbreviations) for doc in docs]
                candidates = [find_candidates(text, load_borders()) for text in texts]
                readings = threads.map(
                    read_candidates, [encoder] * len(docs), list(map(text_of, docs)), texts, candidates
                )
                yield from map(self._judge, docs, texts, candidates, readings)

    def _judge(self, doc: Doc, text: Text, candidates: list[Candidate], reading: Reading) -> Doc:
        scored = self.blend.score(text, candidates, linear_logits(text, candidates, self.model), reading.logits)
        keep_terms(doc, text, scored, self.blend.threshold if self.threshold is None else self.threshold, NAME)
        keep_vectors(doc, reading.vectors, reading.bounds)
        return doc


@Language.factory(NAME, default_config={"threshold": None}, requires=["doc._.abbreviations"], assigns=["doc.spans"])
def make_encoded_term_finder(nlp: Language, name: str, threshold: float | None) -> EncodedTermFinder:  # noqa: ARG001
    """Make the component; its encoder ships with the package."""
    return EncodedTermFinder(threshold)
