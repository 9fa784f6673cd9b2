// What must work in a project that has installed the package. Each answers something to report, or throws.

import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { readmeExample, withoutTypes } from "./project.js";
import { recipes } from "./recipes.js";

const EXPECTED = "499500";
const STRICT = [
  "--ignoreConfig",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--skipLibCheck",
  "false",
  "--target",
  "es2022",
  "--lib",
  "es2022", // and no dom
  "--types",
  "node",
];
const POOLS = ["forks", "threads", "vmThreads"];

function expect(what, seen, wanted) {
  if (seen !== wanted) throw new Error(`${what}: expected ${wanted}, got ${seen}`);
}

/** Few packages, and none of them runs anything at its install. */
export async function install(project, tarball) {
  await project.install(tarball);
  expect("packages with install scripts", project.withInstallScripts().join(", "), "");
  const names = project.packages().map(({ name }) => name);
  for (const name of names) {
    if (!/^(heddle|piscina|comlink|@napi-rs\/nice.*)$/.test(name)) throw new Error(`a dependency that was not there before: ${name}`);
  }
  return { packages: names.length };
}

/** The README's example, without types. */
export async function javascript(project) {
  for (const [name, code] of Object.entries(readmeExample())) project.write(`js/${name.replace(/ts$/, "js")}`, withoutTypes(code));
  expect("the example's output", await project.node("js/main.js"), EXPECTED);
}

/** From CommonJS: every supported Node can require an ES module that has no top-level await. */
export async function required(project) {
  project.take("required.cjs");
  expect("what the CommonJS program prints", await project.node("required.cjs"), EXPECTED);
}

/** The README's example, compiled as two kinds of project compile it, with all declarations checked; then run. */
export async function typescript(project) {
  project.borrow("typescript", "@types/node", "undici-types");
  for (const [name, code] of Object.entries(readmeExample())) project.write(`ts/${name}`, code);
  const tsc = (...args) => project.node("node_modules/typescript/bin/tsc", ...STRICT, ...args, "ts/main.ts", "ts/jobs.ts");
  await tsc("--module", "nodenext", "--moduleResolution", "nodenext", "--outDir", "compiled");
  await tsc("--module", "esnext", "--moduleResolution", "bundler", "--noEmit");
  expect("the compiled example's output", await project.node("compiled/main.js"), EXPECTED);
}

/** Importing, starting and closing leave the process as it was. */
export async function untouched(project) {
  project.take("jobs.js");
  project.take("untouched.js");
  return JSON.parse(await project.node("untouched.js"));
}

/** Two runtimes, and two copies of the package, in one process. */
export async function copies(project) {
  project.take("jobs.js");
  project.take("copies.js");
  const copy = join(project.folder, "other", "node_modules", "heddle");
  if (!existsSync(copy)) cpSync(join(project.folder, "node_modules", "heddle"), copy, { recursive: true });
  expect("what the copies print", await project.node("copies.js"), "ok");
}

/** The command that the package brings. */
export async function doctor(project) {
  const { ok, findings } = JSON.parse(await project.run("npx", ["--no-install", "heddle", "doctor", "--json"]));
  expect("the doctor's verdict", ok, true);
  return { warnings: findings.filter(({ verdict }) => verdict === "warn").map(({ name }) => name) };
}

/** A user's tests under each pool of vitest. */
export async function vitest(project) {
  project.borrow("vitest");
  project.take("jobs.js");
  project.take("user.test.js");
  for (const pool of POOLS) await project.node("node_modules/vitest/vitest.mjs", "run", "--pool", pool, "user.test.js");
  return { pools: POOLS };
}

export const SHORT = { install, javascript, required, typescript, untouched, copies, recipes };
export const ALL = { ...SHORT, doctor, vitest };
