"""Linking: what several papers call by one name, or by several, becomes one entity.

`link_mentions` looks at all papers once and returns a `Linker`; the linker gives each entity of a paper its node. The
result is a function of the set of papers and the user's alias file: the order of the papers never changes it.
"""

from kgraph.link.aliases import NO_ALIASES, Aliases, read_aliases
from kgraph.link.linker import Linker, entity_id, link_mentions
from kgraph.link.normal_form import normal_form

__all__ = ["NO_ALIASES", "Aliases", "Linker", "entity_id", "link_mentions", "normal_form", "read_aliases"]
