"""Make all statistics that ship in kgraph/extract, in their order; about ten minutes on two cores.

    python training/fit.py [FOLDER]

Needs the shared material, by default ../shared beside the repository (see README.md), and scikit-learn. The n-grams
are counted, rated by a first fit, and then used by the fits that count; evaluate.py prints the figures of the
development part and of the training part.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from corpora import SHARED

STEPS = (
    "count_ngrams",
    "fit_terms",
    "rate_ngrams",
    "fit_terms",
    "cross_fit",
    "fit_roles",
    "fit_entities",
    "fit_relations",
    "evaluate",
)


def main() -> None:
    """Run the steps; the first one that fails ends the run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED, help="the shared material")
    folder = parser.parse_args().folder
    if not (folder / "annotation").is_dir():
        parser.error(f"no annotated papers in {folder}: name the shared folder, `python training/fit.py FOLDER`")
    environment = {**os.environ, "KGRAPH_SHARED": str(folder.resolve())}
    for step in STEPS:
        print(f"-- {step}", flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(f"{step}.py")], check=True, env=environment)


if __name__ == "__main__":
    main()
