// The program and every task module are entries of their own, side by side as their sources are; a build for the server leaves packages where they are.

import { defineConfig } from "vite";

export default defineConfig({
  build: {
    ssr: true,
    target: "node20.19",
    sourcemap: true,
    rolldownOptions: {
      input: { main: "src/main.ts", jobs: "src/jobs.ts" },
      output: { entryFileNames: "[name].js" },
    },
  },
});
