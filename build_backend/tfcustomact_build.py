"""setuptools' build backend, which asks for the compiled kernels' build tools only where they are wanted."""

import os

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - a build backend is a module of functions

_TOOLS = ["tensorflow==2.21.*", "pybind11>=2.13", "cmake>=3.24,<5", "ninja>=1.11"]


def get_requires_for_build_wheel(config_settings: dict | None = None) -> list[str]:
    """Returns what building a wheel needs beside setuptools."""
    return build_meta.get_requires_for_build_wheel(config_settings) + _tools()


def get_requires_for_build_editable(config_settings: dict | None = None) -> list[str]:
    """Returns what an editable install needs beside setuptools."""
    return build_meta.get_requires_for_build_editable(config_settings) + _tools()


def _tools() -> list[str]:
    return [] if os.environ.get("TFCUSTOMACT_NATIVE") == "0" else _TOOLS
