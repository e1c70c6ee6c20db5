"""The parameters of a query: their types, and what a value of each must be.

    str          any text
    int          a whole number above 0
    1..4         a whole number from 1 to 4
    float        a number from 0 to 1
    year         a year such as 2020
    Label        Method, Dataset or Task, in any case, also in the plural
    Method, Dataset, Task, Entity (any of the three)
                 a node: its name, any alias in any case, or its id; the id is bound

In: values as a user gives them. Out: values to bind; they are never spliced into a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from kgraph.errors import ParameterError
from kgraph.query.library import Parameter, Query
from kgraph.schema import ENTITY_LABELS

ALL: Final = 2**31 - 1
"""The limit that leaves nothing out."""

# The type of a node -> the labels that it may have.
NODE_LABELS: Final = {"Entity": ENTITY_LABELS} | {label: (label,) for label in ENTITY_LABELS}


class _Numbers(NamedTuple):
    """The numbers of a type: what reads one, the least and the greatest, and how they are called."""

    read: Callable[[Any], float]
    least: float
    greatest: float
    meant: str


_NUMBERS: Final = {
    "int": _Numbers(int, 1, ALL, "a whole number above 0"),
    "float": _Numbers(float, 0, 1, "a number from 0 to 1"),
    "year": _Numbers(int, 1, 9999, "a year such as 2020"),
}
_RANGE: Final = re.compile(r"(\d+)\.\.(\d+)")


def check_parameters(query: Query, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked value for every parameter of a query; those of nodes are still as they were given.

    None stands for the default. Raises `ParameterError` for a missing, unknown or mistyped parameter.
    """
    if unknown := set(given) - {parameter.name for parameter in query.parameters}:
        takes = ", ".join(parameter.name for parameter in query.parameters) or "no parameters"
        raise ParameterError(f"{query.name} has no parameter {min(unknown)!r}: it takes {takes}")
    return {parameter.name: _checked(query, parameter, given.get(parameter.name)) for parameter in query.parameters}


def is_type(name: str) -> bool:
    """Tell whether a parameter can be of a type of that name."""
    return name in ("str", "Label") or name in NODE_LABELS or _numbers(name) is not None


def _checked(query: Query, parameter: Parameter, given: Any) -> Any:
    value = parameter.default if given is None else given
    if value is None:
        raise ParameterError(f"{query.name} needs a value for {parameter.name} ({parameter.type}): {parameter.about}")
    if parameter.type == "Label":
        return _label(query, parameter, str(value))
    if numbers := _numbers(parameter.type):
        return _number(query, parameter, numbers, value)
    return str(value)


def _numbers(name: str) -> _Numbers | None:
    if ends := _RANGE.fullmatch(name):
        return _Numbers(int, int(ends[1]), int(ends[2]), f"a whole number from {ends[1]} to {ends[2]}")
    return _NUMBERS.get(name)


def _number(query: Query, parameter: Parameter, numbers: _Numbers, value: Any) -> float:
    try:
        number = numbers.read(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not numbers.least <= number <= numbers.greatest:
        raise ParameterError(f"{query.name}: {parameter.name} must be {numbers.meant}, not {value!r}")
    return number


def _label(query: Query, parameter: Parameter, value: str) -> str:
    for label in ENTITY_LABELS:
        if value.casefold() in (label.casefold(), f"{label}s".casefold()):
            return label
    raise ParameterError(f"{query.name}: {parameter.name} must be one of {', '.join(ENTITY_LABELS)}, not {value!r}")
