"""What entities and relations need to know of a doc: its sentences, and the mentions in them.

In: a doc with sentences, `doc.spans["kgraph"]` (terms) and `doc.spans["kgraph_guard"]`. Out: a `Page` and `Term`s,
plain values free of spaCy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from spacy.tokens import Doc

from kgraph.extract.guard import guarding_label, read_guarded
from kgraph.extract.spans import text_of
from kgraph.extract.terms import SPANS
from kgraph.extract.words import title_end
from kgraph.schema import ENTITY_LABELS

# Tokens such as "DPO)-based" and "O(L^2" reach too far.
_UNBALANCED = re.compile(r"^([^(]+)\).*$|^([^)]+)\([^)]*$", re.DOTALL)
# Addresses, numbers and sizes (175B, 2,438, 40%), and single letters are no names, whatever stands around them.
_NO_NAME = re.compile(r"\W*\w?\W*|.*(?:://|URL_).*|[\d.,]+\s?[KMBTkmb%x×]?", re.DOTALL)


class Place(NamedTuple):
    """Where a mention stands: offsets, the number of its sentence, the label of the guarded stretch around it or ""."""

    start: int
    end: int
    sent: int
    guarded: str


@dataclass(frozen=True, slots=True)
class Term:
    """One mention with what the component that found it says: a type and a score."""

    place: Place
    text: str
    label: str
    score: float
    roles: tuple[float, ...] = ()
    """The probability of each role (in the order of `ROLES`), where an encoder judged it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text, its sentences (offsets, without the white space at their ends) and where its title ends."""

    text: str
    sentences: list[tuple[int, int]]
    title_end: int

    def sentence(self, number: int) -> str:
        """The text of a sentence."""
        start, end = self.sentences[number]
        return self.text[start:end]

    def sentence_at(self, offset: int) -> int:
        """The number of the sentence that an offset lies in."""
        return next((i for i, (_, end) in enumerate(self.sentences) if offset < end), len(self.sentences) - 1)

    def in_title(self, place: Place) -> bool:
        """Whether a mention stands in the title."""
        return place.end <= self.title_end

    def before(self, place: Place) -> str:
        """What its sentence says before a mention."""
        return self.text[self.sentences[place.sent][0] : place.start]

    def after(self, place: Place) -> str:
        """What its sentence says after a mention."""
        return self.text[place.end : self.sentences[place.sent][1]]

    def tenth(self, place: Place) -> int:
        """In which tenth of the text a mention stands, from 0."""
        return 10 * place.start // (len(self.text) + 1)


def read_page(doc: Doc) -> Page:
    """Read the sentences of a doc."""
    text = text_of(doc)
    sentences = []
    for sent in doc.sents:
        piece = text[sent.start_char : sent.end_char]
        start = sent.start_char + len(piece) - len(piece.lstrip())
        sentences.append((start, max(start, sent.start_char + len(piece.rstrip()))))
    return Page(text, sentences, title_end(text))


def read_terms(doc: Doc, page: Page) -> list[Term]:
    """Read the terms of a doc, in the order of the text; of two in one token, whose spans are one, the last."""
    guarded = read_guarded(doc)
    terms: dict[int, Term] = {}
    for span in sorted(doc.spans.get(SPANS, []), key=lambda span: (span.start, -span.end)):
        start, end = span._.chars or (span.start_char, span.end_char)
        text = _UNBALANCED.sub(r"\1\2", page.text[start:end]).rstrip()
        if span.label_ in ENTITY_LABELS and not _NO_NAME.fullmatch(text):
            end = start + len(text)
            place = Place(start, end, page.sentence_at(start), guarding_label(guarded, start, end))
            terms[start] = Term(place, text, span.label_, float(span._.score), tuple(span._.roles))
    return list(terms.values())
