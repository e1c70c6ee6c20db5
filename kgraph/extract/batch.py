"""Papers sent through a pipeline, in batches: what one process does, and the order that several keep.

In: papers. Out: a `Result` a paper, in the same order. A component that fails costs its paper, not the run.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kgraph.schema import Abbreviation, Extraction, Paper

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

Result: TypeAlias = tuple[Extraction, str]
"""An extraction, and why it is empty ("" where all went well)."""
OnError: TypeAlias = Callable[[Paper, str], None]
"""Called with a paper that a component failed on, and the reason."""
_Handle = TypeVar("_Handle")

_log = logging.getLogger(__name__)


def extract_batch(nlp: Language, papers: list[Paper]) -> list[Result]:
    """Send papers through a pipeline; a paper that a component fails on has an empty extraction and the reason."""
    try:
        docs = nlp.pipe([paper.text for paper in papers], batch_size=len(papers))
        return [(to_extraction(paper, doc), "") for paper, doc in zip(papers, docs, strict=True)]
    except Exception:
        # A component may be anyone's and raise anything. spaCy's own way, `nlp.set_error_handler`, fails on a trained
        # "ner" or "parser" (3.8: no attribute 'error_handler').
        return [_extract_alone(nlp, paper) for paper in papers]


def _extract_alone(nlp: Language, paper: Paper) -> Result:
    """Send one paper through the components one by one, so that the one that fails can be named."""
    if len(paper.text) > nlp.max_length:
        return Extraction(paper.id), f"text of {len(paper.text)} characters is longer than {nlp.max_length}"
    doc = nlp.make_doc(paper.text)
    for name, component in nlp.pipeline:
        try:
            doc = component(doc)
        except Exception as error:
            reason = str(error).partition("\n")[0]
            return Extraction(paper.id), f"{name}: {type(error).__name__}: {reason}"
    return to_extraction(paper, doc), ""


def to_extraction(paper: Paper, doc: Doc) -> Extraction:
    """Build the record from what the components left in a doc."""
    pairs = tuple(Abbreviation(pair.short, pair.long) for pair in doc._.abbreviations)
    return Extraction(paper.id, tuple(doc._.paper_entities), tuple(doc._.paper_relations), pairs)


def in_order(
    batches: Iterable[list[Paper]],
    submit: Callable[[list[Paper]], _Handle],
    fetch: Callable[[_Handle], list[Result]],
    window: int,
) -> Iterator[tuple[Paper, Result]]:
    """Keep up to `window` batches in flight, and hand the results back in the order of the papers."""
    waiting: deque[tuple[list[Paper], _Handle]] = deque()
    for batch in batches:
        waiting.append((batch, submit(batch)))
        if len(waiting) >= window:
            done, handle = waiting.popleft()
            yield from zip(done, fetch(handle), strict=True)
    for done, handle in waiting:
        yield from zip(done, fetch(handle), strict=True)


def report_faults(pairs: Iterable[tuple[Paper, Result]], on_error: OnError | None) -> Iterator[Extraction]:
    """Hand on the extractions, and tell `on_error` (by default a log) of those that failed."""
    report = _warn if on_error is None else on_error
    for paper, (extraction, fault) in pairs:
        if fault:
            report(paper, fault)
        yield extraction


def _warn(paper: Paper, fault: str) -> None:
    _log.warning("nothing extracted from paper %s: %s", paper.id, fault)
