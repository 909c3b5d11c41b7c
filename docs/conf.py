"""How Sphinx makes the documentation: `nox -s docs` builds it, with its references checked."""

from __future__ import annotations

import leafwise

project = "leafwise"
author = "The leafwise authors"
project_copyright = author
release = leafwise.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "matplotlib.sphinxext.plot_directive",
]
exclude_patterns = ["_build"]
nitpicky = True  # a reference to what does not exist is a warning, and warnings are errors
# The docstrings name things in single backticks. What is documented becomes a link, the rest stays
# as it is.
default_role = "py:obj"
# What is not documented: the objects of other libraries, parameters, code in single backticks, and
# types for the type checkers alone.
nitpick_ignore_regex = [
    ("py:.*", r"(?!leafwise\.[A-Za-z]).*"),
    ("py:.*", r".*\(.*"),
    ("py:.*", r"leafwise\.tree_types\..*"),
]

# `leafwise.integrations` is documented without installing what it integrates with.
autodoc_mock_imports = ["jax", "torch", "optree"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False

plot_formats = [("svg", 100), ("png", 200)]
plot_html_show_formats = False
plot_html_show_source_link = False

html_theme = "furo"
html_title = f"leafwise {release.partition('+')[0]}"  # without the commit
html_static_path = ["static"]
html_css_files = ["narrow.css"]
