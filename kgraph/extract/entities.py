"""`kgraph_entities`: the mentions of one paper gathered into entities, each with a name and a role.

In: a doc with sentences, `doc.spans["kgraph"]`, `doc._.abbreviations` and guarded stretches. Out:
`doc._.paper_entities`, a list of `schema.PaperEntity`.

`groups` gathers, `roles` assigns the roles and chooses the evidence, `ratings` tells what deserves a node.
"""

from __future__ import annotations

from typing import Any, TypedDict

from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.groups import Group, build_groups
from kgraph.extract.linear import load_models
from kgraph.extract.mentions import Page, read_page, read_terms
from kgraph.extract.ratings import rate_groups
from kgraph.extract.roles import assign_roles, best_place
from kgraph.extract.spans import text_of
from kgraph.extract.terms import finder_of
from kgraph.schema import Evidence, Mention, PaperEntity

_KEY = "kgraph_entities"


class EntityRow(TypedDict):
    """An entity as plain values: spaCy sends docs between processes as msgpack, which knows no classes."""

    label: str
    name: str
    role: str
    score: float
    role_score: float
    component: str
    evidence: list[int]
    """Start and end of the sentence."""
    mentions: list[list[Any]]
    """The fields of a `mentions.Place` each."""


def read_entity_rows(doc: Doc) -> list[EntityRow]:
    """What the component left in a doc."""
    rows: list[EntityRow] = doc.user_data.get(_KEY, [])
    return rows


def give_entity_rows(doc: Doc, rows: list[EntityRow]) -> None:
    """Leave entities in a doc, in the order of their first mentions."""
    doc.user_data[_KEY] = rows


def to_entity(row: EntityRow, text: str) -> PaperEntity:
    """Build the record of an entity from the plain values."""
    mentions = tuple(Mention(text[start:end], start, end) for start, end, *_ in row["mentions"])
    start, end = row["evidence"]
    surfaces = tuple(sorted({mention.text for mention in mentions}, key=lambda s: (s != row["name"], s)))
    evidence, component = Evidence(text[start:end], start, end), row["component"]
    return PaperEntity(row["label"], row["name"], surfaces, row["role"], row["score"], evidence, mentions, component)


def _to_row(group: Group, page: Page, component: str) -> EntityRow:
    return {
        "label": group.label,
        "name": group.name,
        "role": group.role,
        "score": round(min(1.0, group.score), 4),
        "role_score": round(group.role_score, 4),
        "component": component,
        "evidence": list(page.sentences[best_place(group, page).sent]),
        "mentions": [list(place) for place in group.places],
    }


def _entities(doc: Doc) -> list[PaperEntity]:
    text = text_of(doc)
    return [to_entity(row, text) for row in read_entity_rows(doc)]


Doc.set_extension("paper_entities", getter=_entities, force=True)


class EntityMaker:
    """The component."""

    def __init__(self, rescore: bool | None = None, threshold: float | None = None) -> None:
        """Load the weights, which were fitted for each of the components that find terms and ship.

        With `rescore` an entity is scored by the probability that it deserves a node, and dropped below the `threshold`
        (by default the fitted one); without, it keeps the best score of its mentions, and all are kept. None means that
        it depends on what found the mentions: only those of a component that ships are scored anew.
        """
        self.roles = load_models("roles")
        self.nodes = load_models("nodes")
        self.rescore = rescore
        self.threshold = threshold

    def __call__(self, doc: Doc) -> Doc:
        """Gather the mentions of a doc."""
        page = read_page(doc)
        component = finder_of(doc)
        groups = build_groups(read_terms(doc, page), doc._.abbreviations)
        assign_roles(groups, page, self.roles.get(component, self.roles["kgraph_terms"]))
        if component in self.nodes if self.rescore is None else self.rescore:
            nodes = self.nodes.get(component, self.nodes["kgraph_terms"])
            groups = rate_groups(groups, page, nodes, nodes.threshold if self.threshold is None else self.threshold)
        give_entity_rows(doc, [_to_row(group, page, component) for group in groups])
        return doc


@Language.factory(
    "kgraph_entities",
    default_config={"rescore": None, "threshold": None},
    requires=["doc.sents", "doc.spans"],
    assigns=["doc._.paper_entities"],
)
def make_entity_maker(
    nlp: Language,  # noqa: ARG001
    name: str,  # noqa: ARG001
    rescore: bool | None,
    threshold: float | None,
) -> EntityMaker:
    """Make the component; its weights ship with the package."""
    return EntityMaker(rescore, threshold)
