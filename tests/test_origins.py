"""Names mean one function each: those of files are compared with where they come from, new ones with all there are."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import nodesim as ns
from nodesim.formats import json_files
from nodesim.plugins import lookup, origins
from nodesim.plugins.brought import HOOKS
from nodesim.plugins.spelling import can_be_written, with_parameters

pytestmark = pytest.mark.usefixtures("session")

FILES = "import nodesim as ns\n@ns.hookimpl\ndef nodesim_activations():\n    return [{}]\n"
TWICE = 'ns.Activation("mine", lambda z: 2 * z, lambda z, a: 2 + 0 * z)'


def twice(name="mine"):
    return ns.Activation(name, lambda z: 2 * z, lambda z, a: 2 + 0 * z)


def written(net):
    return json_files.dumps(net.simulator)


def opened(text):
    return json_files.loads(text, ns.Network)


def described(**said):
    """Return the text of a file whose hidden nodes have the activation that is said."""
    document = json.loads(written(ns.Network.layered([1, 2, 1], hidden="gelu", seed=0)))
    places = document["activations"]
    places[places.index("gelu")] = said
    return json.dumps(document)


def loaded(**said):
    return opened(described(**said))["H1"].activation


def brought(origin):
    """Register "mine" as if it came from there."""
    lookup.default.register(twice(), origin)


@pytest.mark.parametrize("name", ["TANH", "tanh", "tan_h", "tansig"])
@pytest.mark.parametrize("origin", ["nodesim-taken 0.1", "this session", "mine.py", "module:attribute"])
def test_a_built_in_function_is_not_taken_for_that_of_a_plugin(name, origin):
    with pytest.raises(ns.NodesimError, match="'tanh' that is meant") as caught:
        loaded(name=name, **{"from": origin})
    assert "nodesim's own" in str(caught.value)


def test_every_built_in_function_is_told_apart_from_another_of_its_name():
    for kind in HOOKS.values():
        for function in lookup.default.all(kind):
            with pytest.raises(ns.UnknownNameError, match="came from 'other'"):
                lookup.default.find(kind, {"name": function.name, "from": "other"})
            assert lookup.default.find(kind, {"name": function.name, "from": "nodesim 0.0.1"}) == function


SAME = [("nodesim-mine 0.1", "nodesim-mine 0.1"), ("nodesim-mine 2.0", "nodesim_Mine 0.1.dev3"), ("mine.py", "mine.py")]
SAME += [("this session", "this session")]
WARNED = [("mine.py", "nodesim-mine 0.1"), ("this session", "nodesim-mine 0.1"), ("this session", "mine.py")]
WARNED += [("mine.py", "this session"), ("nodesim-mine 0.1", "mine.py"), ("nodesim-mine 0.1", "this session")]


@pytest.mark.parametrize(("here", "said"), SAME)
def test_the_same_plugin_of_any_version_is_taken_silently(here, said):
    brought(here)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loaded(name="mine", **{"from": said}).origin == here


@pytest.mark.parametrize(("here", "said"), WARNED)
def test_what_was_brought_by_hand_is_taken_with_a_warning(here, said):
    brought(here)
    with pytest.warns(ns.PluginWarning, match="may calculate something else") as caught:
        assert loaded(name="mine", **{"from": said}).origin == here
    assert here in str(caught[0].message)


def test_another_installed_package_is_refused():
    brought("nodesim-other 0.1")
    with pytest.raises(ns.NodesimError, match="came from 'nodesim-mine 0.1'.*is that of 'nodesim-other 0.1'"):
        loaded(name="mine", **{"from": "nodesim-mine 0.1"})


def test_other_kinds_are_compared_too(tmp_path):
    ns.register(ns.Optimizer("mine", lambda w, g, s, r: (w - r * g, s)))
    with pytest.warns(ns.PluginWarning, match=r"the optimizer 'mine' that is meant came from 'else\.py'"):
        lookup.default.find(ns.Optimizer, {"name": "mine", "from": "else.py"})


def test_a_file_of_plugins_may_become_another_only_aloud(tmp_path):
    (tmp_path / "first.py").write_text(FILES.format(TWICE))
    ns.load_plugins(tmp_path)
    text = written(ns.Network.layered([1, 1, 1], hidden="mine", seed=0))
    ns.unregister("mine")
    (tmp_path / "first.py").unlink()
    (tmp_path / "second.py").write_text(FILES.format(TWICE.replace("2", "3")))
    ns.load_plugins(tmp_path)
    with pytest.warns(ns.PluginWarning, match=r"came from 'first\.py'.*is from second\.py"):
        opened(text)


def kept_forms(kind):
    if kind == "loss":
        return ns.Loss("bend", formula="k * mean((y - a) ** 4)", parameters={"k": 2.0})
    return ns.Activation("bend", formula="asinh(k * z)", parameters={"k": 2.0})


@pytest.mark.parametrize("kind", ["activation", "loss"])
def test_a_registered_formula_travels_within_the_file(kind):
    function = kept_forms(kind)
    ns.register(function)
    net = ns.Network.layered([1, 2, 1], **{"hidden" if kind == "activation" else "loss": "bend(k=3)"}, seed=0)
    text = written(net)
    x, y = [0.7], [0.2]
    e = (net.forward(x), net.backward(y))[1]
    ns.unregister("bend")
    again = opened(text)
    again.forward(x)
    assert again.backward(y) == e
    ns.register(function)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert written(opened(text)) == text


@pytest.mark.parametrize(
    "other", [{"formula": "2 * z"}, {"formula": "asinh(z)"}, {"function": np.sinh, "derivative": "numerical"}]
)
def test_the_formula_of_a_file_is_used_and_another_function_of_its_name_is_told_of(other):
    bend = ns.Activation("bend", formula="asinh(k * z)", parameters={"k": 2.0})
    text = written(ns.Network.layered([1, 2, 1], hidden=bend, seed=0))
    ns.register(ns.Activation("bend", **other))
    with pytest.warns(ns.PluginWarning, match=r"'asinh\(k \* z\)', which is used"):
        assert opened(text)["H1"].activation == bend


def test_a_built_in_function_is_its_name_alone():
    for function in lookup.default.all(ns.Activation):
        assert "formula" not in lookup.specification(function.with_parameters(**function.parameters))


def spellings(name):
    yield from {name.upper(), name.title(), f"{name}_", name.replace("_", "-"), name.replace("_", ""), "_".join(name)}


@pytest.mark.parametrize("kind", HOOKS.values(), ids=lambda kind: kind.kind)
def test_a_name_that_differs_in_case_or_underscores_only_is_taken(kind):
    from test_plugins import make

    for function in lookup.default.all(kind):
        for known in (function.name, *function.aliases):
            for name in spellings(known):
                with pytest.raises(ns.PluginError, match=f"the {kind.kind} name .* is taken by nodesim 0"):
                    ns.register(make(name, kind))
    ns.register(make("of_mine", kind))
    with pytest.raises(ns.PluginError, match="taken by this session, as 'of_mine'"):
        ns.register(make("OfMine", kind))


@pytest.mark.parametrize("name", ["a b", "x(y=2)", "x()", "a,b", "a=b", "tab\t", " x", "line\n", "quote'", "_"])
def test_a_name_that_cannot_be_asked_for_is_refused(name):
    with pytest.raises(ns.PluginError, match="could not be asked for"):
        ns.register(twice(name))


@pytest.mark.parametrize(
    "name", ["mine", "Größe", "soft-2.5", "my_own", "x2", "2x", "f'"[:1], "nodesim.mine", "a/b", "α"]
)
def test_a_name_that_is_taken_is_found_in_every_way(name, output, tmp_path):
    assert can_be_written(name)
    function = ns.Activation(name, formula="k * z", parameters={"k": 1.0})
    ns.register(function)
    assert with_parameters(f"{name}(k=2)") == (name, {"k": 2.0})
    assert ns.activation(f"{name.upper()}(k=2)") == function.with_parameters(k=2)
    code, _, error = output("new", "1-2-1", "--hidden", f"{name}(k=2)", "-o", str(tmp_path / "net.json"))
    assert (code, error) == (0, "")


def test_no_package_that_is_installed_is_told_to_unregister_something():
    with pytest.raises(ns.PluginError, match="is taken by nodesim 0") as caught:
        lookup.default.register(twice("relu"), "nodesim-mine 0.1")
    assert "unregister" not in str(caught.value)
    with pytest.raises(ns.PluginError, match=r"nodesim\.unregister\('relu', 'activation'\) first"):
        ns.register(twice("relu"))


def test_origins_of_packages():
    assert [origins.package(name) for name in ("A_b.C 1", "a.py", "this session", "m:n", "")] == ["a-b-c", *[None] * 4]


def test_every_broken_file_of_a_directory_is_named(tmp_path):
    for number in range(12):
        (tmp_path / f"broken_{number}.py").write_text(
            f"raise ValueError('the reason of file {number} is told at length ' * 9)"
        )
    with pytest.raises(ns.PluginError) as caught:
        ns.load_plugins(tmp_path)
    said = str(caught.value)
    assert said.startswith("12 files could not be loaded: broken_0.py, broken_1.py, broken_10.py")
    assert all(f"broken_{number}.py" in said for number in range(12))
    assert "broken_0.py: importing it raised ValueError: the reason of file 0" in said
    assert len(said) < 500


def test_a_long_message_is_cut_between_words():
    said = str(ns.ArgumentError("alphabet " * 200))
    assert len(said) < 500
    assert set(said.split()) == {"alphabet", "..."}
    assert len(str(ns.ArgumentError("x" * 2000))) < 500


def test_an_unregistered_function_is_told_whole_in_an_error():
    net = ns.Network.layered([1, 1, 1], hidden=twice("unheard"), seed=0)
    with pytest.raises(ns.FunctionError) as caught:
        written(net)
    said = str(caught.value)
    assert " ... " not in said
    assert said.endswith("nodesim.register(...), or write it as a formula.")


def test_a_name_that_nobody_knows_comes_with_a_hint_at_registration():
    with pytest.raises(ns.UnknownNameError, match=r"no optimizer named 'p'.* One of your own is registered first"):
        ns.optimizer("p")
    with pytest.raises(ns.UnknownNameError) as caught:
        ns.activation("belly")
    assert "Did you mean" not in str(caught.value)
    with pytest.raises(ns.UnknownNameError, match="Did you mean 'tanh'"):
        ns.activation("tahn")


def test_a_letter_of_a_formula_that_is_not_declared_is_told_how_to_declare():
    with pytest.raises(ns.FunctionError, match=r"there is no k here.*parameters=\{'k': 1\.0\}"):
        ns.Activation("q", formula="k * z")
    with pytest.raises(ns.FunctionError) as caught:
        ns.Activation("q", formula="z +")
    assert "declared" not in str(caught.value)
