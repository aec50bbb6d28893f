// Writes what ships: bundle.js, style.css and LICENSES.txt. The same sources give the same bytes.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";

// Zooming asks for animations, which are not used, and which are as large as all the rest of it.
const alias = { "d3-transition": "./src/still.js", "d3-interpolate": "./src/still.js" };
const common = { bundle: true, alias, minify: true, target: "es2022", charset: "utf8", legalComments: "none", metafile: true };

// A page is one file: the worker's script travels in it as text.
const worker = await build({ ...common, entryPoints: ["src/training/worker.js"], format: "iife", write: false });
const define = { WORKER_SCRIPT: JSON.stringify(worker.outputFiles[0].text) };
const script = await build({ ...common, entryPoints: ["src/main.js"], format: "esm", outfile: "bundle.js", define });
const style = await build({ ...common, entryPoints: ["src/style.css"], outfile: "style.css" });

const inputs = [script, style, worker].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = new Set(inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean));
const parts = ["bundle.js and style.css contain, besides nodesim's own code, the following packages."];
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const licence = await readFile(`node_modules/${name}/LICENSE`, "utf8");
  parts.push(`${"=".repeat(80)}\n${name} ${version}\n${"=".repeat(80)}\n${licence.trim()}`);
}
await writeFile("LICENSES.txt", `${parts.join("\n\n")}\n`);
