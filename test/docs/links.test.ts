// No link of the documentation is dead: files, headings, and the paths it names in passing.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import GithubSlugger from "github-slugger";
import { describe, expect, it } from "vitest";
import { pages, ROOT, textOf } from "./blocks.ts";

const FOLDERS = "src|test|docs|scripts|bench|examples|model|recipes";
/** Made by a command, so not there in every checkout. */
const MADE = ["src/runtime/memory/generated/"];

const withoutCode = (text: string) => text.replace(/^ *```[\s\S]*?^ *```$/gm, "");

function anchorsOf(page: string): Set<string> {
  const slugger = new GithubSlugger();
  const headings = withoutCode(textOf(page)).matchAll(/^#{1,6} +(.+?) *#*$/gm);
  const plain = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
  const ids = textOf(page).matchAll(/\bid="([^"]+)"/g);
  return new Set([...[...headings].map(([, text]) => slugger.slug(plain(text!))), ...[...ids].map(([, id]) => id!)]);
}

/** Inline links and images, without those in code. */
function linksOf(page: string): string[] {
  const text = withoutCode(textOf(page)).replace(/`[^`\n]*`/g, "``");
  return [...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target]) => target!);
}

function isDead(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return false;
  const [path, anchor] = target.split("#") as [string, string?];
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(`${ROOT}/${file}`)) return true;
  return anchor !== undefined && !(file.endsWith(".md") && anchorsOf(file).has(anchor));
}

describe("links of the documentation", () => {
  it("lead to files and headings that are there", () => {
    const links = pages().flatMap((page) => linksOf(page).map((target) => ({ page, target })));
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter(({ page, target }) => isDead(page, target))).toEqual([]);
  });

  it("docs/MAP.md names every page", () => {
    const map = textOf("docs/MAP.md");
    const ofFolders = ["decisions/", "patterns/", "MAP.md"];
    const names = pages().flatMap((page) => /^docs\/(.+)$/.exec(page)?.[1] ?? []);
    expect(names.filter((name) => !ofFolders.some((folder) => name.startsWith(folder)) && !map.includes(`\`${name}\``))).toEqual([]);
  });

  it("and so do the paths it names", () => {
    const path = new RegExp(`\`((?:${FOLDERS})/[\\w./-]+(?:/|\\.\\w+))\``, "g");
    const named = pages().flatMap((page) => [...textOf(page).matchAll(path)].map(([, file]) => ({ page, file: file! })));
    expect(named.length).toBeGreaterThan(300);
    expect(named.filter(({ file }) => !existsSync(`${ROOT}/${file}`) && !MADE.some((made) => file.startsWith(made)))).toEqual([]);
  });
});
