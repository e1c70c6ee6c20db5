"""Make everything that ships in kgraph/extract/model, in its order; about two and a half hours on two cores.

    python training/fit.py [FOLDER] [--again]

Needs the annotated and the raw papers, by default in ../shared beside the repository (see README.md), and the
`training` extra: pip install -e '.[training]'. The n-grams are counted, rated by a first fit, and then used by the fits
that count. The encoder is fitted four times: twice without a half of the training papers, so that what stands on top of
it sees the mistakes that it makes on new papers; once to label raw papers, and once with these. A run that was stopped
goes on after the last step that it finished; `--again` starts anew.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from corpora import CACHE, MATERIAL, SHARED

STEPS = (
    "count_ngrams",
    "fit_terms",
    "rate_ngrams",
    "fit_terms",
    "fit_encoder --leave-out 012",
    "fit_encoder --leave-out 034",
    "fit_encoder --leave-out 0",
    "cross_fit",
    "fit_blend",
    "label_papers",
    "fit_encoder --leave-out 0 --labelled",
    "fit_roles",
    "fit_entities",
    "fit_relations",
    "write_model encoder-without-0-labelled",
    "evaluate",
    "scierc",
    "support",
)
DONE = CACHE / "fit.done"


def run(step: str, folder: Path) -> None:
    """Run one step in a process of its own; end the program where it fails."""
    name, *arguments = step.split()
    command = [sys.executable, Path(__file__).with_name(f"{name}.py"), *arguments]
    environment = {**os.environ, "KGRAPH_SHARED": str(folder.resolve())}
    code = subprocess.run(command, env=environment).returncode
    if code:
        sys.exit(f"{step}: stopped with exit code {code}; the next run goes on here")


def main() -> None:
    """Run the steps that are not done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED, help="the annotated and the raw papers")
    parser.add_argument("--again", action="store_true", help="do not go on where a run was stopped")
    args = parser.parse_args()
    missing = [name for name in MATERIAL if not (args.folder / name).exists()]
    if missing:
        parser.error(f"{args.folder} lacks {', '.join(missing)}; name the folder, `python training/fit.py FOLDER`")
    CACHE.mkdir(exist_ok=True)
    done = DONE.read_text(encoding="utf-8").splitlines() if DONE.exists() and not args.again else []
    for number, step in enumerate(STEPS, 1):
        if str(number) not in done:
            print(f"-- {number} of {len(STEPS)}: {step}", flush=True)
            run(step, args.folder)
            done.append(str(number))
            DONE.write_text("\n".join(done), encoding="utf-8")
    DONE.unlink()


if __name__ == "__main__":
    main()
