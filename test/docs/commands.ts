// The commands of a shell block, and whether they can be meant: the script, the file, the program is there.

import type { Block } from "./blocks.ts";

export interface Command {
  readonly where: string;
  readonly words: readonly string[];
}

/** Programs that a reader has, or that the page has told to install. */
const KNOWN = ["curl", "cd", "mkdir", "git", "kill", "export", "docker"];
const OF_NPM = ["ci", "install", "init", "start", "test", "pack", "publish"];
const OF_NPX = ["heddle", "tsx", "autocannon"];

/** Comments and pipes fall away; `a && b` are two. */
export function commandsOf({ page, line, code }: Block): Command[] {
  return code.split("\n").flatMap((text, n) =>
    text
      .replace(/(^|\s)#.*$/, "")
      .split(/&&|\||;/)
      .map((part) =>
        part
          .trim()
          .split(/\s+/)
          .filter((word) => word !== "" && !/^[A-Z_]+=/.test(word)),
      )
      .filter((words) => words.length > 0)
      .map((words) => ({ where: `${page}:${line + 1 + n}`, words })),
  );
}

/** What is wrong with it, or undefined. */
export function problemOf(
  { where, words }: Command,
  scripts: Record<string, string>,
  exists: (path: string) => boolean,
): string | undefined {
  const [program, first = "", second = ""] = words;
  const isRight =
    program === "npm"
      ? OF_NPM.includes(first) || (first === "run" && (second in scripts || second.startsWith("--")))
      : program === "npx"
        ? OF_NPX.includes(first) || exists(`node_modules/.bin/${first}`)
        : program === "node"
          ? exists(words.slice(1).find((word) => !word.startsWith("-")) ?? "")
          : KNOWN.includes(program!);
  return isRight ? undefined : `${where}: ${words.join(" ")}`;
}
