// The program and every task module are entries of their own, side by side as their sources are; packages stay where they are installed.

import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts", "src/jobs.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  sourcemap: true,
});
