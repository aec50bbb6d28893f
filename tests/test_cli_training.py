"""``nodesim train`` has the options of fit: the file that it writes is the network that fit trains."""

import numpy as np
import pytest

import nodesim as ns
from nodesim import cli


@pytest.fixture
def samples(folder, output):
    """A table with a column of weights, beside a network for it."""
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(40, 2)), rng.integers(0, 4, 40)
    kinds = np.where(X[:, 0] * X[:, 1] > 0, "yes", "no")
    rows = [f"{a!r},{b!r},{w},{kind}" for (a, b), w, kind in zip(X.tolist(), weights.tolist(), kinds.tolist())]
    (folder / "data.csv").write_text("\n".join(["a,b,w,kind", *rows]) + "\n")
    network = "new 2-4-1 --output sigmoid --loss binary_cross_entropy --seed 1 -o net.json"
    assert output(*network.split())[0] == 0
    return X, (kinds == "yes").astype(float), weights.astype(float)


OPTIONS = {
    "--sample-weight w": lambda w: {"sample_weight": w},
    "--sample-weight w --class-weight yes=2,no=0.5": lambda w: {"sample_weight": w, "class_weight": {1: 2.0, 0: 0.5}},
    "--ignore w --class-weight balanced --l1 0.01 --l2 0.1 --clip 0.5": lambda w: {
        "class_weight": "balanced", "l1": 0.01, "l2": 0.1, "clip": 0.5,
    },
    "--ignore w --dropout 0.2 --validation-split 0.25": lambda w: {"dropout": 0.2, "validation_split": 0.25},
    "--ignore w --regularizer elastic_net(l1=0.1) l2": lambda w: {"regularizer": ["elastic_net(l1=0.1)", "l2"]},
    "--ignore w --jobs 1": lambda w: {"n_jobs": 1},
}  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("rate", ["0.1", "cosine(rate=0.5,epochs=20)"])
def test_it_trains_as_fit_does(samples, output, options, rate):
    X, y, weights = samples
    net = ns.load("net.json")
    given = [
        "train",
        "net.json",
        "data.csv",
        "--target",
        "kind",
        "--epochs",
        "5",
        "--batch-size",
        "7",
        "-o",
        "out.json",
        "--learning-rate",
    ]
    code, _, errors = output(*given, rate, *options.split())
    assert (code, errors) == (0, "")
    rate = 0.1 if rate == "0.1" else rate
    net.fit(X, y, epochs=5, batch_size=7, learning_rate=rate, **OPTIONS[options](weights))
    assert (ns.load("out.json").weights == net.weights).all()


def test_it_goes_on_where_it_stopped(samples, output):
    train = [
        "train",
        "net.json",
        "data.csv",
        "--target",
        "kind",
        "--ignore",
        "w",
        "--optimizer",
        "adam",
        "--batch-size",
        "7",
    ]
    assert output(*train, "--epochs", "6", "-o", "whole.json")[0] == 0
    assert output(*train, "--epochs", "4", "-o", "part.json")[0] == 0
    train[1] = "part.json"
    assert output(*train, "--epochs", "2", "--resume", "-o", "part.json")[0] == 0
    assert (ns.load("part.json").weights == ns.load("whole.json").weights).all()
    train[train.index("adam")] = "sgd"
    code, _, errors = output(*train, "--resume", "-o", "part.json")
    assert code == 1
    assert "resume" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ("--sample-weight v", 1, "no column named"),
        ("--sample-weight kind", 2, "both a --target and to --ignore"),
        ("--ignore w --class-weight maybe=2", 2, "no class maybe"),
        ("--ignore w --class-weight yes=2,no=1,yes=3", 2, "two weights for yes"),
        ("--ignore w --class-weight yes", 2, "setosa=2.5"),
        ("--ignore w --learning-rate warm", 2, "no schedule named"),
        ("--ignore w --learning-rate -1", 2, "learning-rate"),
        ("--ignore w --regularizer l3", 2, "no regularizer named"),
        ("--ignore w --dropout 1", 1, "dropout must be"),
        ("--ignore w --clip 0", 1, "clip must be"),
        ("--ignore w --validation-split 2", 2, "above 0 and below 1"),
    ],
)
def test_what_is_refused_writes_nothing(samples, capsys, folder, options, code, message):
    given = ["train", "net.json", "data.csv", "--target", "kind", "-o", "out.json"]
    try:
        found = cli.main([*given, *options.split()])
    except SystemExit as error:
        found = error.code
    assert found == code
    assert message in capsys.readouterr().err
    assert not (folder / "out.json").exists()
