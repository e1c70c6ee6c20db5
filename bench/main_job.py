"""Time and memory of the main job, each step in a process of its own, from a cold start.

    python bench/main_job.py INPUT... [--neo4j bolt://USER:PASSWORD@HOST:PORT]

Prints one row a step: wall-clock seconds, peak resident memory, and the last line that the command said. The Neo4j
database must hold no graph of kgraph's; its graph is left in it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(*arguments: str) -> tuple[float, float, str]:
    """Run `kgraph ARGUMENTS`; return seconds, peak MB, and its last line. Stops the run where the command fails."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "kgraph", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stderr is not None
    said = process.stderr.read().decode().strip().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"kgraph {' '.join(arguments)}: {said}")
    database = [line for line in said if line.startswith("database:")]
    return time.perf_counter() - start, usage.ru_maxrss / 1024, (database or said or [""])[-1]


def main() -> None:
    """Measure build, build again, view, and both loads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+")
    parser.add_argument("--neo4j")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = str(Path(folder) / "bench.kg")
        steps = {
            "help": ["--help"],
            "build": ["build", *args.inputs, "--db", db],
            "build again": ["build", *args.inputs, "--db", db],
            "view": ["view", "--db", db, "-o", str(Path(folder) / "graph.html")],
            "export jsonl": ["export", "jsonl", "--db", db, "-o", str(Path(folder) / "jsonl")],
        }
        if args.neo4j:
            steps |= {name: ["load", args.neo4j, "--db", db] for name in ("load into Neo4j", "load again")}
        print("| step | seconds | MB | it said |\n| --- | ---: | ---: | --- |")
        for name, arguments in steps.items():
            seconds, megabytes, said = measure(*arguments)
            print(f"| {name} | {seconds:.2f} | {megabytes:.0f} | {said} |")


if __name__ == "__main__":
    main()
