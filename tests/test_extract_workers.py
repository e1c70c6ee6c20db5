"""The extraction in several processes and on Ray: the same results, and what happens when a process dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from spacy.language import Language

from kgraph.errors import UsageError, WorkerError
from kgraph.extract import extract_papers, load_pipeline
from kgraph.schema import Paper
from tests.extract_text import PAPER, PAPERS


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


def endless() -> Iterator[Paper]:
    i = 0
    while True:
        yield Paper(str(i := i + 1), PAPER.title, PAPER.abstract)


def wait_for_the_workers_to_end() -> None:
    deadline = time.monotonic() + 60
    while multiprocessing.active_children():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_processes_give_the_same_in_order(nlp: Language) -> None:
    assert list(extract_papers(PAPERS, nlp=nlp, workers=2, batch_size=3)) == list(extract_papers(PAPERS, nlp=nlp))


def test_pipe_with_two_processes_gives_the_same(nlp: Language) -> None:
    texts = [paper.text for paper in PAPERS[:4]]
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    for doc, text in zip(docs, texts, strict=True):
        assert doc._.paper_entities == nlp(text)._.paper_entities != []
        assert doc._.paper_relations == nlp(text)._.paper_relations


def test_a_killed_worker_is_one_error(nlp: Language) -> None:
    extractions = extract_papers(endless(), nlp=nlp, workers=2, batch_size=2)
    next(extractions)
    worker = multiprocessing.active_children()[0]
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="a worker process died") as error:
        for _ in extractions:
            pass
    assert "\n" not in str(error.value)
    wait_for_the_workers_to_end()


def test_whoever_stops_early_stops_the_workers(nlp: Language) -> None:
    extractions = extract_papers(endless(), nlp=nlp, workers=2, batch_size=2)
    next(extractions)
    extractions.close()  # type: ignore[attr-defined]
    wait_for_the_workers_to_end()


SCRIPT = """
from kgraph.extract import extract_papers
from kgraph.schema import Paper

def papers():
    while True:
        yield Paper("x", "A title", "We use BERT on SQuAD.")

{guard}
    for extraction in extract_papers(papers(), workers=2, batch_size=2):
        print("one", flush=True)
"""
GUARDED = SCRIPT.format(guard='if __name__ == "__main__":')
BARE = SCRIPT.format(guard="if True:")


def start(path: Path, code: str) -> subprocess.Popen[str]:
    path.write_text(code, encoding="utf-8")
    pipe = subprocess.PIPE
    # Background jobs (and so some CI machines) are started with Ctrl-C ignored, and their children inherit that.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        [sys.executable, path], stdout=pipe, stderr=pipe, text=True, start_new_session=True, preexec_fn=listen
    )


def test_ctrl_c_ends_a_run_with_workers(tmp_path: Path) -> None:
    with start(tmp_path / "script.py", GUARDED) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "one\n"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
        _, errors = process.communicate(timeout=60)  # returns when the workers, which hold stderr too, have ended
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1 and errors.endswith("KeyboardInterrupt\n")


def test_a_script_without_a_guard_ends_with_a_hint(tmp_path: Path) -> None:
    with start(tmp_path / "script.py", BARE) as process:
        output, errors = process.communicate(timeout=60)
    assert (output, process.returncode) == ("", 1)
    assert errors.splitlines()[-1].startswith("kgraph.errors.WorkerError: a worker process died")
    assert '`if __name__ == "__main__":`' in errors.splitlines()[-1]


def test_a_script_from_standard_input_ends_with_a_hint() -> None:
    done = subprocess.run([sys.executable, "-"], input=GUARDED, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.splitlines()[-1].startswith("kgraph.errors.WorkerError: a worker process died")


# Ray, in a process of its own: its threads outlive a test


SAME = """
from kgraph.extract import extract_papers
from kgraph.extract.ray import extract_papers_on_ray
from tests.extract_text import PAPERS

print(list(extract_papers_on_ray(PAPERS, workers=2, batch_size=3)) == list(extract_papers(PAPERS)))
"""
DEAD = """
import os
from spacy.language import Language
from kgraph.errors import WorkerError
from kgraph.extract import load_pipeline
from kgraph.extract.ray import extract_papers_on_ray
from tests.extract_text import PAPERS

Language.component("test_dies", func=lambda doc: os._exit(1))
nlp = load_pipeline()
nlp.add_pipe("test_dies", first=True)
try:
    list(extract_papers_on_ray(PAPERS, nlp=nlp, workers=1))
except WorkerError as error:
    print(error)
"""


@pytest.mark.parametrize(("code", "said"), [(SAME, "True"), (DEAD, "a Ray actor died")])
def test_ray_gives_the_same_and_a_dead_actor_is_one_error(code: str, said: str) -> None:
    pytest.importorskip("ray", reason="the ray extra is not installed")
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)
    # Ray writes of the dead actor there too, before or after.
    assert any(said in line for line in done.stdout.splitlines()), done.stderr


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from kgraph.extract.ray import extract_papers_on_ray

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="pip install"):
        next(extract_papers_on_ray(PAPERS))
