"""The truth on disk: papers, and what was extracted from each, in one SQLite file.

Graph databases are projections of it. A batch is a transaction, so what is in the file is done, and a killed run goes
on from there. A paper that several files hold is one paper: its fields are joined from all its readings, in any order.
Beside the truth the file keeps what the last linking made of it, so that the next one costs what has changed.
"""

from kgraph.records.links import Links, UsageRow
from kgraph.records.records import Changes, Records, open_records
from kgraph.records.tables import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "Changes", "Links", "Records", "UsageRow", "open_records"]
