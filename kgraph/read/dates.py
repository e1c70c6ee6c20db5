"""Dates as papers give them -> ISO 8601, as much of it as is known."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH: Final = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR: Final = r"(?P<year>[12]\d{3})"
_REST: Final = r"(?:[T\s,;/].*)?"  # a time, a weekday, RIS's empty fourth part

_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE | re.DOTALL)
    for form in (
        rf"{YEAR}(?:\.0)?",
        rf"{YEAR}[-/.](?P<month>\d{{1,2}})(?:[-/.](?P<day>\d{{1,2}}))?{_REST}",
        rf"{YEAR}(?P<month>\d\d)(?P<day>\d\d)",
        r"--(?P<month>\d\d)-(?P<day>\d\d)",
        rf"(?:[a-z]+,\s*)?{DAY}\s+{MONTH},?\s+{YEAR}{_REST}",
        rf"(?:[a-z]+,\s*)?{MONTH}\s*{DAY}\s*,\s*{YEAR}{_REST}",
        rf"{MONTH}\s+{DAY}\s+{YEAR}",
        rf"{MONTH},?\s+{YEAR}",
        rf"{YEAR}[\s-]+{MONTH}(?:[\s-]+{DAY})?{_REST}",
        rf"{MONTH}\s+{DAY}",
        rf"{DAY}\s+{MONTH}",
        rf"(?P<month>\d{{1,2}})[/.-]{YEAR}",
        rf"\d{{1,2}}[/.-]\d{{1,2}}[/.-]{YEAR}{_REST}",  # 3/4/2023: the day and the month cannot be told apart
        rf"{YEAR}\b.*",
    )
)


def parse_date(text: str) -> str:
    """Return the date as ISO 8601, or its known part: `2023-08-11`, `2023-08`, `2023`, `--08-11`; "" if it is no date.

    A part that cannot be (month 13, 30 February) is left out, and a year is never guessed.
    """
    text = text.strip()
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            parts = found.groupdict()
            return _iso(parts.get("year") or "", _month(parts.get("month") or ""), int(parts.get("day") or 0))
    return ""


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1 if text else 0


def _iso(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return year
    if not 1 <= day <= monthrange(int(year or 2000), month)[1]:  # 2000 has a 29 February
        return f"{year}-{month:02}" if year else ""
    return f"{year or '-'}-{month:02}-{day:02}"
