"""The shipped knowledge base: well-known methods, datasets and tasks, with their other names.

`knowledge_base.jsonl` holds one entity a line, after a first line that names the sources; facts only, no texts. A name
means one entity of its label, so a name of two is in neither. That two names are one thing does not depend on whether a
paper applies or studies it, so what is known of a method holds for the task of that name too, and the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from kgraph.link.abbreviations import is_short_form
from kgraph.link.normal_form import folded, short_form
from kgraph.schema import METHOD, TASK

PATH: Final = Path(__file__).with_name("knowledge_base.jsonl")
_OTHER_ROLE: Final = {METHOD: TASK, TASK: METHOD}


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """An entity of the knowledge base: the name to show, its other names, and its homepage or paper, where known."""

    label: str
    name: str
    aliases: tuple[str, ...]
    url: str = ""


class KnowledgeBase:
    """Known entities, found by label and any of their names in its normal form."""

    def __init__(self, entities: Iterable[KnownEntity]) -> None:
        known = tuple(entities)
        self._entities = {
            (entity.label, folded(name)): entity
            for entity in reversed(known)
            for name in (entity.name, *entity.aliases)
        }
        self._long_forms = _long_forms(known)

    def find(self, label: str, name: str) -> KnownEntity | None:
        """Return the entity of this label that bears this folded name; of methods and tasks, else that of the other."""
        own = self.find_own(label, name)
        return own or self._entities.get((_OTHER_ROLE.get(label, ""), name))

    def find_own(self, label: str, name: str) -> KnownEntity | None:
        """Return the entity of just this label that bears this folded name."""
        return self._entities.get((label, name))

    def long_form(self, short: str) -> str | None:
        """Return what an abbreviation stands for, where that is one thing."""
        return self._long_forms.get(short_form(short))


@cache
def read_knowledge_base() -> KnowledgeBase:
    """Return the shipped knowledge base."""
    _, *rows = json.loads(f"[{','.join(PATH.read_text(encoding='utf-8').splitlines())}]")
    return KnowledgeBase(map(_known_entity, rows))


def _known_entity(row: Mapping[str, str]) -> KnownEntity:
    return KnownEntity(row["label"], row["name"], tuple(row["aliases"]), row.get("url", ""))


def _long_forms(entities: Iterable[KnownEntity]) -> dict[str, str]:
    longs: dict[str, set[str]] = {}
    for entity in entities:
        for alias in entity.aliases:
            if is_short_form(alias) and not is_short_form(entity.name):
                longs.setdefault(short_form(alias), set()).add(entity.name)
    return {short: long for short, (long, *others) in longs.items() if not others}


NO_KNOWLEDGE: Final = KnowledgeBase(())
