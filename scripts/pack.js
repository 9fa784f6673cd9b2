// Packs what a user installs, in a folder of its own, so that dist/ and package.json stay as they are: the build, the sources its maps point to, and a
// package.json without what concerns this repository only. A script there, `prepare` among them, would have package managers warn of it.
//
//   node scripts/pack.js [folder]      prints the path of the tarball, which lies in the folder (default: .cache/package)

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const NEEDED = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts",
  "src",
  "LICENSE",
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "THIRD-PARTY.md",
];
const REPOSITORY_ONLY = ["scripts", "devDependencies", "overrides"];

/** Builds and packs; answers the path of the tarball. */
export function pack(folder) {
  const stage = mkdtempSync(join(realpathSync(tmpdir()), "heddle-pack-"));
  try {
    for (const name of NEEDED) if (existsSync(join(root, name))) cpSync(join(root, name), join(stage, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(stage, "node_modules"), "junction");
    execFileSync(npm, ["run", "--silent", "build"], { cwd: stage, stdio: ["ignore", 2, 2] });
    const manifest = JSON.parse(readFileSync(join(stage, "package.json"), "utf8"));
    for (const field of REPOSITORY_ONLY) delete manifest[field];
    writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    mkdirSync(folder, { recursive: true });
    const [{ filename }] = JSON.parse(
      execFileSync(npm, ["pack", "--json", "--pack-destination", resolve(folder)], { cwd: stage, encoding: "utf8" }),
    );
    return join(resolve(folder), filename);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(pack(process.argv[2] ?? join(root, ".cache", "package")));
}
