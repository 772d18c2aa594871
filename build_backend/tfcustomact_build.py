"""setuptools' build backend, which asks for the compiled kernels' build tools only where they are wanted."""

import importlib.util
import os
import shlex
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
    """Returns what building a wheel needs besides setuptools."""
    return _tools() + build_meta.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings: dict | None = None) -> list[str]:
    """Returns what an editable install needs besides setuptools."""
    return _tools() + build_meta.get_requires_for_build_editable(config_settings)


def native_is_wanted() -> bool:
    """Returns whether the compiled kernels are to be built."""
    return _wish("TFCUSTOMACT_NATIVE") is not False


def tensorflow_is_wanted() -> bool:
    """Returns whether the package is for use with TensorFlow."""
    return _wish("TFCUSTOMACT_TENSORFLOW") is not False


def cuda_is_wanted() -> bool | None:
    """Returns whether the CUDA kernels are to be built; None where that shall depend on whether they can be."""
    return _wish("TFCUSTOMACT_CUDA")


def cmake_arguments() -> list[str]:
    """Returns what the environment variable CMAKE_ARGS has for CMake, read as a shell would."""
    try:
        return shlex.split(os.environ.get("CMAKE_ARGS", ""))
    except ValueError as error:
        sys.exit(f"the environment variable CMAKE_ARGS is {os.environ['CMAKE_ARGS']!r}: {error}")


def checked_compiler() -> list[str]:
    """Returns the C++17 compiler and its arguments, or exits with one sentence if there is none."""
    # CMake looks for these, in this order.
    candidates = [os.environ["CXX"]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    found = next(filter(None, map(_command, candidates)), None)
    if found is None:
        problem = f"found none (looked for {', '.join(candidates)})"
    elif not _compiles(found, _IN_CXX17):
        problem = f"{shlex.join(found)} does not compile C++17"
    else:
        return found
    sys.exit(
        f"tfcustomact needs a C++17 compiler, and {problem}: install one (Debian and Ubuntu: apt install g++), or set "
        "the environment variable TFCUSTOMACT_NATIVE=0 to install without the native backend."
    )


def _wish(variable: str) -> bool | None:
    value = os.environ.get(variable, "")
    if value not in ("", "0", "1"):
        sys.exit(f"the environment variable {variable} is {value!r}: 0 and 1 are accepted, or nothing.")
    return value == "1" if value else None


def _command(named: str) -> list[str] | None:
    # As CMake reads CXX: a program, whose path may have spaces; else a program (a launcher, say) and its arguments.
    if shutil.which(named):
        return [named]
    try:
        words = shlex.split(named)
    except ValueError:
        return None
    return words if words and shutil.which(words[0]) else None


def _compiles(compiler: list[str], source: str) -> bool:
    command = [*compiler, "-std=c++17", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=source, text=True, capture_output=True).returncode == 0


def _tools() -> list[str]:
    # What is wrong is said before TensorFlow is downloaded, and before setuptools has anything to say.
    native, tensorflow, _ = native_is_wanted(), tensorflow_is_wanted(), cuda_is_wanted()
    if not native:
        return []
    cmake_arguments()
    compiler = checked_compiler()
    if tensorflow or not _highway_is_here(compiler):
        return [_TENSORFLOW, *_TOOLS]
    return _TOOLS


def _highway_is_here(compiler: list[str]) -> bool:
    # Where csrc/cpu/highway.cmake looks too; that file reports a folder that was named and is wrong.
    return bool(
        os.environ.get("TFCUSTOMACT_HIGHWAY")
        or importlib.util.find_spec("tensorflow")
        or _compiles(compiler, _IF_HIGHWAY_IS_NEW_ENOUGH)
    )
