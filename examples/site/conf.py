"""How the site is built: sphinx-build -W -E -j auto examples/site build/site.

Pages are written in MyST; their cells are executed when the site is built, and an error in one ends the build. Nothing
is fetched, neither while it is built nor while it is read: MathJax is a file of the site, and so is what is searched.
"""

import os
import sys
from pathlib import Path

from nodesim._version import version as release

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "nodesim"
author = "the nodesim developers"
project_copyright = author
version = release

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
extensions += ["command_line", "explorers", "gallery", "listings", "reference", "schemas", "shell", "streams"]
exclude_patterns = ["_extensions"]
templates_path = ["_templates"]
# In docstrings single backticks stand round names: those that have a page lead to it.
default_role = "py:obj"

# Cells run in folders of their own, in which "nodesim" is that of the Python that builds the site.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_merge_streams = True
# Nothing of a widget is asked for from elsewhere.
nb_ipywidgets_js = {}
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ["NODESIM_EXAMPLES"] = str(HERE.parent)

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3
# MathJax 3, as it stands in one file: 4 asks for fonts from the network.
mathjax_path = "mathjax/tex-svg.js"
myst_update_mathjax = False

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"nodesim {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["explorers.js"]
html_copy_source = False
html_show_sourcelink = False
# A summary is fetched from the page that was found, which a site on the disk may not do.
html_show_search_summary = False
