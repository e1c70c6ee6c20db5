"""Stretches of characters as the spans of tokens that spaCy keeps in `doc.spans`."""

from __future__ import annotations

from collections.abc import Iterable

from spacy.tokens import Doc, Span, SpanGroup

_TEXT = "kgraph_text"


def text_of(doc: Doc) -> str:
    """The text of a doc; spaCy puts it together from the tokens each time, so it is kept."""
    if _TEXT not in doc.user_data:
        doc.user_data[_TEXT] = doc.text
    text: str = doc.user_data[_TEXT]
    return text


def cover(doc: Doc, start: int, end: int, label: str) -> Span:
    """The labelled span of all tokens that a stretch of characters (`end` exclusive) touches.

    Raises ValueError where the stretch does not lie in the doc.
    """
    span = doc.char_span(start, end, label=label, alignment_mode="expand")
    if span is None:
        raise ValueError(f"characters {start} to {end} do not lie in a doc of {len(text_of(doc))}")
    return span


def keep_spans(doc: Doc, key: str, spans: Iterable[Span], component: str) -> None:
    """Keep spans at `doc.spans[key]`, with the name of the component that found them."""
    doc.spans[key] = SpanGroup(doc, name=key, attrs={"component": component}, spans=list(spans))
