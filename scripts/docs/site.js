// The documentation as a static site: npm run docs, into site/.
//
//   README.md, docs/**/*.md, CHANGELOG.md, SECURITY.md, THIRD-PARTY.md ─▶ a page each
//   the declarations that tsc emits, with their doc comments           ─▶ api/*.html
//
// Everything lies in the folder: no page asks another host for anything.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { emitDeclarations, ROOT, readApi } from "./api.js";
import { grouped } from "./groups.js";
import { escaped, render } from "./markdown.js";
import { groupHtml, indexHtml } from "./reference.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The bar of every page, by section. */
const NAVIGATION = {
  Start: ["README.md", "docs/guide.md", "docs/when-not-to.md", "docs/from-go.md", "docs/errors.md", "docs/glossary.md"],
  Use: [
    "docs/channels.md",
    "docs/context.md",
    "docs/sync.md",
    "docs/pool.md",
    "docs/leased-queue.md",
    "docs/services.md",
    "docs/supervision.md",
    "docs/patterns/README.md",
    "docs/inspect.md",
  ],
  "What holds": [
    "docs/reliability.md",
    "docs/platform.md",
    "docs/benchmarks.md",
    "docs/lab.md",
    "docs/core.md",
    "docs/model.md",
    "SECURITY.md",
    "CHANGELOG.md",
  ],
};

/** Pages of the repository, and where each lies on the site. */
function sources() {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(`${ROOT}/docs`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  const pages = [...top, ...docs.map((name) => `docs/${name.replaceAll("\\", "/")}`)];
  return new Map(
    pages.map((page) => [
      page,
      page
        .replace(/^docs\//, "")
        .replace(/README\.md$/, "index.md")
        .replace(/\.md$/, ".html"),
    ]),
  );
}

const up = (path) => "../".repeat(path.split("/").length - 1);

function linker(page, places) {
  const relativeTo = (target) => posix.relative(posix.dirname(places.get(page)), target);
  return (href) => {
    const [path, anchor] = href.split("#");
    const there = places.get(posix.normalize(posix.join(posix.dirname(page), path)));
    return there && relativeTo(there) + (anchor ? `#${anchor}` : "");
  };
}

function shell(path, title, body, navigation) {
  const root = up(path);
  const sections = navigation.map(
    ([name, links]) =>
      `<h4>${name}</h4>\n<ul>${links.map(([to, text]) => `<li><a href="${root}${to}"${to === path ? ' aria-current="page"' : ""}>${escaped(text)}</a></li>`).join("")}</ul>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}${title === "Heddle" ? "" : " · Heddle"}</title>
<link rel="stylesheet" href="${root}style.css">
<nav>${sections.join("\n")}</nav>
<main>
${body}
</main>
</html>
`;
}

/** Builds the site into `out`; answers the paths of its pages. */
export function buildSite(out, declarations) {
  emitDeclarations(declarations);
  const groups = grouped(readApi(declarations));
  const place = new Map(groups.flatMap(({ id, entries }) => entries.map(({ name }) => [name, `${id}.html#${name}`])));
  const placeOf = (name) => place.get(name);
  const places = sources();
  const pages = new Map(); // path → { title, body }

  for (const [page, path] of places) {
    const { html, title } = render(readFileSync(`${ROOT}/${page}`, "utf8"), linker(page, places));
    pages.set(path, { title, body: html });
  }
  pages.set("api/index.html", { title: "API reference", body: indexHtml(groups, placeOf) });
  for (const group of groups) pages.set(`api/${group.id}.html`, { title: group.title, body: groupHtml(group, placeOf) });

  const titled = (path) => [path, pages.get(path).title];
  const navigation = [
    ...Object.entries(NAVIGATION).map(([name, list]) => [name, list.map((page) => titled(places.get(page)))]),
    ["Reference", [titled("api/index.html"), ...groups.map(({ id }) => titled(`api/${id}.html`))]],
  ];
  rmSync(out, { recursive: true, force: true });
  for (const [path, { title, body }] of pages) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), shell(path, title, body, navigation));
  }
  for (const file of ["style.css", "filter.js"]) copyFileSync(join(HERE, "assets", file), join(out, file));
  return [...pages.keys()];
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const pages = buildSite(join(ROOT, "site"), join(ROOT, ".cache", "docs-types"));
  console.log(`site/index.html: ${pages.length} pages`);
}
