"""Networks of other programs, as networks of nodesim: `from_sklearn`, `from_torch`, `from_onnx` and their kin."""

from __future__ import annotations

from typing import Any

from nodesim.network import Network


def from_sklearn(estimator: Any) -> Network:
    """Make a network of a fitted multilayer perceptron of scikit-learn.

    Parameters
    ----------
    estimator : sklearn.neural_network.MLPClassifier or MLPRegressor, or path
        Fitted; or an estimator of `nodesim.sklearn`; or a pipeline of scalers that ends with one of these; or a file of
        skops that holds a perceptron, or such a pipeline.

    Returns
    -------
    Network
        In double precision, with the very numbers of the estimator. It is named and numbered as `Network.layered`
        does, its inputs like the columns of the data frame that the estimator was fitted with. A classifier's classes
        are its `Network.classes`, and its loss is softmax_cross_entropy on linear outputs, or binary_cross_entropy on
        one sigmoid, for two classes, or on several, for multilabel targets; a regressor's is half_squared_error. Of an
        estimator of `nodesim.sklearn`, it is a copy of its network.

    Raises
    ------
    MissingExtraError
        Without scikit-learn, or for a file without skops.
    ExchangeError
        For an estimator that is not fitted, or is none of these; for a regressor of loss="poisson".
    FileError
        For a file that is damaged, or holds anything else, or is a pickle, which may run anything: load it yourself.

    See Also
    --------
    Network.to_sklearn : The other way.
    nodesim.checks.check_exchange : Prove that both say the same.

    Notes
    -----
    StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler of a pipeline become linear nodes, one for each column,
    whose connections updates do not change. The estimator's alpha is no part of the network: scikit-learn adds
    alpha / 2 times the squares of ``coefs_``, divided by the number of samples, to e.

    Examples
    --------
    >>> import nodesim as ns
    >>> from sklearn.neural_network import MLPClassifier
    >>> iris = ns.datasets.load("iris")
    >>> estimator = MLPClassifier([5], solver="lbfgs", max_iter=50, tol=1.0, random_state=0).fit(iris.X, iris.y)
    >>> net = ns.from_sklearn(estimator)
    >>> net
    <Network 4-5-3: 14 nodes, 43 connections, loss softmax_cross_entropy>
    >>> bool((net.classify(iris.X) == estimator.predict(iris.X)).all())
    True
    """
    from nodesim.exchange import scikit_learn

    return scikit_learn.read(estimator).network(Network)


def from_torch(module: Any, *, loss: object = None) -> Network:
    """Make a network of a module of torch.

    Parameters
    ----------
    module : torch.nn.Module or path
        Made of Linear, activations, BatchNorm1d in evaluation, Dropout, Flatten, a final Softmax, sums,
        concatenations and slices of these, nested or in a forward() of your own; or what `Network.to_torch` returns;
        or the file that `nodesim convert` wrote of that.
    loss : str or Loss, optional
        By default softmax_cross_entropy behind a final Softmax or LogSoftmax, which the loss then does itself,
        binary_cross_entropy behind a final Sigmoid, else mse.

    Returns
    -------
    Network
        Of float64, whatever the module's precision. Weights have the very numbers of the module, but where a BatchNorm
        is folded into them.

    Raises
    ------
    MissingExtraError
        Without torch.
    ExchangeError
        Naming what a network cannot be made of: an inner softmax, a recurrent layer, a parametrization or a hook, a
        step in place that changes what another one takes, one number in two places by different factors.
    FileError
        For a file that is damaged, or would have to be unpickled: nothing ever is.

    See Also
    --------
    Network.to_torch : The other way.
    nodesim.checks.check_exchange : Prove that both say the same, gradients included.

    Notes
    -----
    A forward() of your own is traced by `torch.fx`. Parameters without ``requires_grad`` are frozen. So is what a
    module does not train: the 1 of a connection that passes a value on, the shift of a BatchNorm, a factor; the slope
    of a PReLU becomes a parameter of leaky_relu. Dropout is left out, as in evaluation.

    A parameter, or a module, that is used in several places makes tied weights (`Network.ties`): in an autoencoder with
    W and its transpose, or where forward() calls one Linear at each step in time.

    Examples
    --------
    >>> import nodesim as ns
    >>> import torch
    >>> module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2), torch.nn.Softmax(1))
    >>> ns.from_torch(module)
    <Network 3-4-2: 11 nodes, 26 connections, loss softmax_cross_entropy>
    """
    from nodesim.exchange.torch import reading

    return reading.read(module, loss).network(Network)


def from_onnx(file: Any, *, loss: object = None) -> Network:
    """Make a network of an ONNX file.

    Parameters
    ----------
    file : path, bytes or onnx.ModelProto
        With one input of shape (samples, inputs), or of more axes, which it lays out row by row: as skl2onnx,
        torch.onnx, tf2onnx and `Network.to_onnx` write them.
    loss : str or Loss, optional
        By default softmax_cross_entropy behind a final Softmax, which the loss then does itself,
        binary_cross_entropy behind a final Sigmoid, else mse.

    Returns
    -------
    Network
        Of float64: what is single precision in the file is widened, so no weight is rounded. What the file calls the
        classes it labels, is its `Network.classes`. Of a file that `Network.to_onnx` wrote, the same network, in its
        own precision, with the numbers that the file has now.

    Raises
    ------
    MissingExtraError
        Without onnx.
    FileError
        For a file that is damaged.
    ExchangeError
        Naming what a network cannot be made of.

    See Also
    --------
    Network.to_onnx : The other way.
    nodesim.checks.check_exchange : Prove that both say the same.

    Notes
    -----
    Numbers in a file beside it, as torch writes large ones, are read from the file's own folder only.

    An array that several operators take makes tied weights. Exporters also keep arrays once that happen to be equal,
    such as biases that are all 0; `Network.untie` gives each use a weight of its own again.

    Matrices and what is added are weights; factors, what is subtracted, and slopes stay as they are in training, as the
    means and scales of a scaler should. A BatchNormalization is folded into them, with the statistics that it has.

    What `Network.to_onnx` wrote is described in the file's metadata. They count only if the network that they describe,
    written again with the file's numbers, is the very graph of the file; otherwise the graph alone is read.

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.onnx"
    >>> net = ns.Network.layered([2, 3, 1], seed=0)
    >>> net.to_onnx(file)
    >>> twin = ns.from_onnx(file)
    >>> bool((twin.weights == net.weights).all())
    True
    """
    from nodesim.exchange.onnx import reading

    return reading.read(file, loss).network(Network)


def from_neat(genome: Any, config: Any = None, *, loss: object = None) -> Network:
    """Make a network of a genome that neat-python has evolved.

    Parameters
    ----------
    genome : neat.DefaultGenome or path
        Of a feed-forward network; or a file that neat-python's `neat.export.export_network_json` wrote of one, which
        is read without neat-python.
    config : neat.Config, optional
        What the genome was evolved with; a file needs none.
    loss : str or Loss, optional
        By default mse.

    Returns
    -------
    Network
        Its nodes are called by their keys: I1 is the input -1, H5 the hidden node 5, O1 the output 0. What is not
        enabled, or does not lead to an output, is left out, as neat-python itself does. Connections stand in the order
        of the genome, and then those of the biases.

    Raises
    ------
    ExchangeError
        For a function of one's own, unless an activation, or an aggregation, is registered under its name that gives
        the same values, or a recurrent genome.
    FileError
        For a file that is damaged.

    See Also
    --------
    nodesim.evolve : Evolve networks here.
    nodesim.checks.check_exchange : Prove that both say the same.
    Network.fit : Train on by backpropagation what evolution has found.

    Notes
    -----
    neat-python's functions are not those of the textbooks: its sigmoid is 1 / (1 + exp(-5z)), its tanh tanh(2.5z).
    They are registered as neat_sigmoid, neat_tanh and so on, so that weights keep their numbers. A response other than
    1 is multiplied into the weights before it. Of the aggregations, product, max, min and mean are nodesim's own, the
    others are neat_maxabs and neat_median. neat-python joins first, then multiplies by the response and adds the bias:
    where these are not 1 and 0, what such a node joins is a node of its own before it.

    References
    ----------
    Stanley, K. O., and R. Miikkulainen, "Evolving Neural Networks through Augmenting Topologies", Evolutionary
    Computation 10 (2002).

    Examples
    --------
    What evolution found is read with its config: ``ns.from_neat(population.run(judge, 300), config)``. A file, as
    ``neat.export.export_network_json`` writes it, says all by itself:

    >>> import json, pathlib, tempfile
    >>> import nodesim as ns
    >>> named = {"activation": {"name": "sigmoid", "custom": False}, "aggregation": {"name": "sum", "custom": False}}
    >>> keys = {-1: "input", -2: "input", 5: "hidden", 0: "output"}
    >>> links = [{"from": a, "to": b, "weight": 0.5, "enabled": True} for a, b in ((-1, 5), (-2, 5), (5, 0), (-1, 0))]
    >>> content = {
    ...     "format_version": "1.0", "network_type": "feedforward", "connections": links,
    ...     "topology": {"num_inputs": 2, "num_outputs": 1, "input_keys": [-1, -2], "output_keys": [0]},
    ...     "nodes": [{"id": key, "type": kind, "bias": 0.1, "response": 1.0} | named for key, kind in keys.items()],
    ... }
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "winner.json"
    >>> _ = file.write_text(json.dumps(content))
    >>> net = ns.from_neat(file)
    >>> net
    <Network 2-1-1: 5 nodes, 6 connections, loss mse>
    >>> net["H5"]
    <Node H5 (hidden, neat_sigmoid)>
    """
    from nodesim.exchange.neat import reading

    return reading.read(genome, config, loss).network(Network)


def from_fann(file: Any, *, loss: object = None, scale: bool | None = None) -> Network:
    """Make a network of a file of FANN, the Fast Artificial Neural Network library.

    Parameters
    ----------
    file : path
        What `fann_save` wrote: text that begins with FANN_FLO_2.0 or FANN_FLO_2.1.
    loss : str or Loss, optional
        By default mse.
    scale : bool, optional
        For a file with the parameters of `fann_set_scaling_params`: whether the network scales its inputs and outputs
        by them, or leaves them out as `fann_run` does. Such a file is refused where you do not say.

    Returns
    -------
    Network
        Layered, sparse or with shortcuts, as it is: W5 is the fifth connection of the file. Each weight is multiplied
        by the steepness of the neuron that it leads to, and by 2 if that is a sigmoid. Neurons without connections,
        which for FANN are bias neurons, are bias nodes, where anything takes them; those that lead nowhere are kept.

    Raises
    ------
    FileError
        For a file that is damaged.
    ExchangeError
        Naming what a network cannot be made of: weights rounded to a fixed point, FANN_GAUSSIAN_STEPWISE (which FANN
        does not calculate), a steepness of 0 or less, two connections between the same neurons.

    See Also
    --------
    nodesim.checks.check_exchange : Prove that both say the same.

    Notes
    -----
    FANN keeps each weighted sum, times the steepness, between ±150 / steepness, which a network does not. Settings of
    FANN's own training stand in the file, too; they are no part of the network, and are not read. Activations that
    nodesim has no other name for are called fann_sigmoid_stepwise and so on.

    References
    ----------
    Nissen, S., "Implementation of a Fast Artificial Neural Network Library (fann)", University of Copenhagen (2003).

    Examples
    --------
    >>> import nodesim as ns, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "net.net"
    >>> written = file.write_text('''FANN_FLO_2.1
    ... num_layers=2
    ... connection_rate=1
    ... network_type=0
    ... layer_sizes=2 2
    ... scale_included=0
    ... neurons (num_inputs, activation_function, activation_steepness)=(0, 0, 0) (0, 0, 0) (2, 3, 1) (0, 0, 0)
    ... connections (connected_to_neuron, weight)=(0, 1.5) (1, -0.5)
    ... ''')
    >>> net = ns.from_fann(file)
    >>> net, net["O1"].activation, net.weights
    (<Network 1-1: 3 nodes, 2 connections, loss mse>, <activation sigmoid>, array([ 3., -1.]))
    """
    from nodesim.exchange.fann import reading

    return reading.read(file, loss, scale).network(Network)
