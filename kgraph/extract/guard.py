"""`kgraph_guard`: stretches that are negated, hypothetical, or name what a paper sets itself against.

`doc.spans["kgraph_guard"]` holds them, labelled CONTRAST, NEGATED or HYPOTHETICAL. What is only named inside such a
stretch is neither proposed nor used, and takes part in no relation; in a CONTRAST it can still be COMPARED_WITH.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from spacy.language import Language
from spacy.tokens import Doc

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


def find_guarded(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the guarded stretches of one sentence: start, end (exclusive) and label."""
    for label, cue, stop in _CUES:
        for found in cue.finditer(text):
            end = stop.search(text, found.end())
            yield found.start(), end.start() if end else len(text), label


@Language.component("kgraph_guard", requires=["doc.sents"], assigns=["doc.spans"])
def mark_guarded(doc: Doc) -> Doc:
    """Mark the guarded stretches of a doc."""
    text, spans = doc.text, []
    for sent in doc.sents:
        for start, end, label in find_guarded(text[sent.start_char : sent.end_char]):
            span = doc.char_span(sent.start_char + start, sent.start_char + end, label=label, alignment_mode="expand")
            if span is not None:
                spans.append(span)
    doc.spans[SPANS] = spans
    return doc
