"""setuptools' build backend, which asks for the compiled kernels' build tools only where they are wanted."""

import importlib.util
import os
import shutil
import subprocess
import sys

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - a build backend is a module of functions

_TOOLS = ["pybind11>=2.13", "cmake>=3.24,<5", "ninja>=1.11"]
_TENSORFLOW = "tensorflow==2.21.*"

_IN_CXX17 = """
#include <optional>
int main() { if constexpr (true) return *std::optional<int>(0); }
"""
_IF_HIGHWAY_IS_NEW_ENOUGH = """
#include <hwy/base.h>
#if HWY_MAJOR * 100 + HWY_MINOR < 103
#error
#endif
"""


def get_requires_for_build_wheel(config_settings: dict | None = None) -> list[str]:
    """Returns what building a wheel needs beside setuptools."""
    return _tools() + build_meta.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings: dict | None = None) -> list[str]:
    """Returns what an editable install needs beside setuptools."""
    return _tools() + build_meta.get_requires_for_build_editable(config_settings)


def native_is_wanted() -> bool:
    """Returns whether the compiled kernels are to be built."""
    return os.environ.get("TFCUSTOMACT_NATIVE", "1") != "0"


def tensorflow_is_wanted() -> bool:
    """Returns whether the package is for use with TensorFlow."""
    return os.environ.get("TFCUSTOMACT_TENSORFLOW", "1") != "0"


def checked_compiler() -> str:
    """Returns the C++17 compiler, or exits with one sentence if there is none."""
    # CMake looks for these, in this order.
    candidates = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    found = next(filter(None, map(shutil.which, candidates)), None)
    if found is None:
        problem = f"found none (looked for {', '.join(candidates)})"
    elif not _compiles(
        found, "#include <optional>\nint main() { if constexpr (true) return *std::optional<int>(0); }\n"
    ):
        problem = f"{found} does not compile C++17"
    else:
        return found
    sys.exit(
        f"tfcustomact needs a C++17 compiler, and {problem}: install one (Debian and Ubuntu: apt install g++), or set "
        "the environment variable TFCUSTOMACT_NATIVE=0 to install without the native backend."
    )


def _compiles(compiler: str, source: str) -> bool:
    command = [compiler, "-std=c++17", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=source, text=True, capture_output=True).returncode == 0


def _tools() -> list[str]:
    if not native_is_wanted():
        return []
    # Said before TensorFlow is downloaded, and before setuptools has anything to say.
    compiler = checked_compiler()
    if tensorflow_is_wanted() or not _highway_is_here(compiler):
        return [_TENSORFLOW, *_TOOLS]
    return _TOOLS


def _highway_is_here(compiler: str) -> bool:
    # Where csrc/cpu/highway.cmake looks too; it is that which says if the folder named by hand is not right.
    return bool(
        os.environ.get("TFCUSTOMACT_HIGHWAY")
        or importlib.util.find_spec("tensorflow")
        or _compiles(compiler, _IF_HIGHWAY_IS_NEW_ENOUGH)
    )
