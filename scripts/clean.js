// Removes folders below the repository's root, named on the command line.

import { rmSync } from "node:fs";

for (const name of process.argv.slice(2)) {
  if (!/^[a-z]+$/.test(name)) throw new Error(`clean: expected the plain name of a folder, got ${name}`);
  rmSync(new URL(`../${name}/`, import.meta.url), { recursive: true, force: true });
}
