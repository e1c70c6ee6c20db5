"""`kgraph_guard`: stretches that are negated, hypothetical, or name what a paper sets itself against.

In: a doc with sentences. Out: `doc.spans["kgraph_guard"]`, spans labelled CONTRAST, NEGATED or HYPOTHETICAL.

A stretch begins with a cue ("unlike", "we do not use", "in future work") and ends, within its sentence, where its
phrase or clause ends. What is only named inside such stretches is neither proposed nor used, and takes part in no
relation; in a CONTRAST it can still be COMPARED_WITH. After the trigger phrases and their scopes of NegEx
(W. Chapman et al., "A simple algorithm for identifying negated findings and diseases in discharge summaries", 2001).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from kgraph.extract.spans import cover, keep_spans, text_of

SPANS: Final = "kgraph_guard"
CONTRAST: Final = "CONTRAST"
NEGATED: Final = "NEGATED"
HYPOTHETICAL: Final = "HYPOTHETICAL"

_AUXILIARY = "do|does|did|is|are|was|were|can|could|will|would|should|has|have"
_USE = (
    "use|using|used|require|requiring|required|rely|relying|need|needing|employ|employing|apply|applying|adopt|"
    "consider|assume"
)
_HEDGED = "be|help|serve|enable|benefit|extend|inspire|support|open"

# Where a stretch ends.
_PHRASE = r",\s+(?:we|our|this|these|the|it|its|which|that|they|in|i|to)\b|[;:.!?](?=\s|$)|\s[–—]\s|[()]|\bbut\b"
_SHORT = r"[,;:.!?](?=\s|$)|\s[–—]\s|[()]|\b(?:but|we|while|whereas|that|which|is|are|was|were|can|and then)\b"
_CLAUSE = r"[;.!?](?=\s|$)|,\s+(?:but|we|our|which|while|whereas|instead)\b|\bbut\b|\binstead\b"
_SENTENCE = r"[;.!?](?=\s|$)|\bbut\b"

# Label, what begins a stretch, what ends it.
_CUES: Final = [
    (label, re.compile(rf"\b(?:{cue})\b", re.IGNORECASE), re.compile(stop))
    for label, cue, stop in (
        (CONTRAST, r"unlike|in contrast (?:to|with)|contrary to|as opposed to|differently from", _PHRASE),
        (CONTRAST, r"instead of|rather than|in place of|in lieu of", _SHORT),
        (NEGATED, r"without|no need (?:for|of)|free of|free from|lack of|in the absence of", _SHORT),
        (
            NEGATED,
            rf"(?:(?:{_AUXILIARY})\s?(?:not|n't|never|no longer)|cannot|never|no longer)\s(?:\w+ly\s)?(?:{_USE})",
            _CLAUSE,
        ),
        (NEGATED, r"(?:avoid|bypass|eliminat)(?:e|s|es|ing)?(?: the)?(?: use of| need (?:for|of|to))?", _SHORT),
        (HYPOTHETICAL, rf"(?:could|might|may)\s(?:also\s|potentially\s|eventually\s|one day\s)?(?:{_HEDGED})", _CLAUSE),
        (HYPOTHETICAL, r"future (?:work|research|directions?|studies)|we (?:plan|hope|intend) to|we leave", _SENTENCE),
    )
]


class Stretch(NamedTuple):
    """A guarded stretch: its offsets (end exclusive) and its label."""

    start: int
    end: int
    label: str


def find_guarded(sentence: str) -> Iterator[Stretch]:
    """Yield the guarded stretches of one sentence, cue by cue."""
    for label, cue, stop in _CUES:
        for found in cue.finditer(sentence):
            end = stop.search(sentence, found.end())
            yield Stretch(found.start(), end.start() if end else len(sentence), label)


def read_guarded(doc: Doc) -> list[Stretch]:
    """The guarded stretches that the component marked in a doc."""
    return [Stretch(span.start_char, span.end_char, span.label_) for span in doc.spans.get(SPANS, [])]


def guarding_label(stretches: list[Stretch], start: int, end: int) -> str:
    """The label of the first stretch that all of a mention stands in; "" where it stands in none."""
    return next((s.label for s in stretches if s.start <= start and end <= s.end), "")


def _spans(doc: Doc) -> Iterator[Span]:
    text = text_of(doc)
    for sent in doc.sents:
        offset = sent.start_char
        for start, end, label in find_guarded(text[offset : sent.end_char]):
            yield cover(doc, offset + start, offset + end, label)


@Language.component("kgraph_guard", requires=["doc.sents"], assigns=["doc.spans"])
def mark_guarded(doc: Doc) -> Doc:
    """Mark the guarded stretches of a doc."""
    keep_spans(doc, SPANS, _spans(doc), "kgraph_guard")
    return doc
