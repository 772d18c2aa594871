"""Builds the compiled kernels with CMake.

TFCUSTOMACT_NATIVE=0 asks for the package without them, TFCUSTOMACT_TENSORFLOW=0 for a package without TensorFlow.
TFCUSTOMACT_CUDA=0 leaves out the CUDA kernels; with 1 it is an error that they cannot be built.
"""

import importlib.metadata
import importlib.util
import os
import runpy
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "build_backend"))

from tfcustomact_build import (  # noqa: E402 - the folder is known only now
    checked_compiler,
    cmake_arguments,
    cuda_is_wanted,
    native_is_wanted,
    tensorflow_is_wanted,
)

OWN_VERSION: str = runpy.run_path(str(ROOT / "tfcustomact" / "_version.py"))["__version__"]
PYTHON_MODULE, TENSORFLOW_OPS, KERNELS = "tfcustomact._kernels", "tfcustomact._tensorflow_ops", "tfcustomact._library"
# No Python modules: they serve every version of Python.
LIBRARIES = {
    TENSORFLOW_OPS: "tfcustomact/_tensorflow_ops.so",
    KERNELS: f"tfcustomact/libtfcustomact-{OWN_VERSION}.so",
}
CUDA = {None: "AUTO", False: "OFF", True: "ON"}


class BuildWithCMake(build_ext):
    """Runs CMake once, which builds all the extensions and puts them beside the Python modules."""

    def build_extensions(self) -> None:
        """Builds the extensions, or exits with one sentence if there is no compiler."""
        checked_compiler()
        target = Path(self.get_ext_fullpath(PYTHON_MODULE)).parent.resolve()
        kept = os.environ.get("TFCUSTOMACT_BUILD_DIR")
        folder = Path(kept or self.build_temp).resolve()
        pybind11 = importlib.util.find_spec("pybind11").submodule_search_locations[0]
        configure = [
            "cmake",
            # What an earlier build found may have been in an isolated environment that is gone.
            *([] if kept else ["--fresh"]),
            "-G",
            "Ninja",
            "-S",
            ROOT,
            "-B",
            folder,
            "-DCMAKE_BUILD_TYPE=Release",
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-Dpybind11_DIR={pybind11}/share/cmake/pybind11",
            f"-DCMAKE_INSTALL_PREFIX={target}",
            f"-DTFCUSTOMACT_VERSION={self.distribution.get_version()}",
            *_tensorflow_options(),
            f"-DTFCUSTOMACT_CUDA={CUDA[cuda_is_wanted()]}",
            *cmake_arguments(),
        ]
        for command in (configure, ["cmake", "--build", folder, "--target", "install"]):
            subprocess.run(command, check=True, env=_environment())

    def get_ext_filename(self, fullname: str) -> str:
        """Returns an extension's path below the build folder."""
        return LIBRARIES.get(fullname) or super().get_ext_filename(fullname)


def requirements() -> list[str]:
    """Returns what the package needs at run time: with compiled ops, the TensorFlow they were built for."""
    always = ["numpy>=1.26", "ml_dtypes>=0.4", "mpmath>=1.3", "rich>=13"]
    if not tensorflow_is_wanted():
        return always
    built_for = tensorflow_built_for()
    return [f"tensorflow=={built_for}.*" if built_for else "tensorflow>=2.21", "keras>=3", *always]


def tensorflow_built_for() -> str | None:
    """Returns the minor version of TensorFlow that the compiled ops are built for; None where there are none."""
    if not (native_is_wanted() and tensorflow_is_wanted() and importlib.util.find_spec("tensorflow")):
        return None
    return ".".join(importlib.metadata.version("tensorflow").split(".")[:2])


def version() -> str:
    """Returns the version, of what is compiled with the TensorFlow it is for: so wheels differ by name."""
    built_for = tensorflow_built_for()
    # The sources are the same for all.
    return f"{OWN_VERSION}+tf{built_for}" if built_for and "sdist" not in sys.argv else OWN_VERSION


def extensions() -> list[Extension]:
    """Returns what is compiled."""
    if not native_is_wanted():
        return []
    names = (PYTHON_MODULE, KERNELS, *((TENSORFLOW_OPS,) if tensorflow_is_wanted() else ()))
    return [Extension(name, sources=[]) for name in names]


def _tensorflow_options() -> list[str]:
    if not tensorflow_is_wanted():
        return ["-DTFCUSTOMACT_TENSORFLOW=OFF"]
    version = importlib.metadata.version("tensorflow")
    return ["-DTFCUSTOMACT_TENSORFLOW=ON", f"-DTFCUSTOMACT_TENSORFLOW_VERSION={version}"]


def _environment() -> dict[str, str]:
    # cmake and ninja may be installed beside a Python whose environment is not activated.
    return {**os.environ, "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])}


setup(
    version=version(),
    install_requires=requirements(),
    ext_modules=extensions(),
    cmdclass={"build_ext": BuildWithCMake},
)
