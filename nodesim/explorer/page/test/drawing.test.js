/** Where the drawing puts what there is: it fills its room, lines stay clear of nodes, and nothing is written too small. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { along, boxOf, curveOf, distance, head, isLine, pieces } from "../src/curves.js";
import { Lettering } from "../src/lettering.js";
import { LEAST } from "../src/measures.js";
import { readNetwork } from "../src/network.js";
import { Scene } from "../src/scene.js";
import { boxOfElement, filling, isInSight, seenBox } from "../src/sight.js";
import { neighbour } from "../src/walking.js";
import { documentOf, layered, random } from "./helpers.js";

const ROOMS = [{ width: 720, height: 560 }, { width: 380, height: 400 }, { width: 1100, height: 300 }, { width: 300, height: 700 }];

function withTargets(network) {
  network.document.samples.push({ name: "one", x: [0], y: [0] });
  return network;
}

/** A network of a random graph: layers of one to four nodes, connections to any later layer. */
function randomGraph(seed) {
  const next = random(seed);
  const layers = [["I1", "I2"]];
  let hidden = 0;
  for (let layer = 0; layer < 8; layer++) layers.push(Array.from({ length: 1 + Math.floor(4 * next()) }, () => `H${++hidden}`));
  layers.push(["O1", "O2"]);
  const connections = [];
  layers.forEach((sources, layer) => layers.slice(layer + 1).forEach((targets) => {
    for (const source of sources) for (const target of targets) if (next() < 0.3) connections.push([source, target]);
  }));
  return withTargets(readNetwork(documentOf(layers, connections)));
}

function scaleIn(scene, room) {
  return filling([0, 0, scene.width, scene.height], room, 1.7).k;
}

test("a curve begins and ends at its circles, and its pieces meet", () => {
  const next = random(3);
  for (let round = 0; round < 300; round++) {
    const point = () => [1000 * next(), 600 * next()];
    const [from, to] = [point(), point()];
    const bends = Array.from({ length: Math.floor(4 * next()) }, point);
    const curve = curveOf(from, to, bends, 20, 22);
    assert.ok(Math.abs(Math.hypot(curve.x1 - from[0], curve.y1 - from[1]) - 20) < 1e-9);
    assert.ok(Math.abs(Math.hypot(curve.x2 - to[0], curve.y2 - to[1]) - 22) < 1e-9);
    assert.deepEqual(pieces(curve).at(-1).slice(2), [curve.x2, curve.y2]);
    assert.equal(isLine(curve), bends.length === 0);
    const [left, top, right, bottom] = boxOf(curve);
    for (let step = 0; step <= 40; step++) {
      const [x, y] = along(curve, step / 40);
      assert.ok(x >= left - 1e-9 && x <= right + 1e-9 && y >= top - 1e-9 && y <= bottom + 1e-9);
    }
    // Small steps along it lead nowhere else: no piece begins elsewhere than the one before ends.
    const apart = Math.hypot(...along(curve, 0.5).map((value, place) => value - along(curve, 0.5 + 1e-7)[place]));
    assert.ok(apart < 0.01);
    assert.deepEqual(head(curve, 10, 4)[0], [curve.x2, curve.y2]);
  }
});

test("the distance from a curve is that from the nearest of many points of it", () => {
  const next = random(5);
  for (let round = 0; round < 100; round++) {
    const point = () => [400 * next(), 400 * next()];
    const curve = curveOf(point(), point(), [point()], 1, 1);
    const [x, y] = point();
    const nearest = Math.min(...Array.from({ length: 2001 }, (_, step) => Math.hypot(...along(curve, step / 2000).map((value, place) => value - [x, y][place]))));
    assert.ok(Math.abs(distance(curve, x, y) - nearest) < 16);
  }
});

test("everything stands inside the drawing, and nothing on something else, in every room", () => {
  for (let seed = 0; seed < 60; seed++) {
    const network = seed % 2 ? randomGraph(seed) : withTargets(layered([2, ...Array.from({ length: seed % 19 }, () => 1 + (seed % 5)), 2], { seed }).network);
    for (const room of ROOMS) {
      const scene = new Scene(network, [], room);
      const points = [...scene.x].map((x, node) => [x, scene.y[node]]).concat([[scene.error.x, scene.error.y]]);
      points.forEach(([x, y], place) => {
        assert.ok(x >= 40 && x <= scene.width - 40 && y >= 40 && y <= scene.height - 30, `${x} ${y} ${scene.width} ${scene.height} ${JSON.stringify(scene.shape)} ${seed} ${scene.given.sizes}`);
        for (const [ox, oy] of points.slice(place + 1)) assert.ok(Math.hypot(x - ox, y - oy) >= 54 - 1e-9);
      });
    }
  }
});

test("deep and narrow networks fill the room", () => {
  for (const hidden of [4, 8, 12, 18]) {
    for (const room of ROOMS.slice(0, 2)) {
      const scene = new Scene(withTargets(layered([2, ...Array(hidden).fill(1), 2]).network), [], room);
      const k = scaleIn(scene, room);
      assert.ok(k >= (room.width > 500 ? 0.6 : 0.4), `${hidden} layers: ${k}`);
      assert.ok((scene.width * k) / room.width > 0.55 && (scene.height * k) / room.height > 0.5);
    }
  }
});

test("connections that pass columns stay clear of the nodes there", () => {
  let [through, all] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const scene = new Scene(randomGraph(seed), [], ROOMS[0]);
    const { connections, nodes } = scene.network;
    connections.forEach(({ source, target }, c) => {
      for (let node = 0; node < nodes.length; node++) {
        if (node === source || node === target || nodes[node].layer <= nodes[source].layer || nodes[node].layer >= nodes[target].layer) continue;
        all += 1;
        const points = Array.from({ length: 101 }, (_, step) => along(scene.curve(c), step / 100));
        if (Math.min(...points.map(([x, y]) => Math.hypot(x - scene.x[node], y - scene.y[node]))) < scene.radius[node]) through += 1;
      }
    });
  }
  assert.ok(all > 3000);
  assert.ok(through / all < 0.05, `${through} of ${all}`);
});

test("whatever is written is at least 11 px high on the screen, in every size", () => {
  for (const sizes of [[2, 2, 2], [2, 8, 8, 2], [3, 30, 40, 4], [784, 5, 3]]) {
    const network = withTargets(layered(sizes).network);
    const scene = new Scene(network, [], ROOMS[0]);
    for (let k = 0.01; k < 30; k *= 1.15) {
      const lettering = new Lettering(scene, k);
      const lines = [...network.nodes.flatMap((node, index) => lettering.names(node, scene.radius[index])), ...lettering.error("0.25")];
      const written = [...lines.map(({ size }) => size), lettering.label, lettering.value, lettering.title];
      for (const size of written) assert.ok(size * k >= LEAST - 1e-9, `${size * k} at ${k}`);
    }
  }
  const scene = new Scene(withTargets(layered([2, 8, 8, 2]).network), [], ROOMS[0]);
  const lettering = new Lettering(scene, scaleIn(scene, ROOMS[0]));
  for (const node of scene.network.nodes) assert.equal(lettering.names(node, 27)[0].words, node.name);
});

test("a column of hundreds leaves the others large", () => {
  const scene = new Scene(withTargets(layered([784, 5, 3]).network), [], ROOMS[0]);
  const of = (name) => scene.radius[scene.network.byName.get(name).index];
  assert.ok(of("I1") < 2 && of("H1") === 27);
  assert.ok(27 * scaleIn(scene, ROOMS[0]) > 6);
});

test("without desired outputs there is no e", () => {
  assert.equal(new Scene(layered([2, 2, 2]).network, []).error, null);
  const scene = new Scene(withTargets(layered([2, 2, 2]).network), []);
  assert.deepEqual(scene.errorEdges.map(({ nodes }) => nodes), scene.network.outputs.map((node) => [node]));
});

test("the same room again moves nothing", () => {
  const scene = new Scene(withTargets(layered([2, 3, 2]).network), [], ROOMS[0]);
  assert.equal(scene.reshape({ ...ROOMS[0] }), false);
  const [x] = scene.x;
  assert.equal(scene.reshape(ROOMS[1]), true);
  assert.equal(scene.reshape(ROOMS[0]), true);
  assert.equal(scene.x[0], x);
});

test("what is selected is brought into sight", () => {
  const scene = new Scene(withTargets(layered([2, 30, 2]).network), [], ROOMS[0]);
  const element = { kind: "node", index: 20 };
  const box = boxOfElement(scene, element);
  assert.ok(!isInSight(box, [-500, -500, -10, -10]));
  assert.ok(isInSight(box, seenBox(filling(box, ROOMS[0]), ROOMS[0])));
  assert.equal(boxOfElement(new Scene(scene.network, [1]), element), null);
});

test("the arrow keys lead where they point, in every line", () => {
  const scene = new Scene(withTargets(layered([2, ...Array(12).fill(1), 2], { bias: false }).network), [], ROOMS[1]);
  const { nodes, connections } = scene.network;
  assert.ok(scene.plan.heading.length > 1);
  let seen = 0;
  connections.forEach(({ source, target }) => {
    if (scene.plan.lineOf[nodes[source].layer] !== scene.plan.lineOf[nodes[target].layer] || scene.network.outgoing[source].length > 1) return;
    const key = scene.x[target] > scene.x[source] ? "ArrowRight" : "ArrowLeft";
    const over = neighbour(scene, { kind: "node", index: source }, key);
    assert.equal(connections[over.index].source, source);
    assert.deepEqual(neighbour(scene, over, key), { kind: "node", index: target });
    seen += 1;
  });
  assert.ok(seen > 5);
});
