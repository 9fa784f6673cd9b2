// A project as a new user has it: an empty folder, the packed tarball installed into it, and the example of the README pasted in.

import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];
const LIMIT_MS = 240_000;

/** The code blocks of the README that begin with the name of a file, by that name. */
export function readmeExample(readme = readFileSync(join(ROOT, "README.md"), "utf8")) {
  const files = {};
  for (const [, name, code] of readme.matchAll(/```ts\n(?=\/\/ ([\w-]+\.ts)\b)([\s\S]*?)```/g)) files[name] = code;
  if (!files["main.ts"] || !files["jobs.ts"]) throw new Error("expected the README to show a jobs.ts and a main.ts");
  return files;
}

/** The example without its types, as who writes JavaScript pastes it. */
export function withoutTypes(code) {
  return code
    .replace(/^import type .*\n/gm, "")
    .replace(/<typeof import\([^)]*\)>/g, "")
    .replace(/\): Promise<void>/g, ")")
    .replace(/(\w): (?:Sender<number>|number)(?=[,)])/g, "$1");
}

export class Project {
  constructor(folder) {
    this.folder = folder;
  }

  static create() {
    const project = new Project(mkdtempSync(join(realpathSync(tmpdir()), "heddle-package-")));
    project.write("package.json", '{ "name": "a-project", "private": true, "type": "module" }\n');
    return project;
  }

  /** A folder of it, whose programs find what the project has installed. */
  below(name) {
    return new Project(join(this.folder, name));
  }

  write(name, text) {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Copies a file that lies ready. */
  take(name) {
    cpSync(join(FIXTURES, name), join(this.folder, name));
  }

  /** Lends packages of the repository, so that nothing but the tarball's own dependencies has to be fetched. */
  borrow(...names) {
    for (const name of names) {
      const to = join(this.folder, "node_modules", name);
      mkdirSync(dirname(to), { recursive: true });
      if (!existsSync(to)) symlinkSync(join(ROOT, "node_modules", name), to, "junction");
    }
  }

  /** Runs a program in the folder; its output. Throws with both streams when it fails. */
  run(program, args, env = {}) {
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
    return new Promise((done, fail) => {
      execFile(
        program,
        args,
        { cwd: this.folder, env: { ...process.env, NODE_OPTIONS: "", ...env, PATH }, timeout: LIMIT_MS, killSignal: "SIGKILL" },
        (error, stdout, stderr) => {
          if (!error) return done(stdout.trim());
          const how = error.killed ? "took too long" : `failed (${error.code ?? error.signal})`;
          fail(new Error(`${[program, ...args].join(" ").slice(0, 200)} ${how}\n${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`));
        },
      );
    });
  }

  node(...args) {
    return this.run(process.execPath, args);
  }

  install(tarball) {
    return this.run(npm, ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball]);
  }

  /** The manifests of all that was installed. */
  packages() {
    const home = join(this.folder, "node_modules");
    const names = readdirSync(home).filter((name) => !name.startsWith("."));
    const all = names.flatMap((name) => (name.startsWith("@") ? readdirSync(join(home, name)).map((inner) => `${name}/${inner}`) : [name]));
    return all.map((name) => JSON.parse(readFileSync(join(home, name, "package.json"), "utf8")));
  }

  /** Those of them that would run something at an install. A dependency's `prepare` is not run then, ours is warned of. */
  withInstallScripts() {
    const scripts = (manifest) => (manifest.name === "heddle" ? INSTALL_SCRIPTS : INSTALL_SCRIPTS.slice(0, 3));
    return this.packages()
      .filter((manifest) => scripts(manifest).some((script) => manifest.scripts?.[script]))
      .map(({ name }) => name);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
