"""The step itself: papers in, extractions out, in this process or in several.

In: a stream of papers. Out: a stream of extractions in the same order; only a few batches are in memory at a time.
"""

from __future__ import annotations

import gc
import pickle
import signal
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kgraph.batches import batches
from kgraph.errors import WorkerError
from kgraph.extract.batch import OnError, Result, extract_batch, in_order, report_faults
from kgraph.extract.pipeline import load_pipeline
from kgraph.schema import Extraction, Paper

if TYPE_CHECKING:
    from spacy.language import Language


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
    (by default a warning is logged).

    With `workers` above 1, that many new processes share the work. Each imports the calling script anew, so a script
    needs the guard `if __name__ == "__main__":` and must be a file, not standard input; a notebook needs nothing.
    Raises WorkerError where a process dies, as it does at once where this is not so.
    """
    pipeline = load_pipeline() if nlp is None else nlp
    lists = batches(papers, batch_size)
    pairs = _in_processes(pipeline, lists, workers) if workers > 1 else _in_process(pipeline, lists)
    yield from report_faults(pairs, on_error)


def _in_process(nlp: Language, lists: Iterable[list[Paper]]) -> Iterator[tuple[Paper, Result]]:
    return in_order(lists, lambda batch: extract_batch(nlp, batch), lambda results: results, 1)


def _in_processes(nlp: Language, lists: Iterable[list[Paper]], workers: int) -> Iterator[tuple[Paper, Result]]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with TemporaryDirectory(prefix="kgraph-") as folder:
        # By a file: we would wait forever for a process that dies at its start to read a long message.
        pipeline = Path(folder) / "pipeline.pickle"
        pipeline.write_bytes(pickle.dumps(nlp))
        # Not forked: threads of the calling program would be lost in the middle of their work.
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start_worker)
        try:
            yield from in_order(lists, lambda batch: pool.submit(_work, pipeline, batch), Future.result, 2 * workers)
        except BrokenProcessPool as error:
            raise WorkerError(
                "a worker process died: killed (out of memory?), or the calling script has no "
                '`if __name__ == "__main__":` or is standard input; use one worker, or see what it printed'
            ) from error
        finally:
            # Whoever stops early need not wait; the batches at work come to nothing.
            pool.shutdown(wait=False, cancel_futures=True)


def _start_worker() -> None:
    # Ctrl-C reaches all processes of a terminal; the calling one stops the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@cache
def _load_once(pipeline: Path) -> Language:
    nlp: Language = pickle.loads(pipeline.read_bytes())
    # Looking for garbage costs a seventh of the time: not in its tables, which stay, and more seldom in the rest.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return nlp


def _work(pipeline: Path, batch: list[Paper]) -> list[Result]:
    return extract_batch(_load_once(pipeline), batch)
