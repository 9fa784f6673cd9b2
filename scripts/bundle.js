// Bundles src into a few files of dist/src, beside the declarations that tsc has written there: a thread then loads three modules and not a hundred.
//
//   dist/src/index.js                 ─┐
//   dist/src/workers/thread-main.js   ─┼─▶ dist/src/core.js and other chunks      one copy of each module, whoever imports it
//   dist/src/patterns/fan-out/work.js ─┘
//
// Entries, which are reached by URL, keep their places. A chunk lies elsewhere than its sources did, so in it import.meta.url is written as the address
// the source would have had, seen from the top; code that lies below the top may not use it.

import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const [src, out] = [join(root, "src"), join(root, "dist", "src")];
const THREAD = join(src, "workers/thread-main.ts");
const ENTRIES = [
  "index.ts",
  "doctor/main.ts",
  "workers/bootstrap.js",
  "workers/thread-main.ts",
  "workers/pool/serve.ts",
  "workers/service/serve.ts",
  "patterns/fan-out/work.ts",
  "patterns/group-task.ts",
  "patterns/heartbeat/task.ts",
  "patterns/queue/consume.ts",
  "patterns/replicated/task.ts",
];

/** From src on, and without an ending. */
const placeOf = (file) => relative(src, file).replace(/\.[jt]s$/, "");
const places = new Set(ENTRIES.map((entry) => placeOf(join(src, entry))));

/** Sources in which HERE is the address of the source. It stands on the first line, so that the others keep their numbers. */
const placed = {
  name: "placed",
  transform(code, file) {
    const own = code.replace(/^ *(\*|\/\/).*$/gm, ""); // comments name files of their readers
    if (!file.startsWith(src) || !/(?<!")import\.meta\.url/.test(own)) return undefined;
    const place = placeOf(file);
    for (const [, url] of own.matchAll(/new URL\([^)]*"(\.[^"]+)\.js", import\.meta\.url\)/g)) {
      if (!places.has(join(place, "..", url))) throw new Error(`bundle: ${place} names ${url}, which is no entry`);
    }
    return { code: `const HERE = new URL("./${place}.js", import.meta["url"]).href;${code}`, map: null };
  },
};

/** All that a thread loads at its start, as one chunk. */
function core() {
  const members = new Set();
  return (file, graph) => {
    const add = (id) => {
      if (members.has(id)) return;
      members.add(id);
      for (const next of graph.getModuleInfo(id)?.importedIds ?? []) add(next);
    };
    if (members.size === 0) add(THREAD);
    return members.has(file) && file !== THREAD ? "core" : null;
  };
}

for (const file of readdirSync(out, { recursive: true })) if (/\.js(\.map)?$/.test(file)) rmSync(join(out, file));
const { output } = await build({
  cwd: root,
  input: Object.fromEntries(ENTRIES.map((entry) => [placeOf(join(src, entry)), join(src, entry)])),
  external: ["comlink", "piscina", /^tsx\//, /^node:/],
  platform: "node",
  plugins: [placed],
  transform: { target: "es2022", define: { "import.meta.url": "HERE" } },
  output: {
    dir: out,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: { groups: [{ name: core(), debugName: "core" }] },
  },
});
for (const { fileName, code } of output) {
  if (fileName.includes("/") && /\bHERE\b/.test(code)) throw new Error(`bundle: import.meta.url is used in ${fileName}, below the top`);
}
console.log(`bundle: ${output.filter((file) => file.type === "chunk").length} files`);
