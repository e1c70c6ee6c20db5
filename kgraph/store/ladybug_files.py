"""The files of the embedded engine in NAME.kg: how they are opened, and what is done with damaged ones.

They can always be made again from the records, so files that cannot be read are set aside in `NAME.kg/damaged` when
they are opened for writing.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kgraph.errors import StoreError
from kgraph.store.base import one_line

if TYPE_CHECKING:
    import ladybug

FILE: Final = "graph.lb"
LOG: Final = f"{FILE}.wal"
DRAFT: Final = "draft"
"""The folder in which a graph is made that takes the place of the file."""

_LOG = logging.getLogger(__name__)
# Caps of address space, not of memory in use. A checkpoint was seen to fail with half of this pool; the engine's own
# defaults are 80 % of the memory and 8 TiB, which a limit on virtual memory refuses.
_BUFFER_POOL: Final = 1 << 30
_MAX_SIZE: Final = 1 << 40
_LOCKED: Final = re.compile(r"Could not set lock(?:.*PID (\d+))?")
_UNFINISHED: Final = re.compile("checkpoint recovery is pending|replay shadow pages under read-only")
_IN_CHECKPOINT: Final = re.compile(f"{_UNFINISHED.pattern}|retry later")
_NO_RETURN: Final = "the engine does not come back from its log"
# A checkpoint that a writer is at takes seconds; one that nobody is at will not end.
_CHECKPOINT_SECONDS: Final = 60
_LEFT_SECONDS: Final = 2
_TRIAL_SECONDS: Final = 30
# What a log may be of a file that is larger than some seconds of a checkpoint: it is read whenever a graph is opened.
_LOG_SHARE: Final = 256
_SMALL_FILE: Final = 1 << 26
_LEFT: Final = (0, 0)
_DAMAGE: Final = re.compile(
    "Checksum verification|not a valid|different version|Cannot read checkpoint|duplicated primary key"
    "|Cannot recover|Cannot safely open|is corrupted"
)
# What stands in the way besides the files' content. Over a damaged log the engine says whatever comes to its mind.
_OUTER: Final = re.compile("Could not set lock|Permission denied|No space left|Mmap|Cannot open|bad_alloc")


def open_to_read(folder: Path, *, written_here: bool = False) -> ladybug.Database:
    """Open the graph of a folder, also while someone writes to it, be it this process (`written_here`) or another.

    Raises `StoreError` where there is none, or it cannot be opened.
    """
    if not (folder / FILE).is_file():
        raise StoreError(f"{folder}: there is no graph here; run `kgraph build` first")
    if not _comes_back(folder, strict=False, read_only=True):
        raise _damaged(folder, _NO_RETURN)
    started = time.monotonic()
    while True:
        file = (folder / FILE).stat().st_ino
        try:
            database = _database(folder, read_only=True, strict=False)
        except RuntimeError as error:
            if time.monotonic() - started > _patience(folder, str(error), written_here):
                raise _refusal(folder, error) from error
            time.sleep(0.1)
            continue
        if (folder / FILE).stat().st_ino == file:
            return database
        # A writer put another file in its place, and the log that was read may be that one's.
        database.close()


def _patience(folder: Path, said: str, written_here: bool) -> float:
    """Return how many seconds to wait for the end of a checkpoint, after completing one that nobody is at any more."""
    if not _IN_CHECKPOINT.search(said):
        return 0
    if written_here:
        return _CHECKPOINT_SECONDS
    if _UNFINISHED.search(said):
        try:
            _database(folder, strict=True).close()
        except RuntimeError as refused:
            if _LOCKED.search(str(refused)):
                return _CHECKPOINT_SECONDS
    return _LEFT_SECONDS


def open_to_write(folder: Path) -> ladybug.Database:
    """Open the graph of a folder; make it where there is none, set it aside and begin anew where it is damaged.

    Raises `StoreError` where another process writes to it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        database = _open_or_mend(folder)
        # What was left by someone who died while filling it.
        shutil.rmtree(folder / DRAFT, ignore_errors=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot write here: {error.strerror}") from error
    return database


def _open_or_mend(folder: Path) -> ladybug.Database:
    if not _comes_back(folder, strict=True):
        return begin_anew(folder, _NO_RETURN)
    try:
        return _database(folder, strict=True)
    except RuntimeError as error:
        if not _is_damage(folder, error):
            raise _refusal(folder, error) from error
        reason = one_line(str(error))
    return _mend(folder, reason)


def _mend(folder: Path, reason: str) -> ladybug.Database:
    """Open damaged files leniently where only the log is damaged, else begin anew."""
    aside = _copy_aside(folder)
    if _has_log(folder) and _comes_back(folder, strict=False):
        try:
            database = _database(folder, strict=False)
        except RuntimeError as error:
            reason = one_line(str(error))
        else:
            _LOG.warning("%s: mended (%s); the files as they were are in %s", folder, reason, aside)
            return database
    return _begin_anew(folder, reason, aside)


def begin_anew(folder: Path, reason: str) -> ladybug.Database:
    """Set the files of a folder aside, for this reason, and make an empty graph."""
    return _begin_anew(folder, reason, _copy_aside(folder))


def _begin_anew(folder: Path, reason: str, aside: Path) -> ladybug.Database:
    for file in folder.glob(f"{FILE}*"):
        file.unlink()
    _LOG.warning("%s: begins empty (%s); the files as they were are in %s", folder, reason, aside)
    return _database(folder, strict=True)


def _copy_aside(folder: Path) -> Path:
    aside = folder / "damaged"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir()
    for file in folder.glob(f"{FILE}*"):
        shutil.copy2(file, aside)
    return aside


def _comes_back(folder: Path, *, strict: bool, read_only: bool = False) -> bool:
    """Tell whether the engine comes back from opening these files, be it with an error.

    It was seen to spin and to crash over a damaged log, and nothing in a process ends that, so another one tries. It
    takes up what the log holds, so opening is quick then.
    """
    if not _has_log(folder) or _is_left(folder):
        return True
    options = _options(folder, strict, read_only)
    trial = f"import ladybug; ladybug.Database({str(folder / FILE)!r}, **{options!r})"
    try:
        done = subprocess.run([sys.executable, "-c", trial], capture_output=True, timeout=_TRIAL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0


def _database(folder: Path, *, strict: bool, read_only: bool = False) -> ladybug.Database:
    import ladybug

    try:
        return ladybug.Database(folder / FILE, **_options(folder, strict, read_only))
    except (ValueError, IndexError, MemoryError) as error:
        # The engine takes what it reads for lengths and offsets, and its language's library objects to nonsense.
        raise RuntimeError(f"not a valid database: {error}") from error


def _options(folder: Path, strict: bool, read_only: bool) -> dict[str, Any]:
    return {
        "buffer_pool_size": _BUFFER_POOL,
        "max_db_size": _MAX_SIZE,
        "read_only": read_only,
        "throw_on_wal_replay_failure": strict,
        # Whether opening takes up the log, which may end in the middle of something where nobody closed it.
        "auto_checkpoint": not _is_left(folder),
    }


def _refusal(folder: Path, error: RuntimeError) -> StoreError:
    if locked := _LOCKED.search(str(error)):
        owner = f" (process {locked[1]})" if locked[1] else ""
        return StoreError(f"{folder}: another process writes to it{owner}; try again when it has finished")
    if _is_damage(folder, error):
        return _damaged(folder, reason_of(error))
    return StoreError(f"{folder}: cannot be opened: {reason_of(error)}")


def _is_damage(folder: Path, error: RuntimeError) -> bool:
    return bool(_DAMAGE.search(str(error)) or (_has_log(folder) and not _OUTER.search(str(error))))


def _has_log(folder: Path) -> bool:
    return any(folder.glob(f"{LOG}*"))


def has_short_log(folder: Path) -> bool:
    """Tell whether the log is better left than taken up, which rewrites most of a large file."""
    log, file = folder / LOG, folder / FILE
    return log.is_file() and log.stat().st_size * _LOG_SHARE < file.stat().st_size - _SMALL_FILE


def mark_left(folder: Path) -> None:
    """Mark the log as left by a writer that closed it: whole, so that it can be read without a trial and go on."""
    if (log := folder / LOG).is_file():
        os.utime(log, _LEFT)


def _is_left(folder: Path) -> bool:
    # Whoever writes to the log gives it another time.
    return [file.name for file in folder.glob(f"{LOG}*")] == [LOG] and (folder / LOG).stat().st_mtime == _LEFT[1]


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(f"{folder}: cannot be opened: {reason}; `kgraph build` makes it again from the records")


def reason_of(error: RuntimeError) -> str:
    """Return what the engine says, in one line."""
    return re.sub(r"^\w+ exception: ", "", one_line(str(error)))
