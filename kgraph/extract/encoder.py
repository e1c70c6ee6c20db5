"""What a transformer encoder makes of stretches of a text. The only place that knows onnxruntime and tokenizers.

In: a text, and places in it (offsets, and how many words they have). Out: for each place the logits of the classes of
terms and of the roles, and the vectors of the word pieces, from which `encoded_pairs` judges relations. The encoder
reads word pieces, up to 510 at a time: a longer text is read through windows that overlap, and each place is judged in
the window that shows enough of what stands before and after it.

A place is judged by the vectors of its first and its last word piece and by its number of words, as spans are in
K. Lee et al., "End-to-end neural coreference resolution", EMNLP 2017. training/fit_encoder.py made the weights, which
are stored in 8 bits; a text is read by itself, so what is found in it does not depend on the texts around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgraph.extract.candidates import LONGEST, Candidate, Text
from kgraph.extract.linear import Logits
from kgraph.extract.term_scores import CLASSES
from kgraph.schema import ROLES

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW: Final = 510
"""Word pieces in a window, without the two marks around it."""
STRIDE: Final = 384
VECTOR: Final = 384
"""Numbers in the vector of a word piece."""
OUTPUTS: Final = len(CLASSES) + len(ROLES)
_MARGIN: Final = 63
"""How many pieces at least a window that is not the first shows before a place."""


class Stretch(NamedTuple):
    """A place in a text: its offsets (`end` exclusive) and its number of words."""

    start: int
    end: int
    width: int


def stretches_of(text: Text, candidates: Sequence[Candidate]) -> list[Stretch]:
    """All places of all candidates, candidate by candidate."""
    words = text.words
    return [
        Stretch(words[start].start, words[end - 1].end, end - start)
        for candidate in candidates
        for start, end in candidate.places
    ]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a text."""

    numbers: NDArray[np.int64]
    """In the vocabulary, with the marks of the beginning and the end."""
    bounds: NDArray[np.int64]
    """The offsets of each piece, without those of the marks."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the encoder reads at a time: word pieces, and the places that it judges among them."""

    begin: int
    """How many word pieces of the text stand before it."""
    pieces: NDArray[np.int64]
    """Their numbers in the vocabulary, with the two marks."""
    starts: NDArray[np.int64]
    """The first piece of each place."""
    ends: NDArray[np.int64]
    """The last piece of each place."""
    widths: NDArray[np.int64]
    rows: NDArray[np.int64]
    """Which of the places of the text they are."""


def read_pieces(tokenizer: Tokenizer, text: str) -> Pieces:
    """Cut a text into word pieces."""
    encoding = tokenizer.encode(text)
    bounds = np.array(encoding.offsets[1:-1], dtype=np.int64).reshape(-1, 2)
    return Pieces(np.array(encoding.ids, dtype=np.int64), bounds)


def cut_windows(pieces: Pieces, places: Sequence[Stretch]) -> Iterator[Window]:
    """Cut word pieces into windows; a place that has no word pieces, or too many, is in none of them."""
    inner, marks = pieces.numbers[1:-1], pieces.numbers[[0, -1]]
    starts, ends, known = place_pieces(pieces.bounds, places)
    widths = np.minimum([place.width for place in places], LONGEST).astype(np.int64)
    last_window = max(0, -((WINDOW - len(inner)) // STRIDE))
    window_of = np.minimum(np.maximum(starts - _MARGIN, 0) // STRIDE, last_window)
    for number in np.unique(window_of[known]).tolist():
        rows = np.flatnonzero((window_of == number) & known)
        begin = number * STRIDE
        inside = np.concatenate([marks[:1], inner[begin : begin + WINDOW], marks[1:]])
        shift = 1 - begin
        yield Window(begin, inside, starts[rows] + shift, ends[rows] + shift, widths[rows], rows)


def place_pieces(
    bounds: NDArray[np.int64], places: Sequence[Stretch]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The first and the last word piece of each place, and whether a window can show it."""
    starts = np.searchsorted(bounds[:, 1], [place.start for place in places], side="right")
    ends = np.searchsorted(bounds[:, 0], [place.end for place in places], side="left") - 1
    return starts, ends, (starts <= ends) & (ends - starts < _MARGIN)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder makes of a text."""

    logits: Logits
    """Of each place, row by row; zeros for a place that has no word pieces."""
    vectors: NDArray[np.float32]
    """Of each word piece, between those of the two marks; zeros where no window was read."""
    bounds: NDArray[np.int64]
    """The offsets of each word piece."""


class Network:
    """An ONNX model."""

    def __init__(self, content: bytes) -> None:
        """Open it."""
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        # Several texts are read at a time, each by one thread (see `encoded_terms`).
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(self, **inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """All outputs, in their order."""
        outputs: list[NDArray[np.float32]] = self._session.run(None, inputs)
        return outputs


class Encoder:
    """A quantised encoder with its word pieces."""

    def __init__(self, tokenizer: bytes, network: bytes) -> None:
        """Take a `tokenizer.json` and an ONNX model (inputs pieces, starts, ends, widths; outputs logits, vectors)."""
        from tokenizers import Tokenizer

        self._network = Network(network)
        self._tokenizer = Tokenizer.from_str(tokenizer.decode())

    def read(self, text: str, places: Sequence[Stretch]) -> Reading:
        """Judge the places of a text."""
        pieces = read_pieces(self._tokenizer, text)
        logits = np.zeros((len(places), OUTPUTS), dtype=np.float32)
        vectors = np.zeros((len(pieces.numbers), VECTOR), dtype=np.float32)
        for window in cut_windows(pieces, places):
            logits[window.rows], of_window = self._network.run(
                pieces=window.pieces[None], starts=window.starts, ends=window.ends, widths=window.widths
            )
            # Where windows overlap, a piece is read in the one that shows what stands before it.
            known = _MARGIN if window.begin else 0
            vectors[window.begin + known : window.begin + len(of_window)] = of_window[known:]
        return Reading(logits, vectors, pieces.bounds)
