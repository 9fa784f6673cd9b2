// Holds src to the house rules that can be read off the text: floors, no cycles, one sleeper, one importer of piscina and of comlink, file length,
// index files that only re-export, erasable TypeScript, AssemblyScript kept apart, a complete map.
//
//   node scripts/check-architecture.js [root]     prints one line per broken rule and exits 1 if there is any
//
// Plain Node, no dependency. `checkArchitecture(root)` answers the lines; test/architecture proves on made-up trees that every rule can fail.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const MAX_LINES = 300;
const TRANSITIONS = "src/runtime/memory/transitions/";
const GENERATED = "src/runtime/memory/generated/";
const SLEEPER = "src/runtime/memory/park.ts";

/** From the roof down. An arrow may only point to a lower floor, or stay inside its own noun; nouns of the top floor of src/runtime share it. */
const FLOORS = [
  { floor: "the doctor", rank: 95, match: /^src\/doctor\//, shared: true },
  { floor: "the roof", rank: 90, match: /^src\/[^/]+$/ },
  { floor: "patterns", rank: 80, match: /^src\/patterns\//, shared: true },
  { floor: "workers", rank: 70, match: /^src\/workers\//, shared: true },
  { floor: "runtime/index", rank: 60, match: /^src\/runtime\/index\.ts$/ },
  {
    floor: "select, context, timers, interop, lease",
    rank: 50,
    match: /^src\/runtime\/(select|context|timers|interop|lease)(\/|\.ts$)/,
    shared: true,
  },
  { floor: "channel, sync", rank: 40, match: /^src\/runtime\/(channel|sync)(\/|\.ts$)/ },
  { floor: "operation", rank: 30, match: /^src\/runtime\/operation(\/|\.ts$)/ },
  { floor: "memory", rank: 20, match: /^src\/runtime\/memory\// },
  { floor: "errors, deadline", rank: 10, match: /^src\/runtime\/(errors|deadline|clock|timer-wheel|together)\.ts$/, shared: true },
];

const floorOf = (file) => FLOORS.find(({ match }) => match.test(file));
/** The folder or file directly under src/runtime (or src) that a file belongs to. */
const nounOf = (file) =>
  file
    .split("/")
    .slice(0, file.startsWith("src/runtime/") ? 3 : 2)
    .join("/");

function walk(root, folder) {
  const at = join(root, folder);
  if (!existsSync(at)) return [];
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return walk(root, name);
    return /\.(ts|mts|js|mjs)$/.test(entry.name) ? [name] : [];
  });
}

/** The text without comments; strings stay, templates and regular expressions are emptied. Lines keep their numbers. */
export function withoutComments(text) {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:^|[(,=:[!&|?{};\n]|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g;
  return text.replace(token, (found) => {
    if (found[0] === '"' || found[0] === "'") return found;
    const blank = found.replace(/[^\n]/g, "");
    return found[0] === "`" ? `\`${blank}\`` : found.startsWith("//") || found.startsWith("/*") ? blank : `/ /${blank}`;
  });
}

const lineOf = (code, index) => code.slice(0, index).split("\n").length;

/** Everything a file imports or re-exports, types included: { specifier, line }. */
export function importsOf(code) {
  const statement =
    /(?:^|[;}\n])\s*(?:import|export)\b(?:[\w\s{},*$]|\btype\b)*?\bfrom\s*["']([^"']+)["']|(?:^|[;}\n])\s*import\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']/g;
  return [...code.matchAll(statement)].map((found) => ({
    specifier: found[1] ?? found[2] ?? found[3],
    line: lineOf(code, found.index + found[0].length),
  }));
}

function checkImport(file, specifier, target, where, say) {
  if (!specifier.startsWith(".")) return;
  if (file.startsWith(TRANSITIONS)) {
    if (!/^\.\/[\w-]+$/.test(specifier) && specifier !== "../layout")
      say(`${where}: a transition may import only "../layout" and its siblings, not "${specifier}"`);
    return;
  }
  if (target === undefined) return say(`${where}: "${specifier}" does not exist`);
  const [from, to] = [floorOf(file), floorOf(target)];
  if (!from || !to || from.rank > to.rank) return;
  if (from === to && (from.shared || nounOf(file) === nounOf(target))) return;
  say(`${where}: an arrow must point down, and ${nounOf(file)} (${from.floor}) imports ${nounOf(target)} (${to.floor})`);
}

/** The cycles of the import graph, each once, as a path. */
function cycles(graph) {
  const found = [];
  const state = new Map(); // 1: on the path, 2: done
  const path = [];
  function visit(file) {
    state.set(file, 1);
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 1) found.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    path.pop();
    state.set(file, 2);
  }
  for (const file of graph.keys()) if (!state.has(file)) visit(file);
  return found;
}

/** Only re-exports (or nothing) may stand in an index file. */
function isOnlyReexports(code) {
  return code.replace(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*["'][^"']+["']\s*;?/g, "").trim() === "";
}

const SYNTAX = [
  { name: "an enum", pattern: /(?:^|[;{}\n])\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+\s*\{/g },
  { name: "a parameter property", pattern: /\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly)\s+\w/g },
  { name: "a namespace", pattern: /(?:^|[;{}\n])\s*(?:export\s+)?(?:declare\s+)?(?:namespace|module)\s+\w+\s*\{/g },
  { name: "a using declaration", pattern: /(?:^|[;{}\n(])\s*(?:await\s+)?using\s+\w+\s*=/g },
];

function checkMap(root, files, say) {
  const map = join(root, "docs/MAP.md");
  if (!existsSync(map)) return;
  const text = readFileSync(map, "utf8");
  const named = new Set(text.match(/src\/[\w./-]+\.(?:ts|mts|js|mjs)\b/g) ?? []);
  for (const file of files) if (!file.startsWith(GENERATED) && !named.has(file)) say(`docs/MAP.md: ${file} has no line`);
  for (const file of named) if (!file.startsWith(GENERATED) && !files.includes(file)) say(`docs/MAP.md: ${file} does not exist`);
}

export function checkArchitecture(root) {
  const problems = [];
  const say = (line) => void problems.push(line);
  const files = walk(root, "src").sort();
  const known = new Set(files);
  const graph = new Map();
  const sleepers = [];
  const importers = { piscina: [], comlink: [] };

  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    const code = withoutComments(text);
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    if (!file.startsWith(GENERATED) && lines > MAX_LINES) say(`${file}: ${lines} lines, at most ${MAX_LINES} allowed; split it by noun`);
    if (!floorOf(file)) say(`${file}: stands on no floor; give it one in scripts/check-architecture.js and in the architecture page`);
    if (/(^|\/)index\.ts$/.test(file) && !isOnlyReexports(code)) say(`${file}: an index file only re-exports`);
    for (const { name, pattern } of SYNTAX) {
      for (const found of code.matchAll(pattern))
        say(`${file}:${lineOf(code, found.index + found[0].length)}: ${name} is not erasable syntax`);
    }
    if (/\bAtomics\s*\.\s*(?:wait|waitAsync)\s*\(|\bAtomics\s*\[|\{[^{}]*\bwait(?:Async)?\b[^{}]*\}\s*=\s*Atomics\b/.test(code))
      sleepers.push(file);
    const arrows = [];
    for (const { specifier, line } of importsOf(code)) {
      const where = `${file}:${line}`;
      const target = specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : undefined;
      const resolved = target === undefined ? undefined : [target, `${target}.ts`].find((name) => known.has(name));
      if (resolved) arrows.push(resolved);
      // The generated bytes are not in git: a checkout that was not built yet lacks them.
      checkImport(file, specifier, resolved ?? (target?.startsWith(GENERATED) ? target : undefined), where, say);
      for (const name of Object.keys(importers)) if (specifier === name || specifier.startsWith(`${name}/`)) importers[name].push(file);
      if (specifier.startsWith("comlink/")) say(`${where}: import only "comlink" itself; its other files are second copies`);
    }
    graph.set(file, arrows);
  }

  for (const cycle of cycles(graph)) say(`a cycle: ${cycle.join(" → ")}`);
  if (sleepers.length !== 1 || sleepers[0] !== SLEEPER) {
    say(`one sleeper: Atomics.wait and waitAsync belong in ${SLEEPER} alone, found in ${sleepers.join(", ") || "no file"}`);
  }
  const importing = (name) => [...new Set(importers[name])];
  if (importing("piscina").length > 1 || (known.has("src/index.ts") && importing("piscina").length !== 1)) {
    say(`exactly one file imports piscina, found ${importing("piscina").join(", ") || "none"}`);
  }
  if (importing("comlink").length > 1) say(`one file at most imports comlink, found ${importing("comlink").join(", ")}`);
  checkMap(root, files, say);
  return problems;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
  const problems = checkArchitecture(root);
  for (const line of problems) console.error(line);
  if (problems.length > 0) process.exitCode = 1;
  else
    console.log(
      `architecture: ${walk(root, "src").length} files of ${relative(process.cwd(), root).split(sep).join("/") || "."} keep the rules`,
    );
}
