"""What a recorded number has to say of where it was measured."""

import contextlib
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from tfcustomact._libraries import kernels

# Where NumPy's arrays live, and where the CUDA kernels run.
HOST, CUDA = "CPU:0", "GPU:0"

_PACKAGES = ("tfcustomact", "tensorflow", "keras", "numpy", "torch", "cupy", "jax", "jaxlib")
_INSTRUCTION_SETS = (
    *("sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_bf16"),
    *("avx512_fp16", "amx_bf16", "asimd", "asimdhp", "sve", "sve2", "bf16"),
)


def cores() -> int:
    """The cores this process may use: those in its affinity mask, or its cgroup's quota where that is less."""
    return len(os.sched_getaffinity(0)) if reasons_against_kernels() else kernels().allowed_processors()[0]


def threads() -> int:
    """What TensorFlow computes one op with, and so what the others get."""
    if not has_tensorflow():
        return cores()
    import tensorflow as tf

    # TensorFlow's own number is that of the affinity mask: it knows no quotas.
    return tf.config.threading.get_intra_op_parallelism_threads() or len(os.sched_getaffinity(0))


def has_tensorflow() -> bool:
    return all(map(importlib.util.find_spec, ("tensorflow", "keras")))


def memory_bytes(device: str) -> int | None:
    """The memory that arrays on a device can have; None where it is not known."""
    if device == HOST:
        return _host_memory()
    return cuda_facts()["memory"] if device == CUDA and not reasons_against_cuda() else None


def _host_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            module = sys.modules.get(package)
            if module is not None:
                found[package] = getattr(module, "__version__", "unknown")
    return found


def build_facts() -> dict[str, str] | None:
    """What the compiled kernels say of their build; None where they are not built."""
    try:
        return dict(kernels().build_info())
    except ImportError:
        return None


def kept_memory() -> dict[str, dict[str, int]]:
    """The bytes that each compiled library keeps for outputs: its bound of what is idle, what is in use and idle."""
    found = {}
    if build_facts() is not None:
        found["tfcustomact.numpy"] = kernels().kept_memory()
    if has_tensorflow():
        from tfcustomact import _native_library

        if not isinstance(_native_library.load(), str):
            found["TensorFlow ops"] = _native_library.kept_memory()
    return found


def reasons_against_kernels() -> list[str]:
    return [] if build_facts() is not None else ["the compiled kernels are not built"]


def devices() -> list[str]:
    """The devices computed on, as ``CPU:0``; one of each kind, since the others are alike."""
    of_arrays = [HOST] if reasons_against_cuda() else [HOST, CUDA]
    return list(dict.fromkeys((*tensor_devices(), *of_arrays)))


def tensor_devices() -> list[str]:
    """The devices that TensorFlow computes on."""
    if not has_tensorflow():
        return []
    import tensorflow as tf

    first: dict[str, str] = {}
    for device in tf.config.list_logical_devices():
        first.setdefault(device.device_type, device.name.removeprefix("/device:"))
    return list(first.values())


def reasons_against_cuda() -> list[str]:
    """Why the CUDA kernels cannot run here."""
    if reasons_against_kernels():
        return reasons_against_kernels()
    cuda = kernels().cuda
    if not cuda.architectures():
        return [f"the CUDA kernels were {kernels().build_info()['CUDA']}"]
    count, why = cuda.device_count()
    return [] if count else [f"there is no CUDA device: {why}"]


def cuda_facts() -> dict[str, Any]:
    """What the driver says of the first CUDA device."""
    return kernels().cuda.device_facts(0)


def load_average() -> float:
    """How many processes were busy in the last minute: timings mean little on a busy machine."""
    return round(os.getloadavg()[0], 2)


def checkout() -> dict[str, Any] | None:
    """The git commit of the clone that this package runs in, and whether its files are as committed, but for what a
    benchmark writes there; None outside of a clone."""
    root = Path(__file__).resolve().parents[2]
    asked = _git(root, "rev-parse", "--show-toplevel", "HEAD")
    if asked is None:
        return None
    top, commit = asked.splitlines()
    # The package may be installed into an environment inside another repository.
    if Path(top).resolve() != root:
        return None
    changed = _git(root, "status", "--porcelain", "--", ".", ":(exclude)bench/results", ":(exclude)README.md")
    return {"commit": commit, "clean": not changed}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        asked = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()


def description() -> dict[str, object]:
    cpu, instruction_sets = _cpu()
    return {
        "cpu": cpu,
        "cores": cores(),
        "threads": threads(),
        "instruction sets": instruction_sets,
        "caches": _caches(),
        "memory GiB": round(_host_memory() / 2**30, 1),
        "operating system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "devices": _device_words(),
    }


def _cpu() -> tuple[str, list[str]]:
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    return facts.get("model name", platform.machine()), [name for name in _INSTRUCTION_SETS if name in flags]


def _caches() -> list[str]:
    """The caches that one core reaches, as Linux describes them."""
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        # A virtual machine need not know all of it.
        with contextlib.suppress(OSError):
            level, kind, size, sharers = (
                (folder / name).read_text().strip() for name in ("level", "type", "size", "shared_cpu_list")
            )
            if kind != "Instruction":
                found.append(f"L{level} {size} of CPU {sharers}")
    return found


def _device_words() -> list[str]:
    if not has_tensorflow():
        return ["CPU"] if reasons_against_cuda() else ["CPU", f"GPU {cuda_facts()['name']}"]
    import tensorflow as tf

    found = []
    for device in tf.config.list_physical_devices():
        name = tf.config.experimental.get_device_details(device).get("device_name")
        found.append(f"{device.device_type} {name}" if name else device.device_type)
    return found
