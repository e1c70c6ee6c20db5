"""Make all statistics that ship in kgraph/extract, in their order; about ten minutes on two cores.

    python training/fit.py

Needs the shared material (see corpora.py) and scikit-learn. The n-grams are counted, rated by a first fit, and then
used by the fits that count; evaluate.py prints the figures of the development part and of the training part.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    for step in STEPS:
        print(f"-- {step}", flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(f"{step}.py")], check=True)


if __name__ == "__main__":
    main()
