// Writes what npm run matrix:package found into docs/platform.md, between the two marks there.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ALL } from "./checks.js";
import { ROOT } from "./project.js";

const PAGE = join(ROOT, "docs/platform.md");
const MARKS = /(<!-- package -->\n)[\s\S]*?(<!-- \/package -->)/;
const COLUMNS = {
  install: "installed, nothing run",
  javascript: "JavaScript",
  required: "`require`",
  typescript: "TypeScript: nodenext, bundler",
  untouched: "nothing global changed",
  copies: "two runtimes, two copies",
  recipes: "recipes: esbuild, Vite",
  doctor: "`heddle doctor`",
  vitest: "vitest: forks, threads, vmThreads",
};

const { runs, platform } = JSON.parse(readFileSync(join(ROOT, "report/package.json"), "utf8"));
const names = Object.keys(ALL);
const cell = (result) =>
  result === undefined ? "not run" : result.ok ? (result.warnings?.length ? `yes; warns of ${result.warnings}` : "yes") : "**no**";
const row = (cells) => `| ${cells.join(" | ")} |`;
const rows = runs.map(({ version, requested, json }) =>
  row([version?.slice(1) ?? `${requested}: not run`, ...names.map((name) => cell(json?.results[name]))]),
);
const table = [row([`Node, ${platform}`, ...names.map((name) => COLUMNS[name])]), row(["---", ...names.map(() => "---")]), ...rows].join(
  "\n",
);

const page = readFileSync(PAGE, "utf8");
if (!MARKS.test(page)) throw new Error(`expected <!-- package --> and <!-- /package --> in ${PAGE}`);
writeFileSync(
  PAGE,
  page.replace(MARKS, (_, open, close) => `${open}${table}\n${close}`),
);
