// The recipes, followed by the letter: copied, built, and what was built is run.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./project.js";

const BUILDERS = { esbuild: ["build.js"], vite: ["../node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"] };
/** Primes below 10,000. */
const EXPECTED = "1229";

/** Builds each recipe in a folder of its own below the project, which has installed the package. */
export async function recipes(project) {
  for (const [name, command] of Object.entries(BUILDERS)) {
    project.borrow(name);
    cpSync(join(ROOT, "recipes", name), join(project.folder, name), { recursive: true });
    const folder = project.below(name);
    await folder.node(...command);
    const printed = await folder.node("dist/main.js");
    if (printed !== EXPECTED) throw new Error(`the service built with ${name}: expected ${EXPECTED}, got ${printed}`);
  }
  return { builders: Object.keys(BUILDERS) };
}
