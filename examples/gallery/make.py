"""A gallery of networks, each a page that says what to click in it: python examples/gallery/make.py [folder].

The pages, and an index.html that leads to them, are written into the folder; by default into "pages", beside this file.
"""

import html
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import nodesim as ns

HERE = Path(__file__).parent
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
# The samples of the article's networks.
X, Y = [0.05, 0.1], [0.01, 0.99]


def article(*sizes: int) -> ns.Network:
    """Return a network like those of the article's figures."""
    return ns.Network.layered(list(sizes), seed=0)


def figure_1() -> ns.Explorer:
    """Show the general architecture."""
    return article(3, 4, 2).explore(
        [0.05, 0.1, 0.15], Y, title="Figure 1: the general architecture",
        guide=[
            "Click B1: a bias node always sends 1, and so shifts the sums H1 to H4.",
            "Click H1, which is two quantities in one circle: the weighted sum H1 and the activated node HA1.",
            "Press “Step through” and then “Next step” a few times: the numbers flow from I1, I2 and I3 to O1 and O2.",
        ],
    )  # fmt: skip


def figure_2() -> ns.Explorer:
    """Show the simple network."""
    return article(2, 2, 2).explore(
        X, Y, title="Figure 2: the simple network",
        guide=[
            "Press “Numbers”: the twelve weights stand at their connections, and what a node sends stands below it.",
            "Press “Step through”: O1 and O2 are calculated from I1 and I2, then e, then every derivative backwards.",
            "Click W7 and change its “Weight W7”: O1 and e move, and O2 stays, for W7 leads to O1 alone.",
        ],
        selected="H1",
    )  # fmt: skip


def figure_3() -> ns.Explorer:
    """Show what feeds the gradient of W1."""
    return article(2, 2, 2).explore(
        X, Y, title="Figure 3: what feeds the gradient of W1",
        guide=[
            "Red is what feeds ∂e/∂W1: two paths, one by O1 and one by O2; H2 is left out, for W1 does not reach it.",
            "Point at one of the two products under “Chain rule”, and its path alone stays red.",
            "Change “Weight W7”, once W7 is clicked, and click W1 again: only the path by O1 has another product.",
        ],
        selected="W1",
    )  # fmt: skip


def figure_4() -> ns.Explorer:
    """Show what feeds the gradient of W7."""
    return article(2, 2, 2).explore(
        X, Y, title="Figure 4: what feeds the gradient of W7",
        guide=[
            "One path leads from e to W7, by O1, so ∂e/∂W7 is one product, and its last factor is HA1.",
            "Click W11, whose path is the same but for that factor: B2 sends 1 where HA1 sends what H1 makes.",
            "Click W1: its two paths go on from HA1, and the one by O1 begins just as that of W7.",
        ],
        selected="W7",
    )  # fmt: skip


def figure_5() -> ns.Explorer:
    """Show the four paths of W1."""
    return article(2, 2, 2, 2).explore(
        X, Y, title="Figure 5: the four paths of W1",
        guide=[
            "Two hidden layers make four paths to W1, by O1 or O2 and by H3 or H4: point at each of the products.",
            "Press “Strongest paths” to see which of the four carries most of ∂e/∂W1.",
            "Press “Tree”: what the paths have in common is written once, and leaves are added, branches multiplied.",
        ],
        selected="W1",
    )  # fmt: skip


def figure_6() -> ns.Explorer:
    """Show the eight paths of W1."""
    return article(2, 2, 2, 2, 2).explore(
        X, Y, title="Figure 6: the eight paths of W1",
        guide=[
            "W1 has eight paths: each goes by O1 or O2, by H5 or H6 and by H3 or H4. One more layer would double them.",
            "Click W7, W13 and W19 one after the other: each layer less leaves half the paths, 4, 2 and 1.",
            "Press “Tree” with W1 selected: ∂HA5/∂H5 stands in it twice, over the same leaves −0.2738 and −0.05452.",
        ],
        selected="W1",
    )  # fmt: skip


def mazur() -> ns.Explorer:
    """Show the example of which Matt Mazur has calculated every number by hand."""
    net = ns.Network.layered([2, 2, 2], output="sigmoid", loss="half_squared_error", seed=0)
    net.weights = [0.15, 0.25, 0.2, 0.3, 0.35, 0.35, 0.4, 0.5, 0.45, 0.55, 0.6, 0.6]
    for bias in net.biases:
        for connection in bias.outgoing:
            connection.trainable = False
    return net.explore(
        X, Y, title="Mazur's step by step backpropagation example",
        guide=[
            "Matt Mazur's web tutorial is known to many; there, too, ∂e/∂W7 is 0.08216704, these factors multiplied.",
            "Set “Learning rate” to 0.5 and press “One update”: W7 goes from 0.4 to 0.35891648, and W1 to 0.14978072.",
            "Press “Play”: in five seconds mean e is below 0.01. W5, W6, W11 and W12 stay: his biases are not trained.",
        ],
        selected="W7",
    )  # fmt: skip


def recorded(net: ns.Network, *samples: object, limit: int, **training: object) -> ns.Recording:
    """Train a network and return the weights of its epochs."""
    recording = ns.Recording(net, limit=limit)
    net.fit(*samples, callbacks=recording, progress=False, **training)
    return recording


def xor() -> ns.Explorer:
    """Show a network that has learned what no network without hidden nodes can."""
    # Slow enough that Play shows it: flat at first, learned within ten seconds.
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", seed=1114)
    history = recorded(net, *XOR, limit=60, epochs=900, learning_rate=0.5, batch_size=4)
    return net.explore(
        *XOR, history=history, names=["0 xor 0", "0 xor 1", "1 xor 0", "1 xor 1"], title="xor: one or the other",
        guide=[
            "Choose each “Sample” in turn: O1 is close to 1 where exactly one of I1 and I2 is 1.",
            "Drag “Epoch” back to 0 and forward again: the weights of the recorded training move in the drawing.",
            "Drag “Epoch” to 0, press “Play” and look at the map of O1: flat at first, it is xor after ten seconds.",
        ],
    )  # fmt: skip


def iris() -> ns.Explorer:
    """Show a classifier that learns to tell three irises apart in a hundred epochs."""
    data = ns.datasets.load("iris")
    net = ns.Network.layered(
        [4, 5, 3], hidden="tanh", loss="softmax_cross_entropy", inputs=data.features, outputs=data.classes, seed=1
    )
    history = recorded(net, data, limit=101, epochs=100, learning_rate=0.05, batch_size=16)
    names = [f"{data.classes[label]} {number}" for number, label in enumerate(data.y, 1)]
    return net.explore(
        data, history=history, names=names, title="Iris: three flowers, four measures",
        guide=[
            "Click W1, drag “Epoch”, and see its gradient shrink while the chart of the error falls.",
            "Press “Strongest paths”: the three outputs pull at W1, and not all in one direction.",
            "Choose a “Sample” by its flower: the output of its own name should send the most.",
        ],
    )  # fmt: skip


def dying_relu() -> ns.Explorer:
    """Show hidden nodes that one long step has silenced for good."""
    x = np.linspace(2, -2, 9)[:, None]
    net = ns.Network.layered([1, 3, 1], hidden="relu", seed=941)
    history = recorded(net, x, x**2, limit=9, epochs=8, learning_rate=0.2, batch_size=9)
    return net.explore(
        x, x**2, history=history, names=[f"x = {value:g}" for value in x[:, 0]], title="A dying relu",
        guide=[
            "Press “Numbers” and drag “Epoch” to 1, then to 2: one step was too long, and HA1, HA2 and HA3 are 0.",
            "Look at W1 at epoch 2: its path has a factor 0, for every “Sample”, so no update changes it again.",
            "Drag “Epoch” to 0, set “Learning rate” to 0.02 and press “Play”: the nodes live, and the curve bends.",
        ],
        selected="W1",
    )  # fmt: skip


def vanishing_gradient() -> ns.Explorer:
    """Show a deep network whose first weights hardly learn."""
    return ns.Network.layered([2] * 8, seed=5308).explore(
        X, Y, title="A gradient that vanishes with depth",
        guide=[
            "W1 lies six hidden layers deep: each of its 64 paths has six sigmoid slopes, and none is more than 0.25.",
            "Click W37, W31, W25, W19, W13, W7 and W1 one after the other: each gradient is 6 to 14 times smaller.",
            "Press “Factors” with W1 selected: the small numbers among them are the slopes ∂HA/∂H.",
        ],
        selected="W1",
    )  # fmt: skip


def evolved() -> ns.Explorer:
    """Show a network whose structure was evolved by NEAT, and not laid out in layers."""
    return ns.from_neat(HERE.parent / "xor_neat.json").explore(
        [[1, 0], [0, 0], [0, 1], [1, 1]], [1, 0, 1, 0], names=["1 xor 0", "0 xor 0", "0 xor 1", "1 xor 1"],
        title="An evolved network: xor by NEAT",
        guide=[
            "No layers in the usual sense: I1 and I2 feed both H137 and H233, and B1 every node that calculates.",
            "Click W1, which has one path, through H137 and H233; W5 has a shorter one, which leaves H137 out.",
            "Choose each “Sample” in turn: HA137 is close to 1 for 1 xor 0 alone, and lifts O1, which W5 holds down.",
        ],
        selected="W1",
    )  # fmt: skip


def custom_activation() -> ns.Explorer:
    """Show a network of an activation that this script has made up."""
    bump = ns.Activation("bump", formula="1 / (1 + (z / width) ** 2)", parameters={"width": 2.0})
    x = np.linspace(-3, 3, 25)[:, None]
    net = ns.Network.layered([1, 4, 1], hidden=bump, seed=30)
    history = recorded(net, x, np.sin(x), limit=40, epochs=300, learning_rate=0.5, batch_size=25)
    return net.explore(
        x, np.sin(x), history=history, names=[f"x = {value:.2f}" for value in x[:, 0]],
        title="An activation of your own: bump",
        guide=[
            "Only the formula of bump was given; its derivative, ∂HA1/∂H1 in the chain rule of W1, follows from it.",
            "Click H1 and look at its curve: HA1 is close to 1 at the “Sample” x = 0.50, and falls to both sides.",
            "Drag “Epoch” to 0, choose O1 under “Node”, set “Speed” to 10 epochs/s and press “Play”: its curve moves "
            "to the points.",
        ],
        selected="W1",
    )  # fmt: skip


PAGES: dict[str, Callable[[], ns.Explorer]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        figure_1, figure_2, figure_3, figure_4, figure_5, figure_6, mazur, xor, iris, dying_relu, vanishing_gradient,
        evolved, custom_activation,
    )
}  # fmt: skip


def index(titles: dict[str, str]) -> str:
    """Return a page that leads to all others."""
    links = "\n".join(f'<li><a href="{file}">{html.escape(title)}</a></li>' for file, title in titles.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>nodesim: gallery</title>\n'
        "<style>body { font: 17px/1.6 system-ui, sans-serif; max-width: 40em; margin: auto; padding: 2em }</style>\n"
        "</head>\n<body>\n<main>\n<h1>Networks to look into</h1>\n"
        "<p>Every page says under “Try this” what to click.</p>\n"
        f"<ul>\n{links}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def write(folder: Path) -> Iterator[tuple[Path, ns.Explorer]]:
    """Write the pages into a folder, and an index of them."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = {}
    for name, make in PAGES.items():
        explorer = make()
        file = folder / f"{name}.html"
        explorer.save(file)
        titles[file.name] = explorer.document["title"]
        yield file, explorer
    (folder / "index.html").write_text(index(titles), encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "pages"
    for file, explorer in write(target):
        print(f"{file.stat().st_size / 1000:4.0f} kB  {file.name:24} {explorer!r}")
    print(f"{target / 'index.html'} leads to all of them.")
