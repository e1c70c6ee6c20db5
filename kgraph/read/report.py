"""What a run of reading did: counters that grow while papers are read, and short lines for the user."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from kgraph.errors import InputError

ERRORS_KEPT: Final = 20
NO_ABSTRACT: Final = "no abstract"


@dataclass(slots=True)
class ReadReport:
    """The counters of one or more calls of `read_papers`; each call adds to them as its papers are taken.

    `files` counts the files that were opened and `read` the papers that came out. `repeats` are papers that had come
    before (and were dropped, unless `keep_repeats`), `without_abstract` those that have only a title, kept or skipped.
    `skipped` counts the records that gave no paper, by reason; `skipped_files` the files in folders that were not
    read, by reason, and `unread` names the first of them. `errors` holds the first `ERRORS_KEPT` broken records and
    files; `error_count` counts them all.
    """

    files: int = 0
    read: int = 0
    repeats: int = 0
    without_abstract: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_files: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    error_count: int = 0

    def add_error(self, error: InputError) -> None:
        """Count a broken record or file, and keep the error if it is one of the first."""
        self.error_count += 1
        self.skipped[error.reason.partition(":")[0]] += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(error)

    def skip_file(self, path: str, reason: str) -> None:
        """Count a file of a folder that was not read, and keep its name if it is one of the first."""
        self.skipped_files[reason] += 1
        if len(self.unread) < ERRORS_KEPT:
            self.unread.append(path)

    def lines(self) -> list[str]:
        """Say in a few short lines what was read, what was skipped and why."""
        lines = [f"read {_count(self.read, 'paper')} from {_count(self.files, 'file')}"]
        if self.repeats:
            lines.append(f"met {_count(self.repeats, 'repeat')} of papers that had come before")
        if self.without_abstract > self.skipped[NO_ABSTRACT]:
            lines.append(f"{_count(self.without_abstract - self.skipped[NO_ABSTRACT], 'paper')} without abstract")
        lines += [f"skipped {_count(n, 'record')}: {reason}" for reason, n in _ranked(self.skipped)]
        lines += [f"skipped {_count(n, 'file')}: {reason}" for reason, n in _ranked(self.skipped_files)]
        if self.unread:
            more = " ..." if self.skipped_files.total() > len(self.unread) else ""
            lines.append(f"not read: {', '.join(self.unread)}{more}")
        lines += [str(error) for error in self.errors]
        if self.error_count > len(self.errors):
            lines.append(f"and {_count(self.error_count - len(self.errors), 'more error')}")
        return lines


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(((reason, n) for reason, n in counts.items() if n), key=lambda item: (-item[1], item[0]))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
