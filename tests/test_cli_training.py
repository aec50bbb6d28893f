"""``nodesim train`` has the options of fit: the file that it writes is the network that fit trains."""

import argparse
import contextlib
import json

import numpy as np
import pytest

import nodesim as ns
from nodesim import cli
from nodesim.cli.main import parser_of_all


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


def parsers():
    """Yield every command's name and parser."""
    whole = parser_of_all()
    (commands,) = [action for action in whole._actions if isinstance(action, argparse._SubParsersAction)]
    return commands.choices.items()


def given(action):
    """Return two values that an option takes, as they are typed."""
    if action.choices:
        return [str(choice) for choice in list(action.choices)[:2]]
    for values in (["1", "2"], ["0.25", "0.5"], ["a", "b"]):
        with contextlib.suppress(argparse.ArgumentTypeError, ValueError):
            assert [action.type(value) if action.type else value for value in values]
            return values
    raise AssertionError(action)


REPEATED = [
    (name, action.option_strings[-1])
    for name, parser in parsers()
    for action in parser._actions
    if action.option_strings and action.nargs != 0
]


@pytest.mark.parametrize(("name", "option"), REPEATED)
def test_of_two_values_neither_is_dropped(name, option, capsys):
    parser = dict(parsers())[name]
    (action,) = [each for each in parser._actions if option in each.option_strings]
    # The rest of the line is nobody's concern here.
    for each in parser._actions:
        each.required = False
        if not each.option_strings:
            each.nargs, each.default = "?", None
    first, second = given(action)
    taken = [action.type(value) if action.type else value for value in (first, second)]
    if collects(name, option):
        assert getattr(parser.parse_args([option, first, option, second]), action.dest) == taken
        return
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args([option, first, option, second])
    assert stopped.value.code == 2
    told = " and ".join(map(shown_as, taken))
    assert f"one value is taken, and two are given: {told}" in capsys.readouterr().err
    assert parser.parse_args([option, first, option, first]) is not None


def shown_as(value):
    if isinstance(value, list):
        return ",".join(map(shown_as, value))
    return repr(value) if isinstance(value, str) else str(value)


def collects(name, option):
    (action,) = [each for each in dict(parsers())[name]._actions if option in each.option_strings]
    return type(action).__name__ in ("_ExtendAction", "_AppendAction")


def test_options_that_are_collected():
    assert {option for name, option in REPEATED if collects(name, option)} == {
        "--target", "--ignore", "--classes", "--regularizer", "--sample", "--through", "--avoiding", "--plugins-dir",
        "--output-file", "--key",
    }  # fmt: skip


def test_a_value_that_is_the_default_counts_as_given(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "net.json", "iris", "--optimizer", "sgd", "--optimizer", "adam", "-o", "out.json"])
    assert "two are given: 'sgd' and 'adam'" in capsys.readouterr().err


def test_one_of_two_opposites(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "net.json", "iris", "--header", "--no-header", "-o", "out.json"])
    assert "--header and --no-header are both given" in capsys.readouterr().err


@pytest.fixture
def house(folder):
    """A network with the outputs price and risk, and a table with columns of these names."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(10, 2)).round(3)
    Y = np.column_stack([X.sum(axis=1).round(3), X[:, 0] > X[:, 1]])
    rows = [",".join(map(repr, map(float, row))) for row in np.hstack([X, Y])]
    (folder / "s.csv").write_text("\n".join(["a,b,price,risk", *rows]) + "\n")
    net = ns.Network.layered([2, 3, 2], inputs=["a", "b"], outputs=["price", "risk"], seed=0)
    net.save("net.json")
    net.fit(X, Y, epochs=5, learning_rate=0.1)
    return net


@pytest.mark.parametrize(
    "options",
    ["", "--target price --target risk", "--target price risk", "--target risk price", "--target 4 --target 3"],
)
def test_columns_named_like_outputs_are_theirs(house, output, options):
    line = f"train net.json s.csv {options} --epochs 5 --learning-rate 0.1 -o out.json"
    code, printed, errors = output(*line.split())
    assert (code, errors) == (0, "")
    assert "accuracy" not in printed
    assert (ns.load("out.json").weights == house.weights).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--target risk",
            "there is a column for risk, but none for price among the targets. Give them all: --target price risk",
        ),
        ("--ignore price", "there is a column for risk, but none for price"),
        ("--target price b", "there is a column for price, but none for risk"),
        ("--target price,risk", "columns are separated by spaces here: --target price risk"),
    ],
)
def test_other_columns_are_not_laid_over_outputs(house, output, options, message):
    code, _, errors = output(*f"train net.json s.csv {options} -o out.json".split())
    assert code != 0
    assert message in errors


@pytest.mark.parametrize("labels", ["0 1", "yes no"])
def test_classes_are_not_laid_over_outputs_that_are_named_otherwise(house, output, folder, labels):
    first, second = labels.split()
    (folder / "c.csv").write_text(f"a,b,kind\n1,2,{first}\n3,4,{second}\n5,7,{second}\n")
    code, _, errors = output(*["train", "net.json", "c.csv", "-o", "out.json"])
    assert code == 1
    assert "the network has the outputs price, risk, and column kind is no one of them" in errors
    code, printed, _ = output(*f"train net.json c.csv --classes {labels} --epochs 2 -o out.json".split())
    assert code == 0
    assert "accuracy" in printed


def test_classes_of_a_data_set_are_laid_over_the_outputs_of_their_names(folder, output):
    iris = ns.datasets.load("iris")
    order = [2, 0, 1]
    net = ns.Network.layered([4, 3, 3], inputs=iris.features, outputs=[iris.classes[k] for k in order], seed=0)
    net.save("net.json")
    assert output(*["train", "net.json", "iris", "--epochs", "5", "--learning-rate", "0.1", "-o", "out.json"])[0] == 0
    net.fit(iris.X, np.eye(3)[iris.y][:, order], epochs=5, learning_rate=0.1)
    assert (ns.load("out.json").weights == net.weights).all()


def test_numbers_of_a_sample_are_told_from_columns(house, output, capsys):
    with pytest.raises(SystemExit):
        cli.main(["paths", "net.json", "W1", "s.csv", "--target", "price,risk"])
    said = " ".join(capsys.readouterr().err.split())
    assert "as in: data.csv --sample 3, the columns named like the outputs are taken by themselves" in said
    assert output(*["paths", "net.json", "W1", "s.csv", "--sample", "3"])[0] == 0


PENALTIES = {"l1": 0.1, "l2": 0.2, "regularizer": ["elastic_net(l1=0.1)"], "clip": 0.05}
ASKED = ["--l1", "0.1", "--l2", "0.2", "--regularizer", "elastic_net(l1=0.1)", "--clip", "0.05"]


def test_commands_take_the_penalties_of_backward(house, output):
    net = ns.load("net.json")
    sample = ["--input", "1,2", "--target", "1,0"]
    net.forward([1, 2])
    error = net.backward([1, 0], **PENALTIES)
    paths = net.paths("W1")
    found = json.loads(output("paths", "net.json", "W1", *sample, *ASKED, "--json")[1])
    assert (found["gradient"], found["count"]) == (paths.gradient, str(paths.count))
    assert [each.get("penalty") for each in found["top"]] == [path.penalty for path in paths.top(10)]
    assert "W1 -> l2" in output("paths", "net.json", "W1", *sample, *ASKED)[1]
    assert json.loads(output("trace", "net.json", "W1", *sample, *ASKED, "--json")[1])["error"] == error
    cut = json.loads(output("cut", "net.json", "W1", *sample, *ASKED, "--json")[1])
    assert (cut["error"], cut["cut"]["value"]) == (error, paths.cut().value)
    code, printed, _ = output("check", "net.json", "s.csv", *ASKED)
    assert code == 0
    assert printed.startswith(
        "derivatives of e with the penalties elastic_net(l1=0.1, l2=0.01), l1(strength=0.1), l2(strength=0.2)"
    )
    code, _, errors = output("paths", "net.json", "W1", "--input", "1,2", "--to", "price", "--l2", "0.1")
    assert code == 2
    assert "--l2 changes e" in errors
