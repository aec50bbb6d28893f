"""Sentences that several mistakes share: what was done at a place, and what is right there.

Each is made when somebody asks for it: of some hundreds of mistakes that are tried, one or two are told.
"""

from __future__ import annotations

from collections.abc import Callable

from nodesim._arrays import Mask
from nodesim.graph.elements import Layer
from nodesim.graph.layer_names import layer_in_sentence
from nodesim.mistakes.places import Places
from nodesim.notation.symbols import MINUS, RATE
from nodesim.wording.message import Message, Numeral, Words

Text = Callable[[], Words]

WRONG_SIGN = Message("the wrong sign")
STEP = f"W {MINUS} {RATE}·∂e/∂W"
ORDER = Message(
    "e is differentiated with respect to the weights it was calculated with: first all gradients, then all updates."
)


def too_much(factor: str) -> Message:
    """Say of what there is a factor that nobody asked for."""
    return Message("a factor {factor} that does not belong there", factor=factor)


def alone(gradient: str, product: str, how: Message) -> Message:
    """Say what one gradient has, of which nothing else is calculated."""
    return Message("{gradient} = {product} alone has {how}.", gradient=gradient, product=product, how=how)


def at_node(places: Places, group: Mask, how: Message) -> Text:
    """Say what the delta of a node, or of all in a group, has."""

    def text() -> Message:
        delta = places.by(places.sum_of(places.first(group)))
        if group.sum() > 1:
            return Message(
                "{delta} and so on has {how}, and with it all that is calculated from it.", delta=delta, how=how
            )
        return Message("{delta} has {how}, and with it all that is calculated from it.", delta=delta, how=how)

    return text


def of_bias(places: Places, where: Words, group: Mask, *, gradients: bool) -> Message:
    """Say what is missing where biases were left out, and that their weights have no gradient if so."""
    first = places.first(group)
    values = {
        "target": places.sum_of(int(places.sheet.targets_of[first])),
        "term": f"{places.sent_by(int(places.sheet.sources[first]))}·{places.connection(first).name}",
    }
    if isinstance(where, Message):
        if gradients:
            return Message(
                "What comes from all biases was left out of the weighted sums, so that {target} lacks its term {term}.",
                **values,
            )
        return Message(
            "What comes from all biases was left out of the weighted sums, so that {target} lacks its term {term}, "
            "and its weights have no gradient.",
            **values,
        )
    if gradients:
        return Message(
            "What comes from {bias} was left out of the weighted sums, so that {target} lacks its term {term}.",
            bias=where, **values,
        )  # fmt: skip
    return Message(
        "What comes from {bias} was left out of the weighted sums, so that {target} lacks its term {term}, and its "
        "weights have no gradient.",
        bias=where, **values,
    )  # fmt: skip


def not_updated(where: Words) -> Message:
    """Say that the weights of biases were left as they were."""
    if isinstance(where, Message):
        return Message("The weights of all biases were not updated; they learn as all others do, by {step}.", step=STEP)
    return Message(
        "The weights of {bias} were not updated; they learn as all others do, by {step}.", bias=where, step=STEP
    )


def no_gradient(where: Words) -> Message:
    """Say that the weights of biases were given no gradient."""
    if isinstance(where, Message):
        return Message(
            "The weights of all biases were given no gradient; it is the target's ∂e/∂H times what the bias sends."
        )
    return Message(
        "The weights of {bias} were given no gradient; it is the target's ∂e/∂H times what the bias sends.", bias=where
    )


def forgotten(places: Places, arc: int) -> Text:
    """Say which term of a node's derivative was left out."""

    def text() -> Message:
        source, target = int(places.sheet.sources[arc]), int(places.sheet.targets_of[arc])
        return Message(
            "In {derivative} = {sum} the term {term} was left out: the paths over {arc} are missing.",
            derivative=places.by(places.sent_by(source)), sum=places.delta_sum(source),
            term=f"{places.by(places.sum_of(target))}·{places.weight(arc)}", arc=places.arc(arc),
        )  # fmt: skip

    return text


def slope_left_out(places: Places, group: Mask) -> Text:
    """Say that a slope was left out at a node, or at all of a group."""

    def text() -> Message:
        values = _of_slope(places, group)
        if group.sum() > 1:
            return Message("{delta} = {product}: the slope {slope} was left out, and so on.", **values)
        return Message("{delta} = {product}: the slope {slope} was left out.", **values)

    return text


def slope_taken_at(places: Places, group: Mask) -> Text:
    """Say that a slope was taken at HA at a node, or at all of a group."""

    def text() -> Message:
        row = places.first(group)
        values = {**_of_slope(places, group), "wrong": places.sent_by(row), "right": places.sum_of(row)}
        if group.sum() > 1:
            return Message(
                "{delta} = {product}: the slope {slope} was taken at {wrong} instead of {right}, and so on.", **values
            )
        return Message("{delta} = {product}: the slope {slope} was taken at {wrong} instead of {right}.", **values)

    return text


def _of_slope(places: Places, group: Mask) -> dict[str, str]:
    row = places.first(group)
    slope, arriving = places.slope(row), places.by(places.sent_by(row))
    return {"delta": places.by(places.sum_of(row)), "product": f"{arriving}·{slope}", "slope": slope}


def bare(places: Places, group: Mask) -> Text:
    """Say what a gradient is without what its source sends."""

    def text() -> Message:
        arc = places.first(group & ~places.from_bias if (group & ~places.from_bias).any() else group)
        factor = places.sent_by(int(places.sheet.sources[arc]))
        values = {"gradient": places.by(places.weight(arc)), "product": places.product(arc), "factor": factor}
        if group.sum() > 1:
            return Message("{gradient} = {product}: the factor {factor} was left out, and so on.", **values)
        return Message("{gradient} = {product}: the factor {factor} was left out.", **values)

    return text


def transposed(layer: Layer | None) -> tuple[Message, Message, Message]:
    """Say of the weights into a layer, or of each, that they were used transposed: back, forth, and both."""
    if layer is None:
        return (
            Message(
                "The weights of each layer were used transposed on the way back: rows for columns, source for target."
            ),
            Message(
                "The weights of each layer were used transposed in the weighted sums: rows for columns, source for "
                "target."
            ),
            Message(
                "The weights of each layer were used transposed in both directions: rows for columns, source for "
                "target."
            ),
        )
    name = layer_in_sentence(layer)
    return (
        Message(
            "The weights into the {layer} were used transposed on the way back: rows for columns, source for target.",
            layer=name,
        ),
        Message(
            "The weights into the {layer} were used transposed in the weighted sums: rows for columns, source for "
            "target.",
            layer=name,
        ),
        Message(
            "The weights into the {layer} were used transposed in both directions: rows for columns, source for "
            "target.",
            layer=name,
        ),
    )


def reshaped(layer: Layer) -> tuple[Message, Message, Message]:
    """Say that the weights into a layer were put into a matrix of the other shape: back, forth, and both."""
    name = layer_in_sentence(layer)
    return (
        Message(
            "The weights into the {layer} were read in another order on the way back: as W.reshape does it, where W.T "
            "belongs; the shape is the same.",
            layer=name,
        ),
        Message(
            "The weights into the {layer} were read in another order in the weighted sums: as W.reshape does it, where "
            "W.T belongs; the shape is the same.",
            layer=name,
        ),
        Message(
            "The weights into the {layer} were read in another order in both directions: as W.reshape does it, where "
            "W.T belongs; the shape is the same.",
            layer=name,
        ),
    )


def slope_of_sum(places: Places, group: Mask) -> Text:
    """Say that a slope's formula was given H where it has HA, at a node, or at all of a group."""

    def text() -> Message:
        row = places.first(group)
        values = {**_of_slope(places, group), "wrong": places.sum_of(row), "right": places.sent_by(row)}
        if group.sum() > 1:
            return Message(
                "{delta} = {product}: in the formula of the slope {slope} stands {wrong} where {right} belongs, and so "
                "on.",
                **values,
            )
        return Message(
            "{delta} = {product}: in the formula of the slope {slope} stands {wrong} where {right} belongs.", **values
        )

    return text


def of_one_sample(biases: bool, sample: int, count: int, part: bool) -> Message:
    """Say that gradients, those of biases or all, are those of a single sample, or its part of the mean."""
    values = {"sample": Numeral(sample), "count": Numeral(count)}
    if biases and part:
        return Message(
            "The gradients of the biases' weights are what sample {sample} adds to the mean over all {count}; the "
            "others are missing.",
            **values,
        )
    if biases:
        return Message(
            "The gradients of the biases' weights are those of sample {sample} alone, where they are the mean over all "
            "{count}.",
            **values,
        )
    if part:
        return Message(
            "The gradients ∂e/∂W are what sample {sample} adds to the mean over all {count}; the others are missing.",
            **values,
        )
    return Message(
        "The gradients ∂e/∂W are those of sample {sample} alone, where they are the mean over all {count}.", **values
    )


def handed_over_by_target(layer: Layer | None) -> Message:
    """Say that the gradients of a layer, or of all, are those of a matrix with a row for each target."""
    if layer is None:
        return Message(
            "The numbers of the weights are right, and stand under other names: target by target, where the names go "
            "source by source. Of each matrix with a row for each target, as torch has it, hand over W.T.ravel()."
        )
    return Message(
        "The numbers of the weights into the {layer} are right, and stand under other names: target by target, where "
        "the names go source by source. Of a matrix with a row for each target, as torch has it, hand over "
        "W.T.ravel().",
        layer=layer_in_sentence(layer),
    )


def handed_over_reshaped(layer: Layer) -> Message:
    """Say that the gradients of a layer were transposed before they were handed over."""
    return Message(
        "The numbers of the weights into the {layer} are right, and stand under other names: they were transposed once "
        "too often. Of a matrix with a row for each source hand over W.ravel().",
        layer=layer_in_sentence(layer),
    )


def handed_over_with_bias(layer: Layer) -> Message:
    """Say that the gradients of a layer were handed over node by node, that of its bias last."""
    return Message(
        "The numbers of the weights into the {layer} are right, and stand under other names: node by node, its bias "
        "last, where the names go source by source, and biases come last of all.",
        layer=layer_in_sentence(layer),
    )


def of_outputs(places: Places, value: float) -> list[Message]:
    """Say what a factor can come of that is the number of outputs, or one by it: no mistake, but another convention."""
    n = places.n_outputs
    if n == 1 or value not in (float(n), 1.0 / n):
        return []
    return [
        Message(
            "There are {count} outputs: the loss may be meant as the sum over them where it is their mean here, or the "
            "other way round.",
            count=Numeral(n),
        )
    ]
