"""How sure it is that an entity deserves a node in the graph, seen beside the other entities of its paper.

In: the groups of a paper, with roles. Out: the groups that deserve a node, each scored by the probability that a
logistic regression over named features gives. Its weights (`nodes.json.gz`) were fitted on the scores of
`kgraph_terms`, and mean nothing for those of another recogniser.

| feature (`node_features`) | says |
| --- | --- |
| `bias` | always there |
| `best=N`, `best=N\\|T`, `mean=N` | the best and the mean score of its mentions, as logits in halves; with its type |
| `t=T`, `votes=N` | its type; how many types its mentions were given |
| `k=N`, `k=N\\|T`, `forms=N` | how many mentions it has, with its type; how many spellings |
| `size=N\\|T`, `h=W\\|T` | how many words its name has; its last word |
| `role=R\\|T` | its role |
| `n=N`, `peers=N\\|T`, `rank=N` | how many entities the paper has (in threes), of its type, surer ones (in twos) |
| `at=N` | in which tenth of the text it stands first |
| `title`, `title\\|T\\|N` | it stands in the title, with its type and the number of its mentions |
| `guarded` | it stands in guarded stretches only |
| `inside…`, `holds…`, `head…`, `word…` | another entity has all words of its name and more, only some of them, the same last word, another word in common; `=` of its type, `~` of another; `+` surer, `-` not; `True` with the same last word |
"""  # noqa: E501  # rows of a table cannot be broken

from __future__ import annotations

from typing import Final

from kgraph.extract.groups import Group
from kgraph.extract.linear import LinearModel, logit_halves
from kgraph.extract.mentions import Page
from kgraph.extract.words import normal_form
from kgraph.schema import DATASET, PROPOSED

PROPOSED_SHARE: Final = 0.4
DATASET_SHARE: Final = 1.2
"""Of the threshold: what a paper proposes is kept though it is more doubtful than other entities, since its graph is
asked for that first; of the doubtful datasets more are wrong."""


def rate_groups(groups: list[Group], page: Page, model: LinearModel, threshold: float) -> list[Group]:
    """Score each entity; drop those below their share of the threshold."""
    probabilities = model.probabilities([node_features(group, groups, page) for group in groups])[:, 1].tolist()
    for group, score in zip(groups, probabilities, strict=True):
        group.score = score
    return [group for group in groups if group.score >= threshold * _share(group)]


def _share(group: Group) -> float:
    if group.label == DATASET:
        return DATASET_SHARE
    return PROPOSED_SHARE if group.role == PROPOSED else 1.0


def node_features(group: Group, groups: list[Group], page: Page) -> list[str]:
    """What tells whether an entity deserves a node: its scores, and how it stands among the others of its paper."""
    return [
        "bias",
        *_score_features(group),
        *_form_features(group),
        *_company_features(group, groups),
        f"at={page.tenth(group.places[0])}",
        *_title_features(group, page),
        *(["guarded"] if all(place.guarded for place in group.places) else []),
        *sorted(_rival_features(group, groups)),
    ]


def _score_features(group: Group) -> list[str]:
    best = logit_halves(group.score)
    mean = logit_halves(sum(term.score for term in group.terms) / len(group.terms))
    return [f"best={best}", f"best={best}|{group.label}", f"mean={mean}"]


def _form_features(group: Group) -> list[str]:
    label, number = group.label, len(group.terms)
    forms = len({normal_form(surface) for surface in group.surfaces})
    return [
        f"t={label}", f"k={min(number, 5)}", f"k={min(number, 4)}|{label}", f"forms={min(forms, 3)}",
        f"size={min(len(group.words), 5)}|{label}", f"role={group.role}|{label}", f"h={group.words[-1]}|{label}",
    ]  # fmt: skip


def _company_features(group: Group, groups: list[Group]) -> list[str]:
    surer = sum(other.score > group.score for other in groups)
    peers = sum(other.label == group.label for other in groups)
    return [
        f"n={min(len(groups), 24) // 3}", f"votes={len({term.label for term in group.terms})}",
        f"rank={min(surer, 14) // 2}", f"peers={min(peers, 9)}|{group.label}",
    ]  # fmt: skip


def _title_features(group: Group, page: Page) -> list[str]:
    if not any(page.in_title(place) for place in group.places):
        return []
    return ["title", f"title|{group.label}|{min(len(group.places), 3)}"]


def _rival_features(group: Group, groups: list[Group]) -> set[str]:
    """How the name shares words with those of other entities."""
    own = set(group.words)
    rivals = [other for other in groups if other is not group and not own.isdisjoint(other.words)]
    return {feature for other in rivals for feature in _pair_features(group, other)}


def _pair_features(group: Group, other: Group) -> list[str]:
    own, theirs = set(group.words), set(other.words)
    same = "=" if other.label == group.label else "~"
    surer = "+" if other.score > group.score else "-"
    one_head = group.words[-1] == other.words[-1]
    if own < theirs:
        return [f"inside{same}", f"inside{same}{surer}", f"inside{same}{one_head}"]
    if theirs < own:
        return [f"holds{same}", f"holds{same}{surer}", f"holds{same}{one_head}"]
    if one_head:
        return [f"head{same}", f"head{same}{surer}"]
    return [f"word{same}"]
