// The public interface, read off the emitted declarations: every name that src/index.ts exports, with its signature, its doc comment and its members.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** @typedef {{ name: string, signature: string, doc: string | undefined }} Member */
/** @typedef {{ name: string, kind: string, file: string, signatures: string[], doc: string | undefined, members: Member[] }} Entry */

/** Writes the declarations into `folder`. */
export function emitDeclarations(folder) {
  const tsc = [
    `${ROOT}/node_modules/typescript/bin/tsc`,
    "-p",
    "tsconfig.build.json",
    "--emitDeclarationOnly",
    "--declarationMap",
    "false",
  ];
  const { status, stdout } = spawnSync(process.execPath, [...tsc, "--outDir", folder], { cwd: ROOT, encoding: "utf8" });
  if (!existsSync(`${folder}/src/index.d.ts`)) throw new Error(`the declarations could not be written (exit ${status}):\n${stdout}`);
}

/** Every exported name of `folder`/src/index.d.ts, in alphabetical order. */
export function readApi(folder) {
  const modules = new Modules();
  const found = modules.exportsOf(join(folder, "src/index.d.ts"));
  const entries = [...found].map(([name, what]) => entryOf(name, relative(folder, what.file).replace(/\.d\.ts$/, ".ts"), what));
  inherit(entries, modules);
  return entries.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** What an entry has from where it comes from: members, if that is not shown itself, and what is said of them. */
function inherit(entries, modules) {
  for (const entry of entries) {
    const { kind, signatures, members, at } = entry;
    if (kind !== "class" && kind !== "interface") continue;
    const origins = /\b(?:extends|implements) ([\s\S]*)/.exec(signatures[0])?.[1].match(/[A-Z]\w+/g) ?? [];
    for (const origin of origins) {
      const there = modules.localOf(at, origin);
      if (!there) continue;
      const isShown = entries.some((other) => other.at === there.file && other.name === origin);
      const from = entryOf(origin, "", there);
      for (const said of from.members) {
        const own = members.find(({ name }) => name === said.name);
        if (own) own.doc ??= said.doc;
        else if (!isShown) members.push(said);
      }
      if (!isShown) entry.doc ??= from.doc;
    }
  }
}

/** Declarations by the module they stand in: what a name means there, and what is exported. */
class Modules {
  #read = new Map();

  #of(file) {
    let module = this.#read.get(file);
    if (!module) {
      const text = readFileSync(file, "utf8");
      const { program } = parse(text, { sourceType: "module", plugins: [["typescript", { dts: true }]] });
      module = { file, text, body: program.body };
      this.#read.set(file, module);
    }
    return module;
  }

  #target(file, specifier) {
    return join(dirname(file), specifier.replace(/\.[jt]s$/, ".d.ts"));
  }

  /** Name → { file, text, nodes }; a function has a node for each overload. */
  exportsOf(file) {
    const { text, body } = this.#of(file);
    const found = new Map();
    for (const node of body) {
      if (node.type === "ExportAllDeclaration") {
        for (const [name, what] of this.exportsOf(this.#target(file, node.source.value))) found.set(name, what);
      } else if (node.type === "ExportNamedDeclaration" && node.declaration) {
        for (const name of namesOf(node.declaration)) {
          const nodes = found.get(name)?.nodes ?? [];
          found.set(name, { file, text, nodes: [...nodes, node] });
        }
      } else if (node.type === "ExportNamedDeclaration") {
        for (const { local, exported } of node.specifiers) {
          const there = node.source
            ? this.exportsOf(this.#target(file, node.source.value)).get(local.name)
            : this.localOf(file, local.name);
          if (there) found.set(exported.name, there);
        }
      }
    }
    return found;
  }

  /** What a name of a module means, though the module does not declare it exported in place. */
  localOf(file, name) {
    const { text, body } = this.#of(file);
    const nodes = body.filter((node) => namesOf(node).includes(name));
    if (nodes.length > 0) return { file, text, nodes };
    for (const node of body) {
      if (node.type !== "ImportDeclaration" || !node.source.value.startsWith(".")) continue;
      const taken = node.specifiers.find(({ local }) => local.name === name);
      if (taken) return this.exportsOf(this.#target(file, node.source.value)).get(taken.imported.name);
    }
    return undefined;
  }
}

function namesOf(node) {
  if (node.type === "VariableDeclaration") return node.declarations.map(({ id }) => id.name);
  return node.id ? [node.id.name] : [];
}

const KINDS = {
  ClassDeclaration: "class",
  DeclareClass: "class",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  VariableDeclaration: "constant",
  TSDeclareFunction: "function",
};

function entryOf(name, file, { file: at, nodes, text }) {
  const declarations = nodes.map((node) => node.declaration ?? node);
  const [first] = declarations;
  const signatures = declarations.map((node) => plain(text.slice(node.start, node.body?.start ?? node.end)));
  const members = declarations.flatMap((node) => node.body?.body ?? []).flatMap((node) => memberOf(node, text) ?? []);
  return {
    name,
    kind: KINDS[first.type] ?? first.type,
    file,
    at,
    signatures,
    doc: nodes.map((node) => docOf(node)).find((doc) => doc),
    members,
  };
}

/** A public member, or undefined. */
function memberOf(node, text) {
  const { key, accessibility } = node;
  const doc = docOf(node);
  if (accessibility === "private" || key?.type === "PrivateName" || doc?.includes("@internal")) return undefined;
  const own = key ? text.slice(key.start, key.end) : undefined;
  const name = own === undefined ? (node.type.includes("Index") ? "[…]" : "()") : node.computed ? `[${own}]` : own;
  if (name === "[SENDABLE]") return undefined;
  return { name, signature: plain(text.slice(node.start, node.end)), doc };
}

/** Without comments, `export`, `declare` and the final semicolon. */
function plain(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\/\s*/g, "")
    .replace(/^(?:export )?(?:declare )?/, "")
    .replace(/[;\s]+$/, "")
    .replace(/^ {4}/gm, "  ");
}

function docOf(node) {
  const comment = node.leadingComments?.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"));
  return comment?.value
    .replace(/^\*+/, "")
    .replace(/^\s*\* ?/gm, "")
    .trim();
}

const LABELS = "Waits|Threads|Order|Throws \\(rejects\\)(?:, each call once)?|Throws|Cost|See";

/** A doc comment as its description and its labelled parts, in the order they stand. */
export function partsOf(doc) {
  const pieces = doc.split(new RegExp(`(?:(?<=^|\\n|[.;)] ))(${LABELS}): `));
  const parts = [];
  for (let i = 1; i < pieces.length; i += 2) parts.push({ label: pieces[i], text: pieces[i + 1].trim() });
  return { description: pieces[0].trim(), parts };
}

/** What JavaScript itself asks of a promise, an iterator, an object. */
const PROTOCOLS = ["then", "catch", "finally", "next", "return", "throw", "toString", "constructor"];

/** The public names, and the methods of classes and interfaces, of which nothing is said. */
export function undocumented(entries) {
  const isMethod = ({ signature }) => /^(?:static |async )*[\w.]+\??[<(]/.test(signature);
  return entries.flatMap(({ name, doc, members }) => [
    ...(doc ? [] : [name]),
    ...members
      .filter((member) => !member.doc && isMethod(member) && !PROTOCOLS.includes(member.name))
      .map((member) => `${name}.${member.name}`),
  ]);
}
