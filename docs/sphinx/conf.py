"""How Sphinx makes the pages of docs/api out of the docstrings.

In the project's folder, where the package is installed with ``pip install -e ".[docs]"``::

    python -m sphinx -E -q -b markdown -d build/doctrees docs/sphinx docs/api
"""

from typing import Any

from docutils import nodes
from sphinx.util.inspect import signature, stringify_signature

from tfcustomact import _libraries

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_markdown_builder"]
default_role = "code"
smartquotes = False
highlight_language = "python"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
markdown_anchor_signatures = True

# The functions of tfcustomact.cuda, which do not need a GPU to be documented, nor kernels for one.
_libraries.kernels().cuda.architectures = lambda: [0]


def setup(app: Any) -> None:
    """Completes the signatures."""
    app.connect("autodoc-process-signature", _of_init)
    # Sphinx calls the * of a signature an abbreviation, which is not known to what writes Markdown.
    app.add_node(nodes.abbreviation, override=True, markdown=(_as_it_is, _as_it_is))


def _of_init(app: Any, what: str, name: str, given: Any, options: Any, shown: str, annotation: Any) -> Any:
    # Of Keras' layers it is that of __new__.
    if what != "class" or shown != "(*args, **kwargs)":
        return None
    return stringify_signature(signature(given.__init__, bound_method=True), show_annotation=False), None


def _as_it_is(*_: Any) -> None:
    pass
