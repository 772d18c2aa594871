"""``python -m tfcustomact info``: what is installed and built, and which backend runs what, with reasons."""

import os
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from tfcustomact import _libraries
from tfcustomact._commands import console, machine
from tfcustomact._commands.cases import DTYPES
from tfcustomact.activations import ACTIVATIONS


def main(arguments: Sequence[str]) -> int:
    console.parser("info", __doc__).parse_args(arguments)
    out = console.output()
    _facts(out, "Versions", machine.versions())
    described = machine.description() | {"threads of tfcustomact.numpy": _array_threads()}
    _facts(out, "Machine", {name: _words(value) for name, value in described.items()})
    _facts(out, "Compiled kernels", machine.build_facts() or {"state": "not built"})
    _facts(out, "Memory kept for outputs", _kept_memory())
    _facts(out, "CUDA device", _cuda())
    if machine.has_tensorflow():
        _tensorflow(out)
    else:
        out.print(
            "\nTensorFlow is not installed: tfcustomact.numpy, tfcustomact.cuda and tfcustomact.testing are there."
        )
    return 0


def _facts(out: Console, title: str, facts: Mapping[str, str]) -> None:
    made = console.table(("", ""))
    made.show_header = False
    for name, value in facts.items():
        made.add_row(name, value)
    console.show(out, title, made)


def _array_threads() -> str:
    """How many threads ``tfcustomact.numpy`` may use, and what sets the number."""
    if machine.reasons_against_kernels():
        return "; ".join(machine.reasons_against_kernels())
    try:
        number, set_by = _libraries.kernels().allowed_threads()
    except ValueError as error:
        return str(error)
    return f"{number} ({set_by})"


def _kept_memory() -> Mapping[str, str]:
    pools = machine.kept_memory()
    if not pools:
        return {"state": "the compiled kernels are not built"}
    return {
        name: f"idle at most {_mebibytes(facts['bound'])}; in use {_mebibytes(facts['in use'])}, "
        f"idle {_mebibytes(facts['idle'])}"
        for name, facts in pools.items()
    }


def _mebibytes(number: int) -> str:
    return f"{number / 2**20:,.0f} MiB"


def _cuda() -> Mapping[str, str]:
    reasons = machine.reasons_against_cuda()
    if reasons:
        return {"state": "; ".join(reasons)}
    facts = machine.cuda_facts()
    return {
        "name": facts["name"],
        "compute capability": ".".join(map(str, facts["compute capability"])),
        "multiprocessors": str(facts["multiprocessors"]),
        "memory GiB": f"{facts['memory'] / 2**30:.1f}",
        "driver supports CUDA": _cuda_version(facts["driver"]),
        "runtime": _cuda_version(facts["runtime"]),
    }


def _cuda_version(number: int) -> str:
    # 13020 for 13.2.
    return f"{number // 1000}.{number % 1000 // 10}"


def _tensorflow(out: Console) -> None:
    from tfcustomact import _native_library

    library = _native_library.load()
    _facts(out, "Compiled TensorFlow ops", {"state": library if isinstance(library, str) else "loaded"})
    _dispatch(out, machine.tensor_devices())


def _dispatch(out: Console, devices: Iterable[str]) -> None:
    import tensorflow as tf

    from tfcustomact._dispatch import VARIABLE, explanation

    asked = os.environ.get(VARIABLE)
    made = console.table(("op", "device", "dtype", "backend", "why no other"))
    for op in ACTIVATIONS:
        for device in devices:
            for dtype in DTYPES:
                found = explanation(op, device.partition(":")[0], tf.as_dtype(dtype))
                reasons = [f"{name}: {'; '.join(why)}" for name, why in found.reasons_against.items()]
                made.add_row(op, device, dtype, found.backend, "\n".join(reasons))
        made.add_section()
    console.show(out, "Which backend runs" + (f", with {VARIABLE}={asked}" if asked else ""), made)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
