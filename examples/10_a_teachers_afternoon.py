"""A teacher's afternoon: thirty different sheets with their keys, a class that is marked, and a handout."""

import tempfile
from pathlib import Path

import nodesim as ns

# Thirty sheets on ∂e/∂W1, two paths each; the same seed is the same sheet. Every number comes out short.
sheets = [ns.exercises.make([2, 2, 2], ask="W1", seed=seed) for seed in range(30)]
print(sheets[7], "asks for", ", ".join(list(sheets[7].key)[:5]), "and so on")

# Keys are what an exact run says: nothing is rounded.
for sheet in sheets:
    x, y = ([str(sheet.working.given[name]) for name in names] for names in (("I1", "I2"), ("y1", "y2")))
    assert sheet.exact["∂e/∂W1"] == sheet.network.exact(x, y).gradient("W1")

# The class answers. Every third forgets a path, every third adds where one subtracts, and all calculate on from there.
mistakes = {}
for sheet in sheets:
    answers, given, of = dict(sheet.key), sheet.working.given, sheet.exact
    if sheet.seed % 3 == 1:
        answers["∂e/∂W1"] = of["product 1"]
        answers["W1(k+1)"] = given["W1"] - given["η"] * of["product 1"]
    elif sheet.seed % 3 == 2:
        answers["W1(k+1)"] = given["W1"] + given["η"] * of["∂e/∂W1"]
    marking = sheet.mark(answers)
    assert marking.score == marking.out_of - (sheet.seed % 3 > 0)
    mistakes[sheet.seed] = [remark.mistake.name for remark in marking.remarks if remark.mistake]
print("the first three:", mistakes[0], mistakes[1], mistakes[2])
print(marking.remarks[0])
assert all(found == [[], ["path forgotten"], ["sign"]][seed % 3] for seed, found in mistakes.items())

# On paper: a page for each, and the keys; for Moodle; and a handout that explains the gradient of a trained network.
iris = ns.datasets.load("iris")
net = ns.Network.layered([4, 3, 3], seed=1)
net.fit(iris.X, iris.y, epochs=200, learning_rate=0.1)
with tempfile.TemporaryDirectory() as folder:
    ns.exercises.save(sheets, Path(folder, "class.html"))
    ns.exercises.save(sheets, Path(folder, "keys.html"), key=True)
    ns.exercises.save(sheets, Path(folder, "moodle.xml"))
    ns.handout(net, "W1", iris.X[0], [1, 0, 0]).save(Path(folder, "w1.html"))
    print(*sorted(f"{path.name}: {path.stat().st_size // 1000} kB" for path in Path(folder).iterdir()), sep="\n")
