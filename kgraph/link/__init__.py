"""Linking: what several papers call by one name, or by several, becomes one entity.

`link_mentions` looks at all papers once and returns a `Linker`; the linker gives each entity of a paper its node. The
result is a function of the set of papers, the user's alias file and the shipped knowledge base: the order of the papers
never changes it.

    usages          what papers call their entities, counted
    abbreviations   what papers agree that abbreviations stand for
    rules           which key a name has: alias file, knowledge base, abbreviations, wording
    keys            the same for all names together: general words, misspellings
    nodes           names with one key -> a node with its aliases, and why each is one
"""

from kgraph.link.aliases import NO_ALIASES, Aliases, Decision, read_aliases
from kgraph.link.knowledge_base import NO_KNOWLEDGE, KnowledgeBase, KnownEntity, read_knowledge_base
from kgraph.link.linker import Linker, link_mentions
from kgraph.link.nodes import entity_id
from kgraph.link.normal_form import normal_form

__all__ = [
    "NO_ALIASES",
    "NO_KNOWLEDGE",
    "Aliases",
    "Decision",
    "KnowledgeBase",
    "KnownEntity",
    "Linker",
    "entity_id",
    "link_mentions",
    "normal_form",
    "read_aliases",
    "read_knowledge_base",
]
