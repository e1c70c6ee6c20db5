"""The user's alias file: a TOML file that wins over every rule of linking.

[[same]]                                # these names are one thing, shown under `name`
label = "Method"                        # optional in every table: Method, Dataset or Task; without it, any
name = "Low-Rank Adaptation"
aliases = ["LoRA", "low rank adapters"]

[[different]]                           # these spellings stay apart, whatever the rules say
names = ["AdaBoost", "Ada-Boost"]

[[rename]]                              # the entity that bears `name` is shown under `to`; its id stays
name = "ViT"
to = "Vision Transformer (ViT)"

[[drop]]                                # never a node
names = ["deep learning"]

`same` and `different` speak of just the names that they list; `rename` and `drop` of the entity, by any of its names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kgraph.errors import InputError
from kgraph.link.normal_form import folded
from kgraph.schema import ENTITY_LABELS

_KINDS: Final[Mapping[str, Mapping[str, type]]] = {
    "same": {"name": str, "aliases": list},
    "different": {"names": list},
    "rename": {"name": str, "to": str},
    "drop": {"names": list},
}
Key = tuple[str, str]
"""A label and a name that stands for all its spellings."""


_Entries = list[tuple[dict[str, Any], tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Decision:
    """A name that the file decides about, for these labels."""

    table: str
    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aliases:
    """A user's decisions.

    `same` gives the name to show for (label, folded name), `names` all that the file calls an entity, by the folded
    name to show; `different` are names that stay apart, by label and what only case may change. `rename` gives the name
    to show for the entity that bears a name, `drop` names entities that are no nodes, both by label and name as it is
    written. `decisions` are all names that the file expects to find.
    """

    same: Mapping[Key, str] = field(default_factory=dict)
    names: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    different: frozenset[Key] = frozenset()
    rename: Mapping[Key, str] = field(default_factory=dict)
    drop: frozenset[Key] = frozenset()
    decisions: tuple[Decision, ...] = ()

    def key(self, label: str, name: str) -> Key | None:
        """Return the key that the file gives this very name, or None."""
        if self.different and (label, spelled(name)) in self.different:
            return label, spelled(name)
        shown = self.same.get((label, folded(name))) if self.same else None
        return (label, folded(shown)) if shown is not None else None


NO_ALIASES: Final = Aliases()


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
    entries = {kind: list(_entries(tables, kind)) for kind in _KINDS}
    same = [
        (label, name, entry["name"])
        for entry, labels in entries["same"]
        for label in labels
        for name in (entry["name"], *entry["aliases"])
    ]
    renamed = [(label, entry["name"], entry["to"]) for entry, labels in entries["rename"] for label in labels]
    for table, rows in (("same", same), ("rename", renamed)):
        _check_contradictions(table, rows)
    return Aliases(
        same={(label, folded(name)): shown for label, name, shown in same},
        names=_all_names(entries["same"]),
        different=frozenset((label, spelled(name)) for label, name in _listed(entries["different"])),
        rename={(label, name): to for label, name, to in renamed},
        drop=frozenset(_listed(entries["drop"])),
        decisions=tuple(_decisions(entries)),
    )


def _entries(tables: Mapping[str, Any], kind: str) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    entries = tables.get(kind, [])
    if not isinstance(entries, list):
        raise ValueError(f"write [[{kind}]] with two brackets")
    for entry in entries:
        _check(entry, kind)
        yield entry, (entry["label"],) if "label" in entry else ENTITY_LABELS


def _check(entry: Mapping[str, Any], kind: str) -> None:
    fields = _KINDS[kind]
    if set(entry) - {"label"} != set(fields):
        raise ValueError(f"[[{kind}]] takes {', '.join(sorted(fields))} and, if wished, label")
    if entry.get("label", ENTITY_LABELS[0]) not in ENTITY_LABELS:
        raise ValueError(f"[[{kind}]]: label {entry['label']!r} is none of {', '.join(ENTITY_LABELS)}")
    for name, wanted in fields.items():
        values = entry[name] if wanted is list else [entry[name]]
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            raise ValueError(f"[[{kind}]]: {name} must be {'a list of names' if wanted is list else 'a name'}")


def _check_contradictions(table: str, rows: Iterable[tuple[str, str, str]]) -> None:
    found: dict[Key, str] = {}
    for label, name, shown in rows:
        if found.setdefault((label, folded(name)), shown) != shown:
            raise ValueError(f"[[{table}]]: {name!r} cannot be both {found[label, folded(name)]!r} and {shown!r}")


def _all_names(entries: _Entries) -> dict[Key, tuple[str, ...]]:
    names: dict[Key, tuple[str, ...]] = {}
    for entry, labels in entries:
        for label in labels:
            shown = label, folded(entry["name"])
            names[shown] = (*names.get(shown, ()), entry["name"], *entry["aliases"])
    return names


def _listed(entries: _Entries) -> Iterator[Key]:
    return ((label, name) for entry, labels in entries for label in labels for name in entry["names"])


def _decisions(entries: Mapping[str, _Entries]) -> Iterator[Decision]:
    for kind, found in entries.items():
        for entry, labels in found:
            for name in entry.get("aliases") or entry.get("names") or [entry["name"]]:
                yield Decision(kind, name, labels)
