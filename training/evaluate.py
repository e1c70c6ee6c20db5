"""Run the pipeline over the annotated papers and score it: training part and development part side by side.

python training/evaluate.py [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from corpora import annotated, is_dev, paper_of, shared

from kgraph.extract import extract_papers, extraction_row, load_pipeline


def main() -> None:
    """Parse the arguments, extract, score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("/tmp/extract"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    nlp, rows = load_pipeline(), annotated()
    parts = {"dev": [r for r in rows if is_dev(r)], "train": [r for r in rows if not is_dev(r)][::4]}
    for part, members in parts.items():
        papers = [paper_of(row) for row in members]
        begin = time.perf_counter()
        extractions = list(extract_papers(papers, nlp=nlp))
        rate = len(papers) / (time.perf_counter() - begin)
        predicted = [extraction_row(paper, one) for paper, one in zip(papers, extractions, strict=True)]
        files = {}
        for name, lines in (("gold", members), ("predicted", predicted)):
            files[name] = args.out / f"{part}.{name}.jsonl"
            files[name].write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        print(f"== {part}: {len(papers)} papers, {rate:.0f} a second", flush=True)
        for program in ("score", "check"):
            command = [sys.executable, shared(f"annotation/{program}.py"), files["gold"], files["predicted"]]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
