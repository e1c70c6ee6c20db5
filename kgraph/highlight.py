"""Where the names of entities stand in a sentence: what `kgraph why` and the HTML view emphasise."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

Marks = list[tuple[int, int]]
"""Parts of a text as (start, end), in its order and apart from each other; offsets count characters."""

_NOTHING: Final = re.compile(r"(?!)")


def mark_names(sentence: str, *names: Iterable[str]) -> Marks:
    """Return where the names of some entities stand in a sentence; each of `names` is all names of one entity.

    A name stands there as whole words, the longest first. Names in capitals are looked for as they are written, all
    others in any case; in any case too where nothing is found so: "it" is no mark of IT in a sentence that has IT.

    >>> mark_names("Object detection with YOLO", ["object detection", "detection"], ["YOLO"])
    [(0, 16), (22, 26)]
    """
    return _joined(sorted(mark for one in names for mark in _marks_of(sentence, tuple(one))))


def _marks_of(sentence: str, names: tuple[str, ...]) -> Marks:
    found = [match.span() for match in _pattern(names).finditer(sentence)]
    return found or [match.span() for match in _pattern(names, re.IGNORECASE).finditer(sentence)]


@lru_cache(maxsize=1024)
def _pattern(names: tuple[str, ...], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    longest_first = sorted({name.strip() for name in names} - {""}, key=lambda name: (-len(name), name))
    ways = "|".join(map(_way, longest_first))
    return re.compile(rf"(?<!\w)(?:{ways})(?!\w)", flags) if ways else _NOTHING


def _way(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    return words if name.isupper() else f"(?i:{words})"


def _joined(marks: Marks) -> Marks:
    joined: Marks = []
    for start, end in marks:
        if joined and start < joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((start, end))
    return joined
