"""Graphs of any size for tests and benches, with the shape of a real one; seeded, streamed, and in our own words.

A paper names nine entities or so and states nine relations between them. It introduces some entities of its own, so
every entity is named; the others it draws by a power law over all of them, so few are named by very many papers, and
relations of theirs stand in several papers: parallel edges. Some terms are a method and a task, some papers have no
year, some state a relation twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Final

from kgraph.graph import link_paper
from kgraph.link import entity_id
from kgraph.schema import (
    DATASET,
    METHOD,
    RELATION_ENDS,
    ROLES,
    TASK,
    Entity,
    Evidence,
    Extraction,
    LinkedPaper,
    Paper,
    PaperEntity,
    PaperRelation,
)

ZIPF: Final = 0.75
"""How often the entity of rank r is named: r to the power of minus this."""

# Label -> how many entities of it there are for each paper, and how many a paper draws beside those of its own.
_INTRODUCED: Final = {METHOD: 1.7, DATASET: 0.4, TASK: 0.45}
_DRAWN: Final = {METHOD: 3.0, DATASET: 1.5, TASK: 2.3}
# Type -> how many relations of it a paper states, as far as it names entities for them.
_STATED: Final = {
    "USED_FOR": 3.0,
    "EVALUATED_ON": 1.9,
    "BENCHMARK_FOR": 1.2,
    "BASED_ON": 1.4,
    "COMPARED_WITH": 1.4,
    "SUBTASK_OF": 0.9,
}
_SAYS: Final = {
    "USED_FOR": "With {} in place of the usual machinery, {} becomes easier on every input that was tried.",
    "EVALUATED_ON": "The scores of {} on {} are the mean of five runs, and hardly change from run to run.",
    "BENCHMARK_FOR": "Everything in {} was gathered to measure {}, and two people have read all of it beforehand.",
    "BASED_ON": "Like most of its kind, {} starts from {} and replaces one of its parts by a part that can be learned.",
    "COMPARED_WITH": "Against all that is known about it, {} needs half of the memory of {} and a third of its time.",
    "SUBTASK_OF": "Whoever wants to solve {} has solved a part of {} already, and often the harder one.",
}
_FIRST, _SECOND = (
    ("Amber", "Bold", "Calm", "Deep", "Early", "Fast", "Grand", "Hidden", "Inner", "Joint", "Keen", "Light", "Mixed"),
    ("Anchors", "Bridges", "Channels", "Drifts", "Echoes", "Fields", "Gates", "Hinges", "Ladders", "Mirrors", "Waves"),
)
_YEARS: Final = range(2008, 2026)


def synthetic_graph(papers: int, seed: int = 0) -> tuple[dict[str, Entity], Iterator[LinkedPaper]]:
    """Return the entities by id, and an iterator over this many papers, sorted by id, that names each of them."""
    pools = {label: _entities(label, max(2, round(share * papers))) for label, share in _INTRODUCED.items()}
    entities = {entity.id: entity for pool in pools.values() for entity in pool}
    return entities, (_linked_paper(number, papers, pools, Random(f"{seed} {number}")) for number in range(papers))


def _entities(label: str, count: int) -> list[Entity]:
    return [_entity(label, number) for number in range(count)]


def _entity(label: str, number: int) -> Entity:
    name = _name(label, number)
    short = f"{label[0]}{number:X}"
    plural = {f"{name} {version}" for version in range(number % 5)} if number % 97 == 0 else set()
    other = {METHOD: TASK, TASK: METHOD}.get(label)
    same = (entity_id(other, name),) if other and _is_shared(number) else ()
    return Entity(entity_id(label, name), label, name, tuple(sorted({name, short, *plural})), "", same)


def _name(label: str, number: int) -> str:
    words = f"{_FIRST[number % len(_FIRST)]} {_SECOND[number % len(_SECOND)]} {number}"
    return words if label == METHOD or _is_shared(number) else f"{words} {label}"


def _is_shared(number: int) -> bool:
    """Tell whether the method and the task of this number bear one name."""
    return number % 40 == 7


def _linked_paper(number: int, papers: int, pools: Mapping[str, Sequence[Entity]], random: Random) -> LinkedPaper:
    named = {label: _named(pool, _DRAWN[label], number, papers, random) for label, pool in pools.items()}
    everything = [entity for found in named.values() for entity in found]
    stated = [] if number % 101 == 5 else _relations(named, random)
    sentences = [f"This work speaks of {', '.join(entity.name for entity in everything)}."]
    sentences += [_SAYS[kind].format(source.name, target.name) for kind, source, target in stated]
    title = f"On {everything[0].name}, paper {number}"
    paper = Paper(
        id=f"synthetic:{number:07}",
        title=title,
        abstract=" ".join(sentences),
        published="" if number % 37 == 3 else f"{_year(number, papers, random)}-06-01",
        url=f"https://example.org/{number}",
        authors=("A. Author", "B. Writer"),
        source=f"part-{number % 7}.jsonl",
    )
    first, *others = _evidence(len(title) + 1, sentences)
    found = tuple(_paper_entity(entity, place == 0, first, random) for place, entity in enumerate(everything))
    relations = tuple(
        PaperRelation(kind, source.id, target.id, _score(random), evidence, "kgraph_relations")
        for (kind, source, target), evidence in zip(stated, others, strict=True)
    )
    nodes = {entity.id: entity.id for entity in everything}
    return link_paper(paper, Extraction(paper.id, found, relations), nodes)


def _named(pool: Sequence[Entity], drawn: float, number: int, papers: int, random: Random) -> list[Entity]:
    """Return the entities of one label that a paper names: first its own, then some of all."""
    places = list(range(number * len(pool) // papers, (number + 1) * len(pool) // papers))
    places += [_zipf(len(pool), random) for _ in range(_about(drawn, random))]
    return [pool[place] for place in dict.fromkeys(places)]


def _zipf(count: int, random: Random) -> int:
    rest = 1 - ZIPF
    return min(count, int((random.random() * ((count + 1) ** rest - 1) + 1) ** (1 / rest))) - 1


def _about(mean: float, random: Random) -> int:
    """Return the whole number below or above, so that the mean is kept."""
    return int(mean + random.random())


def _relations(named: Mapping[str, Sequence[Entity]], random: Random) -> list[tuple[str, Entity, Entity]]:
    stated = []
    for kind, (source, target) in RELATION_ENDS.items():
        for _ in range(_about(_STATED[kind], random) if named[source] and named[target] else 0):
            pair = random.choice(named[source]), random.choice(named[target])
            stated += [(kind, *pair)] if pair[0] is not pair[1] else []
    return stated


def _year(number: int, papers: int, random: Random) -> int:
    return _YEARS[min(len(_YEARS) - 1, len(_YEARS) * number // papers + random.randrange(3))]


def _evidence(start: int, sentences: Sequence[str]) -> list[Evidence]:
    starts = accumulate((len(sentence) + 1 for sentence in sentences), initial=start)
    return [Evidence(text, begin, begin + len(text)) for text, begin in zip(sentences, starts, strict=False)]


def _paper_entity(entity: Entity, is_own: bool, evidence: Evidence, random: Random) -> PaperEntity:
    role = ROLES[0] if is_own else random.choices(ROLES, (1, 10, 3, 6))[0]
    return PaperEntity(entity.label, entity.id, (entity.name,), role, _score(random), evidence, (), "kgraph_entities")


def _score(random: Random) -> float:
    return random.uniform(0.3, 0.99)
