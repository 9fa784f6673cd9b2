// THIRD-PARTY.md: what the package needs at run time, with the licences, read from node_modules.
//
//   node scripts/docs/third-party.js           writes it
//   node scripts/docs/third-party.js --check   writes nothing, and exits 1 if it is not as it should be

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
/** What asks nothing but that its text is kept. Another licence wants a look by a person. */
const KNOWN = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"];

const INSTALLED = "";
const OPTIONAL = "optional";
/** Its code is part of ours: scripts/bundle.js. */
const BUNDLED = "inside Heddle's own files";

const packageOf = (folder) => JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));

/** The folder from which `name` would be loaded by a module in `from`; undefined: an optional one for another system. */
function find(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = `${at}/node_modules/${name}`;
    if (existsSync(folder)) return folder;
    if (at === dirname(at)) return undefined;
  }
}

/** The packages that the sources import, types not counted. */
function imported(root) {
  const files = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" }).filter((name) => /\.[jt]s$/.test(name));
  const names = files.flatMap((name) => {
    const code = readFileSync(`${root}/src/${name}`, "utf8");
    return [...code.matchAll(/^(?:import|export) (?!type )[^;]*? from "(?!node:|\.)((?:@[^/"]+\/)?[^/"]+)/gm)].map(
      ([, specifier]) => specifier,
    );
  });
  return [...new Set(names)].sort();
}

/** Every package that comes with Heddle, each once, by name. Optional ones are named whether this system has them or not. */
export function dependencies(root = ROOT) {
  const found = new Map();
  const visit = (folder, name, how) => {
    const { version, license, dependencies: needs = {}, optionalDependencies: may = {} } = packageOf(folder);
    const key = `${name}@${version}`;
    if (found.has(key)) return;
    if (!KNOWN.includes(license)) throw new Error(`${key}: expected a licence of ${KNOWN.join(", ")}, got ${license}`);
    const file = readdirSync(folder).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(`${folder}/${file}`, "utf8").replace(/\r/g, "").trim() : undefined;
    found.set(key, { name, version, license, how, text });
    if (how === BUNDLED) return;
    for (const other of Object.keys({ ...needs, ...may }).sort()) {
      const there = find(other, folder);
      const mayLack = other in may || how === OPTIONAL;
      if (there) visit(there, other, mayLack ? OPTIONAL : INSTALLED);
      else if (!mayLack) throw new Error(`${key} needs ${other}, which is not installed`);
    }
  };
  const { dependencies: installed } = packageOf(root);
  for (const name of Object.keys(installed).sort()) visit(find(name, root), name, INSTALLED);
  for (const name of imported(root)) if (!(name in installed)) visit(find(name, root), name, BUNDLED);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function pageOf(list) {
  const isOfOneSystem = ({ name }) => /-(?:linux|darwin|win32|freebsd|android|wasm32)(?:-|$)/.test(name);
  const shown = list.filter((one) => !isOfOneSystem(one));
  return [
    "# Third parties",
    "",
    "Made from what is installed by `node scripts/docs/third-party.js`; not edited by hand. These packages come with Heddle, under their own licences, which follow.",
    "Optional ones bring files for the system they are installed on, under the same licence.",
    "",
    "| package | version | licence | |",
    "|---|---|---|---|",
    ...shown.map(({ name, version, license, how }) => `| ${name} | ${version} | ${license} | ${how} |`),
    "",
    ...shown.flatMap(({ name, license, text }) => [
      `## ${name}`,
      "",
      text ? `\`\`\`text\n${text}\n\`\`\`` : `${license}; the package brings no text of it.`,
      "",
    ]),
  ].join("\n");
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const file = `${ROOT}/THIRD-PARTY.md`;
  const made = pageOf(dependencies());
  const isSame = existsSync(file) && readFileSync(file, "utf8") === made;
  if (!isSame && process.argv.includes("--check")) {
    console.error("THIRD-PARTY.md is not what is installed: node scripts/docs/third-party.js makes it so");
    process.exitCode = 1;
  } else if (!isSame) writeFileSync(file, made);
}
