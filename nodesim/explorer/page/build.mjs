// Writes what ships: bundle.js, style.css and LICENSES.txt. The same sources give the same bytes.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

// Zooming asks for animations, which are not used, and which are as large as all the rest of it.
const alias = { "d3-transition": "./src/still.js", "d3-interpolate": "./src/still.js" };
const common = { bundle: true, alias, minify: true, target: "es2022", charset: "utf8", legalComments: "none", metafile: true };

// A page is one file, and says everything once: what both page and worker need stands in one function, `make`. The page
// calls it, and the worker's script is its source. So the modules of the worker are built first, by themselves.
const WORKER = "src/training/worker.js";
const ofWorker = Object.keys((await build({ ...common, entryPoints: [WORKER], format: "esm", write: false })).metafile.inputs);
const { wanted, metafile: needs } = await wantedOf(ofWorker);
const list = [["serve", WORKER], ...wanted];
const lines = list.map(([name, file], place) => `import { ${name} as n${place} } from "./${file}";`);
const made = `${lines.join("\n")}\nexport const list = [${list.map((_, place) => `n${place}`).join()}];`;
const shared = await build({ ...common, stdin: { contents: made, resolveDir: "." }, format: "esm", write: false });
const body = shared.outputFiles[0].text.replace(/export\s*\{(\w+) as list\};?\s*$/, "return $1;");
if (!/return \w+;$/.test(body)) throw new Error("the list of what page and worker share was not found");

const script = await build({ ...common, entryPoints: ["src/main.js"], format: "esm", outfile: "bundle.js", plugins: [once()], inject: ["worker:script"] });
const style = await build({ ...common, entryPoints: ["src/style.css"], outfile: "style.css" });

const inputs = [needs, script.metafile, style.metafile].flatMap((metafile) => Object.keys(metafile.inputs));
const packages = new Set(inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean));
const parts = ["bundle.js and style.css contain, besides nodesim's own code, the following packages."];
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const licence = await readFile(`node_modules/${name}/LICENSE`, "utf8");
  parts.push(`${"=".repeat(80)}\n${name} ${version}\n${"=".repeat(80)}\n${licence.trim()}`);
}
await writeFile("LICENSES.txt", `${parts.join("\n\n")}\n`);

/** What the rest of the page imports from modules of the worker: pairs of name and file. */
async function wantedOf(files) {
  const { metafile } = await build({ ...common, entryPoints: ["src/main.js"], format: "esm", write: false });
  const found = new Map();
  for (const file of Object.keys(metafile.inputs).filter((each) => each.startsWith("src/") && each.endsWith(".js") && !files.includes(each))) {
    const text = await readFile(file, "utf8");
    for (const [, names, from] of text.matchAll(/^(?:import|export)\s+([^;"]*?)\s*from\s+"(\.[^"]*)";/gm)) {
      const to = path.posix.join(path.posix.dirname(file), from);
      if (!files.includes(to)) continue;
      if (!/^\{[^}]*\}$/.test(names)) throw new Error(`${file}: import names from ${to} in braces, since it travels in the worker`);
      for (const each of names.slice(1, -1).split(",").filter((name) => name.trim())) {
        const name = each.trim().split(/\s+as\s+/)[0];
        found.set(`${to} ${name}`, [name, to]);
      }
    }
  }
  return { wanted: [...found.values()], metafile };
}

/** Modules of the worker give what `make` returns; `WORKER_SCRIPT` is its source. */
function once() {
  const files = new Map(ofWorker.map((file) => [path.resolve(file), file]));
  const own = {
    "worker:make": `export function make() {${body}}\nexport const [${list.map((_, place) => `n${place}`)}] = make();`,
    "worker:script": 'import { make } from "worker:make";\nexport const WORKER_SCRIPT = `"use strict";(${make})()[0]();`;',
  };
  return {
    name: "once",
    setup(made) {
      made.onResolve({ filter: /^worker:/ }, ({ path: name }) => ({ path: name, namespace: "worker" }));
      made.onLoad({ filter: /./, namespace: "worker" }, ({ path: name }) => ({ contents: own[name] }));
      made.onLoad({ filter: /\.js$/ }, ({ path: file }) => {
        if (!files.has(file)) return undefined;
        const given = list.flatMap(([name, from], place) => (from === files.get(file) ? [`n${place} as ${name}`] : []));
        return { contents: `export { ${given.join(", ")} } from "worker:make";` };
      });
    },
  };
}
