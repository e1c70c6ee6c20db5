"""The same extraction spread over a Ray cluster (the `ray` extra).

In and out as in `run`; each actor holds one pipeline, and the batches go round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

from kgraph.batches import batches
from kgraph.errors import UsageError, WorkerError
from kgraph.extract.batch import OnError, Result, extract_batch, in_order, report_faults
from kgraph.extract.pipeline import load_pipeline
from kgraph.schema import Extraction, Paper

if TYPE_CHECKING:
    from spacy.language import Language


class _Extractor:
    """An actor that holds one pipeline."""

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp

    def extract(self, batch: list[Paper]) -> list[Result]:
        return extract_batch(self.nlp, batch)


def extract_papers_on_ray(
    papers: Iterable[Paper],
    *,
    nlp: Language | None = None,
    batch_size: int = 64,
    workers: int | None = None,
    on_error: OnError | None = None,
) -> Iterator[Extraction]:
    """Extract from papers on Ray: the same results in the same order as `extract_papers`.

    Joins the cluster that `ray.init` was called for, else starts Ray on this machine. `workers` is the number of actors
    (one CPU each), by default the CPUs of the cluster. Raises UsageError where Ray is not installed, WorkerError where
    an actor dies.
    """
    try:
        import ray
    except ImportError as error:
        raise UsageError("Ray is not installed: pip install 'kgraph[ray]'") from error
    if not ray.is_initialized():
        ray.init(logging_level="ERROR")
    number = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    held = ray.put(load_pipeline() if nlp is None else nlp)
    actors: list[Any] = [ray.remote(_Extractor).options(num_cpus=1).remote(held) for _ in range(number)]
    turns = cycle(actors)
    lists = batches(papers, batch_size)
    pairs = in_order(lists, lambda batch: next(turns).extract.remote(batch), ray.get, 2 * number)
    try:
        yield from report_faults(pairs, on_error)
    except ray.exceptions.RayActorError as error:
        raise WorkerError("a Ray actor died (out of memory?); use fewer workers, or see Ray's logs") from error
    finally:
        for actor in actors:
            ray.kill(actor)
