"""What entities and relations need to know of a doc: its sentences, and the mentions in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.tokens import Doc

from kgraph.extract import guard
from kgraph.extract.terms import SPANS
from kgraph.extract.words import title_end
from kgraph.schema import ENTITY_LABELS

# Tokens such as "DPO)-based" reach too far.
_UNBALANCED = re.compile(r"^([^(]+)\).*$", re.DOTALL)


@dataclass(slots=True)
class Place:
    """One mention: offsets, the number of its sentence, the label of the guarded stretch that it stands in, a score."""

    start: int
    end: int
    sent: int
    guarded: str
    label: str
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """What entities and relations need to know of a doc: text, sentences (offsets) and where the title ends."""

    text: str
    sentences: list[tuple[int, int]]
    title_end: int

    def sentence(self, number: int) -> str:
        """The text of a sentence."""
        start, end = self.sentences[number]
        return self.text[start:end]

    def in_title(self, place: Place) -> bool:
        """Whether a mention stands in the title."""
        return place.end <= self.title_end


def read_page(doc: Doc) -> Page:
    """The sentences of a doc, without the white space at their ends."""
    text = doc.text
    sentences = []
    for sent in doc.sents:
        piece = text[sent.start_char : sent.end_char]
        start = sent.start_char + len(piece) - len(piece.lstrip())
        sentences.append((start, max(start, sent.start_char + len(piece.rstrip()))))
    return Page(text, sentences, title_end(text))


def read_places(doc: Doc, page: Page) -> list[Place]:
    """The mentions of a doc, in the order of the text."""
    guarded = [(span.start_char, span.end_char, span.label_) for span in doc.spans.get(guard.SPANS, [])]
    places = []
    for span in sorted(doc.spans.get(SPANS, []), key=lambda span: (span.start, -span.end)):
        text = _UNBALANCED.sub(r"\1", span.text)
        start, end = span.start_char, span.start_char + len(text)
        if span.label_ in ENTITY_LABELS and text.strip():
            sent = next((i for i, (_, last) in enumerate(page.sentences) if start < last), len(page.sentences) - 1)
            label = next((name for first, last, name in guarded if first <= start and end <= last), "")
            places.append(Place(start, end, sent, label, span.label_, float(span._.score), text))
    return places
