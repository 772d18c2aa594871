"""Which backend runs: the order of preference per device, what was asked for, and the reasons."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import tensorflow as tf

from tfcustomact._run import overrides
from tfcustomact.backends import BACKENDS, Backend

# Swish, eagerly on the CPU, in microseconds at 2^10, 2^14, 2^20 and 2^22 elements: forward, xla 330, 370, 3,300 and
# 7,600, python 270, 330, 5,100 and 16,000; with the gradient, xla 1,300, 1,500, 8,200 and 26,000, python 1,300, 1,600,
# 14,000 and 49,000.
PREFERENCE = {"CPU": ("native", "xla", "python"), "GPU": ("native", "xla", "python")}
PREFERENCE_ELSEWHERE = ("python",)

AUTO = "auto"
VARIABLE = "TFCUSTOMACT_BACKEND"

_from_environment = os.environ.get(VARIABLE) or AUTO
_requested: ContextVar[str | None] = ContextVar("tfcustomact_backend", default=None)
_warned: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Explanation:
    """Which backend runs an activation, and why each other one does not. ``str()`` of it is for reading."""

    op: str
    device: str
    dtype: str
    backend: str
    reasons_against: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        lines = [f"{self.op} of {self.dtype} on {self.device}: {self.backend}"]
        lines += [f"  not {name}: {'; '.join(reasons)}" for name, reasons in self.reasons_against.items()]
        return "\n".join(lines)


@contextmanager
def use_backend(name: str) -> Iterator[None]:
    """Has every call in the ``with`` block that names no backend use this one.

    It wins over the environment variable ``TFCUSTOMACT_BACKEND``, and a call's own ``backend=`` wins over it. It holds
    for this thread (more exactly, this `contextvars` context) only. A ``tf.function`` keeps the backend it was traced
    with.

    Args:
        name: ``"native"``, ``"xla"``, ``"python"``, or ``"auto"`` for the first that can run.

    Raises:
        ValueError: for an unknown name.
    """
    check_name(name)
    token = _requested.set(name)
    overrides.append(name)
    try:
        yield
    finally:
        overrides.remove(name)
        _requested.reset(token)


def check_name(name: object, source: str = "backend") -> None:
    """Raises ``ValueError``, naming where it came from, if there is no backend called ``name``."""
    if not isinstance(name, str) or (name != AUTO and name not in BACKENDS):
        raise ValueError(f"{source} is {name!r}: {', '.join(map(repr, (AUTO, *BACKENDS)))} are accepted")


def choose(op: str, device: str, dtype: tf.DType, requested: str | None) -> Backend:
    """Returns the backend to run; warns, once for each reason, where a better one cannot.

    Args:
        op: the activation's name.
        device: the kind of device: ``"CPU"``, ``"GPU"``, ...
        dtype: the tensor's dtype.
        requested: a backend's name, ``"auto"``, or None for what `use_backend` or the environment asks for.

    Raises:
        ValueError: for an unknown name, or if the backend asked for cannot run.
    """
    name = resolve(requested)
    if name == AUTO:
        name = _first_that_can_run(op, device, dtype)
        for better in _preference(device):
            if better == name:
                break
            _warn_once(better, name, BACKENDS[better].reasons_against(op, device, dtype))
    elif BACKENDS[name].reasons_against(op, device, dtype):
        raise ValueError(_why_not(name, op, device, dtype))
    return BACKENDS[name]


def explanation(op: str, device: str, dtype: tf.DType, requested: str | None = None) -> Explanation:
    """Returns what `choose` would do, without warning of anything; same arguments and errors."""
    name = resolve(requested)
    chosen = _first_that_can_run(op, device, dtype) if name == AUTO else name
    if name != AUTO and BACKENDS[name].reasons_against(op, device, dtype):
        raise ValueError(_why_not(name, op, device, dtype))
    others = {}
    for other in BACKENDS:
        if other != chosen:
            reason = f"{chosen} was asked for" if name != AUTO else f"{chosen} is preferred on {device}"
            others[other] = tuple(BACKENDS[other].reasons_against(op, device, dtype)) or (reason,)
    return Explanation(op, device, tf.as_dtype(dtype).name, chosen, others)


def device_kind(x: tf.Tensor) -> str:
    """Returns the kind of device that ``x`` lives on, or will live on if it is symbolic."""
    kind = tf.DeviceSpec.from_string(x.device).device_type if x.device else None
    return kind or ("GPU" if tf.config.list_logical_devices("GPU") else "CPU")


def resolve(requested: str | None) -> str:
    """Returns the backend asked for, or ``"auto"``: by the call, or else a `use_backend` block, or the environment.

    Raises:
        ValueError: for an unknown name.
    """
    if requested is None:
        requested = _requested.get()
    if requested is None:
        check_name(_from_environment, f"the environment variable {VARIABLE}")
        return _from_environment
    check_name(requested)
    return requested


def _preference(device: str) -> tuple[str, ...]:
    return PREFERENCE.get(device, PREFERENCE_ELSEWHERE)


def _first_that_can_run(op: str, device: str, dtype: tf.DType) -> str:
    return next(name for name in _preference(device) if not BACKENDS[name].reasons_against(op, device, dtype))


def _why_not(name: str, op: str, device: str, dtype: tf.DType) -> str:
    lines = [f"backend {name!r} cannot run {op} of {dtype.name} on {device}:"]
    for candidate in BACKENDS:
        reasons = BACKENDS[candidate].reasons_against(op, device, dtype)
        lines.append(f"  {candidate}: {'; '.join(reasons) or 'can run'}")
    return "\n".join(lines)


def _warn_once(better: str, chosen: str, reasons: list[str]) -> None:
    message = "; ".join(reasons)
    if (better, message) not in _warned:
        _warned.add((better, message))
        warnings.warn(
            f"tfcustomact runs on its backend {chosen!r} instead of {better!r}: {message}", RuntimeWarning, stacklevel=2
        )
