"""`kgraph_terms`: which stretches of a text name a method, a dataset or a task, and how surely.

Every run of up to seven words whose borders can be those of a term is a candidate. A logistic regression over named
features (its words, what stands around it, its spelling, its place, how common it is in the literature) gives the
probability of each type; of overlapping candidates those with the largest sum stay.
A trained named-entity recogniser can stand in the place of this component: see `kgraph_ents`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from kgraph.extract.candidates import (
    Candidate,
    Text,
    find_candidates,
    key_features,
    left_features,
    ngram_codes,
    read_text,
    right_features,
)
from kgraph.extract.linear import LinearModel, load_model, read_data, softmax
from kgraph.schema import ENTITY_LABELS

SPANS = "kgraph"
NONE = "None"


@cache
def never() -> dict[str, frozenset[str]]:
    """Words that were never, or nearly never, seen as the first, the last, or an inner word of a term."""
    return {place: frozenset(words) for place, words in read_data("borders.json.gz").items()}


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with the probability of each type (in the order of `ENTITY_LABELS`)."""

    candidate: Candidate
    probabilities: tuple[float, ...]

    @property
    def score(self) -> float:
        """The probability that the candidate names an entity of any type."""
        return sum(self.probabilities)

    @property
    def label(self) -> str:
        """The likeliest type."""
        return ENTITY_LABELS[max(range(len(ENTITY_LABELS)), key=self.probabilities.__getitem__)]


def score_candidates(text: Text, candidates: list[Candidate], model: LinearModel) -> list[Scored]:
    """Give each candidate its probabilities; the weights of its surroundings are averaged over its places."""
    if not candidates:
        return []
    codes, words = ngram_codes(), text.words
    logits = model.logits([key_features(candidate, text, codes) for candidate in candidates])
    places = [place for candidate in candidates for place in candidate.places]
    lefts, rights = sorted({i for i, _ in places}), sorted({j for _, j in places})
    left = model.logits([left_features(words, i) for i in lefts])
    right = model.logits([right_features(words, j) for j in rights])
    around = (
        left[np.searchsorted(lefts, [i for i, _ in places])] + right[np.searchsorted(rights, [j for _, j in places])]
    )
    numbers = np.array([len(candidate.places) for candidate in candidates])
    logits += np.add.reduceat(around, np.cumsum(numbers) - numbers, axis=0) / numbers[:, None]
    probabilities = softmax(logits)[:, 1:].tolist()
    scored = [Scored(candidate, tuple(row)) for candidate, row in zip(candidates, probabilities, strict=True)]
    return share_scores(scored, text.longs)


def share_scores(scored: list[Scored], longs: dict[str, str]) -> list[Scored]:
    """Give a short form and its long form the same probabilities: those of the surer one."""
    by_key = {one.candidate.key: one for one in scored}
    for short, long in longs.items():
        if short in by_key and long in by_key:
            best = max(by_key[short], by_key[long], key=lambda one: one.score)
            for key in (short, long):
                by_key[key] = Scored(by_key[key].candidate, best.probabilities)
    return list(by_key.values())


def choose(scored: list[Scored], threshold: float) -> list[tuple[int, int, Scored]]:
    """The places, free of overlaps, whose scores exceed the threshold by the largest sum."""
    # Weighted interval scheduling: best[e] is the largest sum that can be had up to word e.
    ends: dict[int, list[tuple[int, float, Scored]]] = defaultdict(list)
    for one in scored:
        gain = one.score - threshold
        if gain > 0:
            for start, end in one.candidate.places:
                ends[end].append((start, gain, one))
    best = [0.0]
    taken: list[tuple[int, Scored] | None] = [None]
    for end in range(1, max(ends, default=0) + 1):
        best.append(best[end - 1])
        taken.append(None)
        for start, gain, one in ends.get(end, ()):
            if best[start] + gain > best[end]:
                best[end], taken[end] = best[start] + gain, (start, one)
    return _trace(taken)


def _trace(taken: list[tuple[int, Scored] | None]) -> list[tuple[int, int, Scored]]:
    places = []
    end = len(taken) - 1
    while end > 0:
        last = taken[end]
        if last is None:
            end -= 1
        else:
            places.append((last[0], end, last[1]))
            end = last[0]
    return places[::-1]


class TermFinder:
    """The component: fills `doc.spans["kgraph"]`; each span has a type as its label and a score at `span._.score`."""

    def __init__(self, threshold: float | None = None) -> None:
        """Load the shipped weights; `threshold` is the least probability of a term (by default the fitted one)."""
        self.model = load_model("terms")
        self.threshold = self.model.threshold if threshold is None else threshold

    def __call__(self, doc: Doc) -> Doc:
        """Find the terms of a doc."""
        text = read_text(doc.text, doc._.abbreviations)
        scored = score_candidates(text, find_candidates(text, never()), self.model)
        spans = []
        for start, end, one in choose(scored, self.threshold):
            first, last = text.words[start].start, text.words[end - 1].end
            span = doc.char_span(first, last, label=one.label, alignment_mode="expand")
            if span is not None:
                span._.score = round(one.score, 4)
                spans.append(span)
        doc.spans[SPANS] = spans
        return doc


def add_extensions() -> None:
    """Register `span._.score`."""
    if not Span.has_extension("score"):
        Span.set_extension("score", default=1.0)


@Language.factory("kgraph_terms", default_config={"threshold": None}, assigns=["doc.spans"])
def make_term_finder(nlp: Language, name: str, threshold: float | None) -> TermFinder:  # noqa: ARG001
    """Make the component; its weights ship with the package."""
    return TermFinder(threshold)


@Language.component("kgraph_ents", requires=["doc.ents"], assigns=["doc.spans"])
def take_ents(doc: Doc) -> Doc:
    """Take the terms from `doc.ents` (of a trained recogniser) in the place of `kgraph_terms`."""
    doc.spans[SPANS] = [span for span in doc.ents if span.label_ in ENTITY_LABELS]
    return doc


add_extensions()
