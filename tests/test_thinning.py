"""A thinned record stays within its limit, evenly spread, with its first and last entry; a recording keeps epochs so."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nodesim as ns
from nodesim.training.thinning import Thinned

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


@pytest.mark.parametrize("limit", [2, 3, 4, 7, 50])
@pytest.mark.parametrize("every", [1, 3, 10])
def test_any_number_of_records_leaves_few_evenly_spread(limit, every):
    record = Thinned(limit, every)
    for number in range(400):
        due = record.due
        record.append(number)
        kept = list(record)
        assert kept[0] == 0
        assert kept[-1] == number
        assert len(kept) == len(record) <= limit
        # All but the newest stand at whole multiples of one step, none left out.
        assert kept[:-1] == list(range(0, kept[-2] + 1, record.every)) if len(kept) > 1 else number == 0
        assert not kept[1:] or 0 < kept[-1] - kept[-2] <= record.every
        assert due or record[-1] % record.every
    assert record.every % every == 0


@pytest.mark.parametrize("arguments", [{"limit": 1}, {"limit": 2.5}, {"every": 0}, {"every": "1"}])
def test_arguments(arguments):
    with pytest.raises(ns.ArgumentError):
        Thinned(**arguments)
    with pytest.raises(ns.ArgumentError):
        ns.Recording(ns.Network.layered([1, 1]), **arguments)


def test_a_recording_has_the_weights_of_its_epochs():
    net = ns.Network.layered([2, 3, 1], seed=1)
    twin, recording = net.copy(), ns.Recording(net, every=5, limit=6)
    history = net.fit(*XOR, epochs=52, learning_rate=0.5, callbacks=recording)
    assert [moment.epoch for moment in recording] == [0, 20, 40, 52]
    assert recording[0].error is None
    assert recording.errors == history.errors
    epoch = 0
    for moment in recording:
        if moment.epoch > epoch:
            twin.fit(*XOR, epochs=moment.epoch - epoch, learning_rate=0.5)
            epoch = moment.epoch
            assert moment.error == history.errors[epoch - 1]
        assert np.array_equal(moment.weights, twin.weights)
    assert np.array_equal(recording[-1].weights, net.weights)


def test_a_recording_is_of_one_structure():
    net, other = ns.Network.layered([2, 3, 1], seed=1), ns.Network.layered([2, 3, 1], seed=1)
    recording, before = ns.Recording(net), other.weights
    with pytest.raises(ns.ArgumentError, match="another network is trained"):
        other.fit(*XOR, epochs=2, callbacks=recording)
    assert np.array_equal(other.weights, before)
    net.remove("H3")
    with pytest.raises(ns.StateError, match="the structure was edited"):
        net.fit(*XOR, epochs=2, callbacks=recording)
    with pytest.raises(ns.ArgumentTypeError, match="of a network, got int"):
        ns.Recording(5)


def test_a_recording_is_copied_with_its_network():
    net = ns.Network.layered([1, 2, 1], seed=0)
    recording = ns.Recording(net)
    net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=5, callbacks=recording)
    for twin in (copy.deepcopy(recording), pickle.loads(pickle.dumps(recording))):
        assert twin.errors == recording.errors
        assert (twin[3].weights == recording[3].weights).all()
        assert twin.network is not net
