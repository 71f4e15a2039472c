"""Sphinx configuration; nothing is fetched."""

from realpolitik._version import __version__

project = "realpolitik"
author = "The realpolitik developers"
copyright = "2026, the realpolitik developers"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "description"
html_theme = "furo"
html_title = "realpolitik"
html_static_path = ["_static"]
html_css_files = ["figures.css"]
exclude_patterns = ["_build"]
suppress_warnings = ["myst.xref_missing"]
