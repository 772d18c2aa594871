"""What became of a model's activations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

# How many places are named, of those where the same was done.
_NAMED = 3


class Replaced(NamedTuple):
    """An activation that was replaced."""

    where: str
    """The names of the layers that lead there, joined by ``/``."""
    before: str
    after: str


class Left(NamedTuple):
    """What was left as it is."""

    where: str
    """The names of the layers that lead there, joined by ``/``."""
    what: str
    why: str


@dataclass
class Report:
    """What was replaced, and what was not and why. ``str()`` of it is for reading."""

    replaced: list[Replaced] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """In what else the new model differs, in sentences."""

    def __str__(self) -> str:
        lines = _grouped((f"replaced {before} by {after}", where) for where, before, after in self.replaced)
        lines += _grouped((f"left {what}, {why}", where) for where, what, why in self.left)
        return "\n".join([*lines, *self.notes]) or "found no activations"

    def note(self, sentence: str) -> None:
        """Adds a note, if it is not there yet."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def _grouped(entries: Iterable[tuple[str, str]]) -> list[str]:
    places: dict[str, list[str]] = {}
    for what, where in entries:
        places.setdefault(what, []).append(where)
    return [
        f"{what}: {', '.join(where[:_NAMED])}" + (f" and {len(where) - _NAMED} more" if len(where) > _NAMED else "")
        for what, where in places.items()
    ]
