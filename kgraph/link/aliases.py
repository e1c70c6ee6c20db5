"""The user's alias file: a TOML file that wins over every rule of linking.

[[same]]                                # these names are one thing, shown under `name`
label = "Method"                        # optional: Method, Dataset or Task; without it, any
name = "Low-Rank Adaptation"
aliases = ["LoRA", "low rank adapters"]

[[different]]                           # these spellings stay apart, whatever the rules say
names = ["AdaBoost", "Ada-Boost"]

[[drop]]                                # never a node
names = ["deep learning"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kgraph.errors import InputError
from kgraph.link.normal_form import folded
from kgraph.schema import ENTITY_LABELS

_KINDS = {"same": {"name", "aliases"}, "different": {"names"}, "drop": {"names"}}
Key = tuple[str, str]
"""A label and a name that stands for all its spellings."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """A user's decisions.

    `same` gives the name to show for (label, folded name), `names` all that the file calls an entity, by the folded
    name to show; `different` are names that stay apart, `drop` those that are never a node.
    """

    same: Mapping[Key, str] = field(default_factory=dict)
    names: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    different: frozenset[Key] = frozenset()
    drop: frozenset[Key] = frozenset()


NO_ALIASES = Aliases()


def read_aliases(path: str | Path) -> Aliases:
    """Read an alias file. Raises `InputError` with the reason when it is not one."""
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(reason, str(path)) from error
    try:
        return _to_aliases(tables)
    except ValueError as error:
        raise InputError(str(error), str(path)) from error


def spelled(name: str) -> str:
    """Return a name with only its case and outer spaces taken away."""
    return name.strip().casefold()


def _to_aliases(tables: Mapping[str, Any]) -> Aliases:
    if unknown := set(tables) - set(_KINDS):
        raise ValueError(f"unknown table [[{min(unknown)}]]: use {', '.join(f'[[{kind}]]' for kind in _KINDS)}")
    same: dict[Key, str] = {}
    names: dict[Key, tuple[str, ...]] = {}
    for entry, label in _entries(tables, "same"):
        called = (entry["name"], *entry["aliases"])
        shown = (label, folded(entry["name"]))
        names[shown] = (*names.get(shown, ()), *called)
        for name in called:
            if same.setdefault((label, folded(name)), entry["name"]) != entry["name"]:
                raise ValueError(f"{name!r} is an alias of both {same[label, folded(name)]!r} and {entry['name']!r}")
    return Aliases(
        same,
        names,
        frozenset((label, spelled(name)) for entry, label in _entries(tables, "different") for name in entry["names"]),
        frozenset((label, folded(name)) for entry, label in _entries(tables, "drop") for name in entry["names"]),
    )


def _entries(tables: Mapping[str, Any], kind: str) -> Iterator[tuple[dict[str, Any], str]]:
    entries = tables.get(kind, [])
    if not isinstance(entries, list):
        raise ValueError(f"write [[{kind}]] with two brackets")
    for entry in entries:
        _check(entry, kind)
        for label in [entry["label"]] if "label" in entry else ENTITY_LABELS:
            yield entry, label


def _check(entry: Mapping[str, Any], kind: str) -> None:
    if set(entry) - {"label"} != _KINDS[kind]:
        raise ValueError(f"[[{kind}]] takes {', '.join(sorted(_KINDS[kind]))} and, if wished, label")
    if entry.get("label", ENTITY_LABELS[0]) not in ENTITY_LABELS:
        raise ValueError(f"label {entry['label']!r} is none of {', '.join(ENTITY_LABELS)}")
    lists = [entry[key] for key in _KINDS[kind] if key != "name"]
    if not all(isinstance(names, list) and all(isinstance(n, str) and n.strip() for n in names) for names in lists):
        raise ValueError(f"[[{kind}]] lists names as strings")
    if not isinstance(entry.get("name", ""), str) or not entry.get("name", "x").strip():
        raise ValueError(f"[[{kind}]] has a name that is no string")
