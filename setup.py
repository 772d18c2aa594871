"""Builds the compiled kernels with CMake, unless TFCUSTOMACT_NATIVE=0 asks for the package without them."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
KERNELS, TENSORFLOW_OPS = "tfcustomact._kernels", "tfcustomact._tensorflow_ops"
NATIVE = os.environ.get("TFCUSTOMACT_NATIVE", "1") != "0"


class BuildWithCMake(build_ext):
    """Runs CMake once, which builds all the extensions and puts them beside the Python modules."""

    def build_extensions(self) -> None:
        check_compiler()
        target = Path(self.get_ext_fullpath(KERNELS)).parent.resolve()
        folder = Path(os.environ.get("TFCUSTOMACT_BUILD_DIR") or self.build_temp).resolve()
        pybind11 = importlib.util.find_spec("pybind11").submodule_search_locations[0]
        subprocess.run(
            [
                "cmake",
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
                f"-DTFCUSTOMACT_TENSORFLOW_VERSION={importlib.metadata.version('tensorflow')}",
                *os.environ.get("CMAKE_ARGS", "").split(),
            ],
            check=True,
        )
        subprocess.run(["cmake", "--build", folder, "--target", "install"], check=True)

    def get_ext_filename(self, fullname: str) -> str:
        # The TensorFlow ops are no Python module, and serve every version of Python.
        if fullname == TENSORFLOW_OPS:
            return f"{fullname.replace('.', os.sep)}.so"
        return super().get_ext_filename(fullname)


def check_compiler() -> None:
    """Exits with one sentence if there is no C++ compiler."""
    candidates = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else ["c++", "g++", "clang++"]
    if not any(shutil.which(candidate) for candidate in candidates):
        sys.exit(
            f"tfcustomact needs a C++17 compiler, and found none (looked for {', '.join(candidates)}): install one "
            "(Debian and Ubuntu: apt install g++), or set the environment variable TFCUSTOMACT_NATIVE=0 to install "
            "without the native backend."
        )


def requirements() -> list[str]:
    """Returns what the package needs at run time: with compiled ops, the TensorFlow they were built for."""
    tensorflow = "tensorflow>=2.21"
    if NATIVE and importlib.util.find_spec("tensorflow"):
        major, minor = importlib.metadata.version("tensorflow").split(".")[:2]
        tensorflow = f"tensorflow=={major}.{minor}.*"
    return [tensorflow, "keras>=3", "numpy>=1.26", "ml_dtypes>=0.4", "mpmath>=1.3", "rich>=13"]


setup(
    install_requires=requirements(),
    ext_modules=[Extension(name, sources=[]) for name in (KERNELS, TENSORFLOW_OPS)] if NATIVE else [],
    cmdclass={"build_ext": BuildWithCMake},
)
