"""Networks as estimators of scikit-learn: in pipelines, grid searches and cross-validation, and open to be looked into.

Whoever imports this asks for scikit-learn, so the extra is looked for here and now, and the modules below import it as
their own.

Examples
--------
>>> from nodesim.sklearn import NodesimClassifier
>>> import nodesim as ns
>>> iris = ns.datasets.load("iris")
>>> est = NodesimClassifier(hidden=(5,), epochs=100, random_state=0).fit(iris.X, iris.y)
>>> est.score(iris.X, iris.y) > 0.95
True
"""

from nodesim.errors import MissingExtraError

try:
    # New in 1.6: where scikit-learn is older, the extra brings one that will do.
    from sklearn.utils.validation import validate_data as _validate_data  # noqa: F401
except ImportError as error:
    raise MissingExtraError("nodesim.sklearn needs the extra 'sklearn': pip install 'nodesim[sklearn]'.") from error

from nodesim.sklearn.classifier import NodesimClassifier
from nodesim.sklearn.regressor import NodesimRegressor

__all__ = ["NodesimClassifier", "NodesimRegressor"]
