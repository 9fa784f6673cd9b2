// npm run docs: every page is there, every link inside the site leads somewhere, nothing is asked of another host, and the reference is whole.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readApi, undocumented } from "../../scripts/docs/api.js";
import { buildSite } from "../../scripts/docs/site.js";
import * as heddle from "../../src/index.ts";
import { pages, ROOT } from "./blocks.ts";

const out = `${ROOT}.cache/site-test`;
const declarations = `${ROOT}.cache/site-test-types`;
let made: string[] = [];
const html = (page: string) => readFileSync(`${out}/${page}`, "utf8");

beforeAll(() => {
  made = buildSite(out, declarations);
}, 120_000);
afterAll(() => {
  for (const folder of [out, declarations]) rmSync(folder, { recursive: true, force: true });
});

describe("the site", () => {
  it("has every page, and the reference", () => {
    expect(made.filter((page) => !page.startsWith("api/")).length).toBe(pages().length);
    expect(made).toContain("api/index.html");
    for (const page of made) expect(html(page)).toMatch(/<h1[ >]/);
  });

  it("has no dead link", () => {
    const ids = new Map(made.map((page) => [page, new Set([...html(page).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))]));
    const dead = made.flatMap((page) =>
      [...html(page).matchAll(/<a [^>]*href="([^"]+)"/g)]
        .map(([, href]) => href!)
        .filter((href) => !/^[a-z]+:/.test(href))
        .filter((href) => {
          const [path, id] = href.split("#") as [string, string?];
          const target = path === "" ? page : join(dirname(page), path);
          return !ids.has(target) || (id !== undefined && !ids.get(target)!.has(id));
        })
        .map((href) => `${page}: ${href}`),
    );
    expect(dead).toEqual([]);
  });

  it("asks nothing of another host", () => {
    for (const page of made) {
      const loaded = [...html(page).matchAll(/<(?:link|script|img|iframe)\b[^>]*?(?:href|src)="([^"]+)"/g)].map(([, url]) => url!);
      expect(loaded.filter((url) => !existsSync(join(out, dirname(page), url)))).toEqual([]);
    }
    for (const file of readdirSync(out)) if (/\.(?:css|js)$/.test(file)) expect(html(file)).not.toMatch(/https?:|@import|url\(/);
  });
});

describe("the reference", () => {
  it("has every value that the package exports", () => {
    const named = new Set(readApi(declarations).map(({ name }) => name));
    expect(Object.keys(heddle).filter((name) => !named.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(200);
  });

  it("says something of every name and every method", () => {
    expect(undocumented(readApi(declarations))).toEqual([]);
  });
});
