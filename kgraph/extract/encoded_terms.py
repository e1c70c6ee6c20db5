"""`kgraph_encoder`: terms as `kgraph_terms` finds them, but judged by a transformer encoder too.

In and out as for `kgraph_terms`, in whose place it stands. Each candidate has the logits of the linear model and, as
means over its places, those of the encoder; a multinomial logistic regression over both gives its probabilities
(D. Wolpert, "Stacked generalization", Neural Networks 5, 1992). What the encoder says of the role is kept beside them,
for `roles`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.candidates import Candidate, Text, find_candidates, load_borders, read_text
from kgraph.extract.encoder import Encoder, stretches_of
from kgraph.extract.linear import MODEL, Logits, load_model, log_softmax
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


def encoder_logits(encoder: Encoder, doc_text: str, text: Text, candidates: list[Candidate]) -> Logits:
    """What the encoder says of each candidate: the means over its places."""
    of_places = encoder.logits(doc_text, stretches_of(text, candidates))
    return means_over_places(of_places, candidates) if candidates else of_places


class EncodedTermFinder:
    """The component."""

    def __init__(self, threshold: float | None = None) -> None:
        """`threshold` is the least probability of a term (by default the fitted one)."""
        self.model = load_model("terms")
        self.threshold = threshold
        self.files: dict[str, bytes] = {}

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder, ready to read: the one that was loaded, else the shipped one."""
        files = self._loaded()
        return Encoder(files["tokenizer.json"], files["encoder.onnx"])

    @cached_property
    def blend(self) -> Blend:
        """How both judgements count."""
        return read_blend(self._loaded()["blend.json"])

    def _loaded(self) -> dict[str, bytes]:
        if not self.files:
            self.from_disk(MODEL / NAME)
        return self.files

    def __call__(self, doc: Doc) -> Doc:
        """Find the terms of a doc."""
        text = read_text(text_of(doc), doc._.abbreviations)
        candidates = find_candidates(text, load_borders())
        return self._judge(doc, text, candidates, encoder_logits(self.encoder, text_of(doc), text, candidates))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int) -> Iterator[Doc]:
        """The same for many docs: while one is judged here, threads read the next ones."""
        encoder = self.encoder
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            while docs := list(islice(stream := iter(stream), batch_size)):
                texts = [read_text(text_of(doc), doc._.abbreviations) for doc in docs]
                candidates = [find_candidates(text, load_borders()) for text in texts]
                of_encoder = threads.map(
                    encoder_logits, [encoder] * len(docs), list(map(text_of, docs)), texts, candidates
                )
                yield from map(self._judge, docs, texts, candidates, of_encoder)

    def _judge(self, doc: Doc, text: Text, candidates: list[Candidate], encoded: Logits) -> Doc:
        scored = self.blend.score(text, candidates, linear_logits(text, candidates, self.model), encoded)
        keep_terms(doc, text, scored, self.blend.threshold if self.threshold is None else self.threshold, NAME)
        return doc

    def __getstate__(self) -> dict[str, Any]:
        """What a copy in another process gets: it opens the encoder anew."""
        return {"model": self.model, "threshold": self.threshold, "files": self.files}

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the encoder to a folder."""
        path.mkdir(parents=True, exist_ok=True)
        for name, content in self._loaded().items():
            (path / name).write_bytes(content)

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> EncodedTermFinder:  # noqa: ARG002
        """Take the encoder from a folder. Raises OSError where a file is missing."""
        return self._take({name: (path / name).read_bytes() for name in FILES})

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002
        """Pack the encoder."""
        packed: bytes = srsly.msgpack_dumps(self._loaded())
        return packed

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> EncodedTermFinder:  # noqa: ARG002
        """Take the encoder that `to_bytes` packed."""
        return self._take(srsly.msgpack_loads(data))

    def _take(self, files: dict[str, bytes]) -> EncodedTermFinder:
        for name in ("encoder", "blend"):
            self.__dict__.pop(name, None)
        self.files = files
        return self


@Language.factory(NAME, default_config={"threshold": None}, requires=["doc._.abbreviations"], assigns=["doc.spans"])
def make_encoded_term_finder(nlp: Language, name: str, threshold: float | None) -> EncodedTermFinder:  # noqa: ARG001
    """Make the component; its encoder ships with the package."""
    return EncodedTermFinder(threshold)
