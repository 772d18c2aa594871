"""docs/api has every public name, documented as it is today; docs/sphinx/conf.py has the command that writes it."""

import inspect
import re
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType

import pytest

from tfcustomact import _libraries

PAGES = Path(__file__).resolve().parents[2] / "docs" / "api"
NAMES = ("tfcustomact", "layers", "numpy", "cuda", "testing")


def public(module: ModuleType) -> list[str]:
    here = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    names = getattr(module, "__all__", [name for name in here if not name.startswith("_")])
    return [name for name in names if name not in NAMES and callable(getattr(module, name))]


def words(text: str) -> str:
    # Without the markup.
    return " ".join(re.findall(r"[^\W_]+", re.sub("^```.*$", "", text, flags=re.MULTILINE)))


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("page", NAMES)
def test_a_page_has_every_name_of_its_module(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Documented also where the CUDA kernels were not built.
    monkeypatch.setattr(_libraries.kernels().cuda, "architectures", lambda: [0])
    spec = find_spec("tfcustomact" if page == "tfcustomact" else f"tfcustomact.{page}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    documented = words(text)
    names = public(module)
    assert names
    for name in names:
        assert f"{module.__name__}.{name}(" in text
        docstring = inspect.getdoc(getattr(module, name)) or ""
        assert docstring.count("\n")
        assert words(docstring.replace("Args:", "Parameters:")) in documented, name
