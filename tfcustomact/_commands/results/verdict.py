"""What a benchmark found, in sentences: a few lines for each activation and for a model."""

from collections.abc import Iterable, Iterator, Sequence

from tfcustomact._commands.errors import ALL_LOST, Errors
from tfcustomact._commands.timing.comparison import Comparison
from tfcustomact._commands.timing.models import Timed

MODES = {"eager": "eager", "graph": "in a tf.function", "jit": "in jit_compile=True", "array": "arrays"}
PASSES = {"forward": "forward", "both": "training pass"}

# An error of more ULPs than this is told by where it is found.
_MANY_ULPS = 1000

# If this share of the intervals of x has smaller errors, the largest of these is told, too.
_NEARLY_ALL = 0.9


def of_activations(comparisons: Sequence[Comparison], errors: Sequence[Errors], power: int) -> list[str]:
    """Returns a line for each activation and mode, at 2^power numbers or the nearest size that was timed, one for the
    other sizes, and one for the errors."""
    found = []
    for op in dict.fromkeys(each.op for each in comparisons):
        of_op = [each for each in comparisons if each.op == op]
        ways = dict.fromkeys((each.device, each.dtype, each.mode) for each in of_op)
        for way in ways:
            found.append(_speed([each for each in of_op if (each.device, each.dtype, each.mode) == way], power))
        found += [f"{op}, {sentence}" for sentence in (*_sizes(of_op), *_accuracy(op, errors))]
    return found


def of_models(timed: Iterable[Timed]) -> list[str]:
    """Returns a line for each model and mode."""
    found: dict[str, list[str]] = {}
    for each in timed:
        found.setdefault(f"{each.model}, {MODES[each.mode]}", []).append(f"{each.step} {times(1 / each.ratio)}")
    return [f"{name}: {', '.join(parts)} as fast after tca.accelerate" for name, parts in found.items()]


def times(faster: float) -> str:
    """Returns how many times as fast, in words."""
    return f"{short(faster)} times"


def ulps(error: float) -> str:
    """Returns an error, in words where nothing is right."""
    return "all lost" if error >= ALL_LOST else short(error)


def _speed(of_mode: Sequence[Comparison], power: int) -> str:
    first = of_mode[0]
    size = _nearest(first, power)
    where = [first.op, MODES[first.mode]]
    where += [] if first.device.startswith("CPU") else [f"on {first.device}"]
    where += [] if first.dtype == "float32" else [first.dtype]
    where += [] if size == power else [f"2^{size}"]
    parts = []
    for each in of_mode:
        ratios = each.ratios[_nearest(each, power)]
        than = f" as fast as {each.theirs}" if each is first else ""
        share = "" if ratios.of_relu is None else f", {short(ratios.of_relu)} of ReLU's time"
        parts.append(f"{PASSES[each.direction]} {times(ratios.faster)}{than}{share}")
    return f"{', '.join(where)}: {'; '.join(parts)}"


def _sizes(of_op: Iterable[Comparison]) -> Iterator[str]:
    """What is found at the other sizes."""
    for each in of_op:
        if len(each.ratios) > 2 and (each.mode, each.direction) == ("eager", "forward"):
            faster = [ratios.faster for ratios in each.ratios.values()]
            shares = [ratios.of_relu for ratios in each.ratios.values() if ratios.of_relu is not None]
            of_relu = f", {short(min(shares))} to {short(max(shares))} of ReLU's time" if shares else ""
            where = f"2^{min(each.ratios)} to 2^{max(each.ratios)}, {each.mode} {each.direction}"
            yield f"{where}: {short(min(faster))} to {times(max(faster))} as fast{of_relu}"


def _accuracy(op: str, errors: Iterable[Errors]) -> Iterator[str]:
    """The largest errors of values, and of gradients."""
    of_op = [each for each in errors if each.op == op]
    sentences = []
    for output in dict.fromkeys(each.output for each in of_op):
        sides = sorted((each for each in of_op if each.output == output), key=lambda each: not each.ours)
        told = [_error(each) if each.ours else f"({each.who}: {_error(each)})" for each in sides]
        sentences.append(f"{output} {' '.join(told)}")
    if sentences:
        yield f"errors: {'; '.join(sentences)}"


def _error(errors: Errors) -> str:
    if errors.largest < _MANY_ULPS:
        return _at_most(short(errors.largest))
    is_lost = errors.largest >= ALL_LOST
    told = f"all digits lost at x = {errors.at:.3g}" if is_lost else _at_most(f"{errors.largest:.2g}")
    few = [error for error in errors.by_x if error < _MANY_ULPS]
    is_narrow = len(few) > _NEARLY_ALL * len(errors.by_x)
    return f"{told}, elsewhere {_at_most(short(max(few)))}" if is_narrow else told


def _at_most(error: str) -> str:
    return f"{error} ULP at most"


def _nearest(comparison: Comparison, power: int) -> int:
    return min(comparison.ratios, key=lambda each: abs(each - power))


def short(number: float) -> str:
    """Returns two digits of a number, or all before the point."""
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 1 else f"{number:.2g}"
