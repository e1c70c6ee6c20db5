"""`kgraph_terms`: which stretches of a text name a method, a dataset or a task, and how surely.

In: a doc with `doc._.abbreviations`. Out: `doc.spans["kgraph"]`, spans without overlaps, each with a type as its label
and a probability at `span._.score`.

`candidates` finds what could be a term, `term_scores` gives each its probabilities, and of overlapping candidates those
stay whose probabilities exceed the threshold by the largest sum (`intervals`).

A trained named-entity recogniser can stand in the place of this component: `kgraph_ents` takes its terms from
`doc.ents`. Whatever fills `doc.spans["kgraph"]` with labels of `schema.ENTITY_LABELS` can; it may give each span a
`span._.score` (1 by default) and `span._.chars`, its offsets where they are not those of its tokens, and says its own
name in `doc.spans["kgraph"].attrs["component"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spacy.language import Language
from spacy.tokens import Doc, Span

from kgraph.extract.candidates import Text, find_candidates, load_borders, read_text
from kgraph.extract.intervals import Interval, choose_heaviest
from kgraph.extract.linear import load_model
from kgraph.extract.spans import cover, keep_spans, text_of
from kgraph.extract.term_scores import Scored, linear_logits, score_candidates
from kgraph.schema import ENTITY_LABELS

SPANS: Final = "kgraph"
PROPOSED_SHARE: Final = 0.2
"""Of the threshold, for what the paper seems to propose: a graph is asked for that first."""

Span.set_extension("score", default=1.0, force=True)
Span.set_extension("roles", default=(), force=True)
# Where a term stands in the text, where tokens such as "DPO)-based" and "ImageNet.It" reach further than it.
Span.set_extension("chars", default=None, force=True)


def finder_of(doc: Doc) -> str:
    """The name of the component that found the terms of a doc; "unknown" where it did not give its name."""
    return str(doc.spans[SPANS].attrs.get("component", "unknown")) if SPANS in doc.spans else "unknown"


def choose_terms(scored: list[Scored], threshold: float) -> list[Interval[Scored]]:
    """The places (as word indices), free of overlaps, whose scores exceed the threshold by the largest sum."""
    return choose_heaviest(
        Interval(start, end, one.score - least, one)
        for one in scored
        for least in (threshold * PROPOSED_SHARE if one.is_proposed else threshold,)
        if one.score > least
        for start, end in one.candidate.places
    )


def keep_terms(doc: Doc, text: Text, scored: list[Scored], threshold: float, component: str) -> None:
    """Keep the chosen terms as spans of the doc."""
    keep_spans(doc, SPANS, _spans(doc, text, scored, threshold), component)


def _spans(doc: Doc, text: Text, scored: list[Scored], threshold: float) -> Iterator[Span]:
    for chosen in choose_terms(scored, threshold):
        first, last = text.words[chosen.start].start, text.words[chosen.end - 1].end
        span = cover(doc, first, last, chosen.content.label)
        span._.score = round(chosen.content.score, 4)
        if chosen.content.roles:
            span._.roles = list(chosen.content.roles)
        if (span.start_char, span.end_char) != (first, last):
            span._.chars = [first, last]
        yield span


class TermFinder:
    """The component `kgraph_terms`."""

    def __init__(self, threshold: float | None = None) -> None:
        """Load the shipped weights; `threshold` is the least probability of a term (by default the fitted one)."""
        self.model = load_model("terms")
        self.threshold = self.model.threshold if threshold is None else threshold

    def __call__(self, doc: Doc) -> Doc:
        """Find the terms of a doc."""
        text = read_text(text_of(doc), doc._.abbreviations)
        candidates = find_candidates(text, load_borders())
        scored = score_candidates(text, candidates, linear_logits(text, candidates, self.model))
        keep_terms(doc, text, scored, self.threshold, "kgraph_terms")
        return doc


@Language.factory(
    "kgraph_terms", default_config={"threshold": None}, requires=["doc._.abbreviations"], assigns=["doc.spans"]
)
def make_term_finder(nlp: Language, name: str, threshold: float | None) -> TermFinder:  # noqa: ARG001
    """Make the component; its weights ship with the package."""
    return TermFinder(threshold)


@Language.component("kgraph_ents", requires=["doc.ents"], assigns=["doc.spans"])
def take_ents(doc: Doc) -> Doc:
    """Take the terms from `doc.ents` (of a trained recogniser) in the place of `kgraph_terms`."""
    keep_spans(doc, SPANS, (span for span in doc.ents if span.label_ in ENTITY_LABELS), "kgraph_ents")
    return doc
