"""setuptools' build backend, which asks for the compiled kernels' build tools only where they are wanted."""

import os
import shutil
import subprocess
import sys

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - a build backend is a module of functions

_TOOLS = ["tensorflow==2.21.*", "pybind11>=2.13", "cmake>=3.24,<5", "ninja>=1.11"]


def get_requires_for_build_wheel(config_settings: dict | None = None) -> list[str]:
    """Returns what building a wheel needs beside setuptools."""
    return _tools() + build_meta.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings: dict | None = None) -> list[str]:
    """Returns what an editable install needs beside setuptools."""
    return _tools() + build_meta.get_requires_for_build_editable(config_settings)


def native_is_wanted() -> bool:
    """Returns whether the compiled kernels are to be built."""
    return os.environ.get("TFCUSTOMACT_NATIVE", "1") != "0"


def check_compiler() -> None:
    """Exits with one sentence if there is no C++17 compiler."""
    # CMake looks for these, in this order.
    candidates = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        problem = f"found none (looked for {', '.join(candidates)})"
    elif not _compiles(found):
        problem = f"{found} does not compile C++17"
    else:
        return
    sys.exit(
        f"tfcustomact needs a C++17 compiler, and {problem}: install one (Debian and Ubuntu: apt install g++), or set "
        "the environment variable TFCUSTOMACT_NATIVE=0 to install without the native backend."
    )


def _compiles(compiler: str) -> bool:
    source = "#include <optional>\nint main() { if constexpr (true) return *std::optional<int>(0); }\n"
    command = [compiler, "-std=c++17", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=source, text=True, capture_output=True).returncode == 0


def _tools() -> list[str]:
    if not native_is_wanted():
        return []
    # Said before TensorFlow is downloaded, and before setuptools has anything to say.
    check_compiler()
    return _TOOLS
