"""The components put together, and papers sent through them."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from kgraph.errors import UsageError
from kgraph.schema import ROLE_TYPES, Abbreviation, Extraction, Paper, PaperEntity, PaperRelation

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

COMPONENTS: Final = (
    "kgraph_sentences",
    "kgraph_abbreviations",
    "kgraph_terms",
    "kgraph_guard",
    "kgraph_entities",
    "kgraph_relations",
)
# An extraction, and why there is none (empty where all went well).
Result: TypeAlias = tuple[Extraction, str]
T = TypeVar("T")
OnError: TypeAlias = Callable[[Paper, str], None]

_log = logging.getLogger(__name__)
_worker_nlp: Language


def load_pipeline(model: str | Path | None = None) -> Language:
    """Load the extraction pipeline.

    `model` is the name or the folder of a spaCy pipeline whose `doc.ents` are labelled Method, Dataset and Task; it
    takes the place of `kgraph_terms`, and the components that it lacks are added. None means the shipped components.
    Raises UsageError where there is no such pipeline.
    """
    import spacy

    if model is None:
        nlp = spacy.blank("en")
    else:
        try:
            nlp = spacy.load(model)
        except OSError as error:
            raise UsageError(f"no spaCy pipeline at {str(model)!r}; give the name of one or its folder") from error
    has_terms = model is None or not {"kgraph_terms", "kgraph_ents"}.isdisjoint(nlp.pipe_names)
    for name in COMPONENTS:
        if name == "kgraph_terms" and model is not None:
            if not has_terms:
                nlp.add_pipe("kgraph_ents")
        elif name not in nlp.pipe_names:
            nlp.add_pipe(name, config={"rescore": model is None} if name == "kgraph_entities" else {})
    return nlp


def pipeline_version(nlp: Language) -> str:
    """A fingerprint: changed code, data, components, settings or weights give another one."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".gz"}:
            digest.update(path.name.encode() + path.read_bytes())
    digest.update(f"{nlp.lang} {nlp.meta['name']} {nlp.meta['version']} {nlp.config['components']}".encode())
    for name, pipe in nlp.pipeline:
        digest.update(name.encode())
        if hasattr(pipe, "model") and hasattr(pipe, "to_bytes"):
            digest.update(pipe.to_bytes(exclude=["vocab"]))
    return digest.hexdigest()[:16]


def extract_papers(
    papers: Iterable[Paper],
    *,
    nlp: Language | None = None,
    batch_size: int = 64,
    workers: int = 1,
    on_error: OnError | None = None,
) -> Iterator[Extraction]:
    """Extract entities and relations from papers, one extraction a paper, in the order of the papers.

    A paper that a component fails on yields an empty extraction; `on_error` is called with the paper and the reason
    (by default a warning is logged). With `workers` above 1, that many processes share the work.
    """
    pipeline = load_pipeline() if nlp is None else nlp
    batches = batches_of(papers, batch_size)
    pairs = _in_processes(pipeline, batches, workers) if workers > 1 else _in_process(pipeline, batches)
    yield from report_faults(pairs, on_error)


def report_faults(pairs: Iterable[tuple[Paper, Result]], on_error: OnError | None) -> Iterator[Extraction]:
    """Hand on the extractions, and tell `on_error` of those that are empty because a component failed."""
    report = _warn if on_error is None else on_error
    for paper, (extraction, fault) in pairs:
        if fault:
            report(paper, fault)
        yield extraction


def extract_batch(nlp: Language, papers: list[Paper]) -> list[Result]:
    """Send papers through a pipeline; a paper that a component fails on has an empty extraction and the reason."""
    faults: dict[int, str] = {}

    def keep(name: str, _: Any, docs: list[Doc], error: Exception) -> None:
        faults.update({doc._context: f"{name}: {type(error).__name__}: {error}" for doc in docs})

    texts = []
    for i, paper in enumerate(papers):
        if len(paper.text) > nlp.max_length:
            faults[i] = f"text of {len(paper.text)} characters is longer than {nlp.max_length}"
        else:
            texts.append((paper.text, i))
    before = nlp.default_error_handler
    nlp.set_error_handler(keep)  # type: ignore[arg-type]  # typed as if it never returned
    try:
        docs = {i: doc for doc, i in nlp.pipe(texts, as_tuples=True, batch_size=len(papers))}
    finally:
        nlp.set_error_handler(before)
    return [
        (to_extraction(paper, docs[i]) if i in docs else Extraction(paper.id), faults.get(i, ""))
        for i, paper in enumerate(papers)
    ]


def to_extraction(paper: Paper, doc: Doc) -> Extraction:
    """Build the record from what the components left in a doc."""
    pairs = tuple(Abbreviation(pair.short, pair.long) for pair in doc._.abbreviations)
    return Extraction(paper.id, tuple(doc._.paper_entities), tuple(doc._.paper_relations), pairs)


def extraction_row(paper: Paper, extraction: Extraction) -> dict[str, Any]:
    """One line of `kgraph extract`: the paper, its entities, relations and statements as plain JSON values."""
    entities = [
        {
            "type": entity.label,
            "name": entity.name,
            "surfaces": list(entity.surfaces),
            "role": entity.role,
            "score": entity.score,
            "mentions": [[mention.start_char, mention.end_char] for mention in entity.mentions],
        }
        for entity in extraction.entities
    ]
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "entities": entities,
        "relations": [[relation.type, relation.source, relation.target] for relation in extraction.relations],
        "statements": list(_statements(extraction)),
    }


def _statements(extraction: Extraction) -> Iterator[dict[str, Any]]:
    for entity in extraction.entities:
        yield _statement(ROLE_TYPES[entity.role], extraction.paper_id, entity.name, entity)
    for relation in extraction.relations:
        yield _statement(relation.type, relation.source, relation.target, relation)


def _statement(kind: str, head: str, tail: str, source: PaperEntity | PaperRelation) -> dict[str, Any]:
    return {
        "type": kind,
        "head": head,
        "tail": tail,
        "sentence": source.evidence.sentence,
        "start_char": source.evidence.start_char,
        "end_char": source.evidence.end_char,
        "score": source.score,
        "component": source.component,
    }


def _warn(paper: Paper, fault: str) -> None:
    _log.warning("nothing extracted from paper %s: %s", paper.id, fault)


def batches_of(papers: Iterable[Paper], size: int) -> Iterator[list[Paper]]:
    """Cut a stream of papers into lists."""
    rest = iter(papers)
    while batch := list(islice(rest, size)):
        yield batch


def in_order(
    batches: Iterable[list[Paper]], submit: Callable[[list[Paper]], T], fetch: Callable[[T], list[Result]], window: int
) -> Iterator[tuple[Paper, Result]]:
    """Keep up to `window` batches in flight, and hand the results back in the order of the papers."""
    waiting: deque[tuple[list[Paper], T]] = deque()
    for batch in batches:
        waiting.append((batch, submit(batch)))
        if len(waiting) >= window:
            done, handle = waiting.popleft()
            yield from zip(done, fetch(handle), strict=True)
    for done, handle in waiting:
        yield from zip(done, fetch(handle), strict=True)


def _in_process(nlp: Language, batches: Iterable[list[Paper]]) -> Iterator[tuple[Paper, Result]]:
    return in_order(batches, lambda batch: extract_batch(nlp, batch), lambda results: results, 1)


def _in_processes(nlp: Language, batches: Iterable[list[Paper]], workers: int) -> Iterator[tuple[Paper, Result]]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    # Not forked: threads of the calling program would be lost in the middle of their work.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_set_worker, initargs=(nlp,)) as pool:
        yield from in_order(batches, lambda batch: pool.submit(_work, batch), Future.result, 2 * workers)


def _set_worker(nlp: Language) -> None:
    global _worker_nlp
    _worker_nlp = nlp


def _work(batch: list[Paper]) -> list[Result]:
    return extract_batch(_worker_nlp, batch)
