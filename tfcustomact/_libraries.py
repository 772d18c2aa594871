"""Loads the compiled kernels, and checks that a library's file is complete before it is loaded."""

import os
import struct
import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from tfcustomact._version import __version__

# The kernels, which the Python module and the TensorFlow ops load.
SHARED = Path(__file__).parent / f"libtfcustomact-{__version__}.so"

_KEPT_MEMORY = "TFCUSTOMACT_KEPT_MEMORY"

# Of the header of a 64-bit ELF file: where the table of segments begins, the size of an entry, their number.
_HEADER = struct.Struct("32xQ14xHH6x")
# Of a segment: where it lies in the file, and its size there.
_SEGMENT = struct.Struct("8xQ16xQ16x")


def kernels() -> ModuleType:
    """Returns the module of the compiled kernels.

    Raises:
        ModuleNotFoundError: if they were not built.
        ImportError: if they cannot be loaded.
    """
    found = find_spec("tfcustomact._kernels")
    if found is not None and found.origin is not None:
        check_length(Path(found.origin))
        # If it is missing, the loader says so.
        if SHARED.exists():
            check_length(SHARED)
    module = import_module("tfcustomact._kernels")
    _warn_of_wrong_bound(module)
    return module


@cache
def _warn_of_wrong_bound(module: ModuleType) -> None:
    given = os.environ.get(_KEPT_MEMORY)
    if given and not module.is_kept_memory_given():
        warnings.warn(
            f"the environment variable {_KEPT_MEMORY} is {given!r}: a number of bytes is accepted, 0 or more; "
            "it is ignored",
            RuntimeWarning,
            stacklevel=4,
        )


def check_length(library: Path) -> None:
    """Raises ``ImportError`` if a library's file ends before its last segment.

    The system maps segments without checking the file's length, and kills the process (SIGBUS) that then reads what is
    missing. Of whatever else may be wrong with a file the system's loader tells by an error.
    """
    length = library.stat().st_size
    with library.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(b"\x7fELF\x02"):
            return
        table, size, count = _HEADER.unpack(header)
        file.seek(table)
        segments = file.read(size * count)
    ends = [table + size * count]
    ends += [sum(_SEGMENT.unpack_from(segments, at)) for at in range(0, len(segments) - _SEGMENT.size + 1, size)]
    if length < max(ends):
        raise ImportError(f"{library} is cut short: it has {length:,} bytes of {max(ends):,} or more")
