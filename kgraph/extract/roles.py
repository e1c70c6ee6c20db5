"""The role of an entity in its paper (proposed, used, compared, mentioned), and the sentence that shows it.

In: the groups of a paper. Out: each with the likeliest role and its probability, from a multinomial logistic
regression over named features (`roles.json.gz`). What stands only in guarded stretches is neither proposed nor used.

| feature (`role_features`) | says |
| --- | --- |
| `bias`, `t=T` | always there; its type |
| `k=N\\|T`, `at=N` | how many mentions it has; in which tenth of the text it stands first |
| `title`, `title\\|T`, `title^\\|T`, `title^:\\|T` | it stands in the title, begins it, before a colon |
| `capital\\|T` | there is a capital inside its name |
| `guarded=…` | it stands in guarded stretches only; the label of the first |
| `p=W\\|T`, `pp=W W`, `l=W` | the word before a mention, the two before, each of the six before |
| `n=W\\|T`, `nn=W W` | the word after a mention, the two after |
| `s=W` | each of the first three words of a sentence that names it |
| `we=W\\|T\\|N` | each of the two words after the last "we" before a mention; N says how far back its first "we" is (in threes) |
| `titlep=W\\|T` | the word before a mention in the title |
| `enc=R:N`, `enc=R:N\\|T` | where an encoder judged it: how likely it finds a role, as a logit in halves |
"""  # noqa: E501  # rows of a table cannot be broken

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kgraph.extract.groups import Group
from kgraph.extract.linear import LinearModel, logit_halves
from kgraph.extract.mentions import Page, Place
from kgraph.extract.words import lower_tokens
from kgraph.schema import PROPOSED, ROLES

GUARDED_ROLES: Final = ROLES[2:]
_WE = re.compile(r"\b(?:we|our|ours|this (?:paper|work|study|article|thesis|survey|report))\b", re.IGNORECASE)


def assign_roles(groups: list[Group], page: Page, model: LinearModel) -> None:
    """Give each entity the likeliest role."""
    probabilities = model.probabilities([role_features(group, page) for group in groups]).tolist()
    for group, row in zip(groups, probabilities, strict=True):
        guarded = all(place.guarded for place in group.places)
        group.role_score, group.role = max(
            (score, role)
            for role, score in zip(model.classes, row, strict=True)
            if not guarded or role in GUARDED_ROLES
        )


def best_place(group: Group, page: Page) -> Place:
    """The mention whose sentence is the evidence of the role.

    One outside guarded stretches and outside the title, if there is any; for a proposal, where the paper speaks of
    itself; else the first.
    """

    def rank(place: Place) -> tuple[bool, bool, bool, int]:
        silent = group.role == PROPOSED and not _WE.search(page.sentence(place.sent))
        return bool(place.guarded), page.in_title(place), silent, place.start

    return min(group.places, key=rank)


def role_features(group: Group, page: Page) -> list[str]:
    """What the role of an entity is told from."""
    label, places = group.label, group.places
    around = {feature for place in places for feature in _place_features(place, page, label)}
    return [
        "bias",
        f"t={label}",
        f"k={min(len(places), 4)}|{label}",
        f"at={page.tenth(places[0])}",
        *_title_features(group, page),
        *([f"capital|{label}"] if any(c.isupper() for c in group.name[1:]) else []),
        *([f"guarded={places[0].guarded}"] if all(place.guarded for place in places) else []),
        *_encoder_features(group),
        *sorted(around),
    ]


def _title_features(group: Group, page: Page) -> list[str]:
    titled = [place for place in group.places if page.in_title(place)]
    if not titled:
        return []
    features = ["title", f"title|{group.label}"]
    first = min(titled, key=lambda place: place.start)
    if first.start == 0:
        colon = ":" if page.text.startswith(":", first.end) else ""
        features.append(f"title^{colon}|{group.label}")
    return features


def _encoder_features(group: Group) -> Iterator[str]:
    judged = [term.roles for term in group.terms if term.roles]
    for role, probabilities in zip(ROLES, zip(*judged, strict=True), strict=False):
        halves = logit_halves(sum(probabilities) / len(judged))
        yield f"enc={role}:{halves}"
        yield f"enc={role}:{halves}|{group.label}"


def _place_features(place: Place, page: Page, label: str) -> Iterator[str]:
    before, after = lower_tokens(page.before(place)), lower_tokens(page.after(place))
    for word in before[-6:]:
        yield f"l={word}"
    yield f"p={' '.join(before[-1:])}|{label}"
    yield f"pp={' '.join(before[-2:])}"
    yield f"n={' '.join(after[:1])}|{label}"
    yield f"nn={' '.join(after[:2])}"
    for word in before[:3]:
        yield f"s={word}"
    yield from _we_features(before, label)
    if page.in_title(place):
        yield f"titlep={' '.join(before[-1:])}|{label}"


def _we_features(before: tuple[str, ...], label: str) -> Iterator[str]:
    if "we" in before:
        after_last = before[len(before) - before[::-1].index("we") :]
        distance = len(before) - before.index("we")
        for word in after_last[:2]:
            yield f"we={word}|{label}|{min(distance, 9) // 3}"
