/**
 * Modules: for each module of a job one that stands for it, whose functions note when they are at work.
 *
 * It is a `data:` URL, so nothing is written anywhere. It has to name the functions it notes, and they are read off the source, which need not be loaded for
 * that; what is exported in another way than as a function is there too, and not noted.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sibling } from "../../lab/bare/sibling.ts";

const CALLS = sibling("calls", import.meta.url).href;
const FUNCTIONS = /^export (?:async )?function\*? ?([\w$]+)/gm;

export class Modules {
  readonly #standIns = new Map<string, string>();
  /** The functions by number. */
  readonly names: string[] = [];

  /** The URL of the module to load instead of the one at `url`. */
  urlFor(url: URL | string): string {
    const { href } = new URL(url);
    const own = existsSync(fileURLToPath(href)) ? href : href.replace(/\.js$/, ".ts"); // as the library takes it
    const standIn = this.#standIns.get(own) ?? this.#make(own);
    this.#standIns.set(own, standIn);
    return standIn;
  }

  #make(url: string): string {
    const functions = [...readFileSync(fileURLToPath(url), "utf8").matchAll(FUNCTIONS)].map(([, name]) => name!);
    const lines = functions.map((name) => `export const ${name} = noted(${this.names.push(name) - 1}, made.${name});`);
    const text = [`import * as made from "${url}";`, `import { noted } from "${CALLS}";`, `export * from "${url}";`, ...lines].join("\n");
    return `data:text/javascript,${encodeURIComponent(text)}`;
  }
}
