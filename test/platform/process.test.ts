// Platform contract: what keeps a process alive, what crosses threads, how TypeScript gets into a thread (docs/platform.md).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lifeOf, nodeMajor, program, worker } from "./observe.ts";

describe("what keeps a process alive", () => {
  const start = 'import { Worker, MessageChannel } from "node:worker_threads"; process.on("exit", () => console.log("exit"));';

  test("an unref'd worker does not, even while it is busy", async () => {
    const end = await program(`${start} new Worker("setInterval(() => {}, 1_000)", { eval: true }).unref();`);
    expect(end).toMatchObject({ code: 0, stdout: "exit\n" });
  });

  test("a worker that is not unref'd does, until it ends", async () => {
    const end = await program(`${start} new Worker("setTimeout(() => {}, 50)", { eval: true }).on("exit", () => console.log("worker"));`);
    expect(end).toMatchObject({ code: 0, stdout: "worker\nexit\n" });
  });

  const holders: [name: string, make: string][] = [
    ["a far timer", "const holder = setInterval(() => {}, 2 ** 31 - 1);"],
    ["a MessagePort", "const holder = new MessageChannel().port1; holder.on('message', () => {});"],
  ];
  test.each(holders)("%s does while it is ref'd; unref and ref may follow each other at will", async (_, make) => {
    const held = await program(
      `${start} ${make} holder.unref(); holder.ref(); holder.ref();
       setTimeout(() => { console.log("still here"); setTimeout(() => { console.log("not here"); }, 60_000).unref(); holder.unref(); }, 30).unref();`,
    );
    expect(held).toMatchObject({ code: 0, stdout: "still here\nexit\n" });
    const free = await program(`${start} ${make} holder.unref();`);
    expect(free).toMatchObject({ code: 0, stdout: "exit\n" });
  });
});

describe("TypeScript in a thread", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "heddle-platform-"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "entry.ts"),
      'import { parentPort } from "node:worker_threads";\nconst word: string = "typed";\nparentPort!.postMessage(word);\nexport {};\n',
    );
    const tsx = import.meta.resolve?.("tsx/esm/api") ?? "";
    writeFileSync(
      join(folder, "bootstrap.js"),
      `import { register } from ${JSON.stringify(tsx)};\nregister();\nawait import("./entry.ts");\n`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const plain = { execArgv: [], env: { ...process.env, NODE_OPTIONS: "" } };

  test("a .ts file as a worker's entry is refused by Node 20 and stripped by Node 22.18 and up", async () => {
    const end = await lifeOf(worker(pathToFileURL(join(folder, "entry.ts")), plain));
    if (nodeMajor < 22) expect((end.error as NodeJS.ErrnoException).code).toBe("ERR_UNKNOWN_FILE_EXTENSION");
    else expect(end.messages).toEqual(["typed"]);
  });

  test("a JavaScript entry that registers tsx and imports the .ts file works on every version", async () => {
    const end = await lifeOf(worker(pathToFileURL(join(folder, "bootstrap.js")), plain));
    expect({ error: end.error, messages: end.messages }).toEqual({ error: undefined, messages: ["typed"] });
  });
});

describe("what a structured clone loses, and the wire therefore carries itself", () => {
  test("an error's class and code", () => {
    class CodedError extends Error {
      readonly code = "E_CODE";
    }
    const clone = structuredClone(new CodedError("x", { cause: "why" })) as Error & { code?: string };
    expect(clone.code).toBeUndefined();
    expect(clone.constructor.name).toBe("Error");
    expect(clone.message).toBe("x");
  });

  test("an AbortSignal", () => {
    let clone: unknown;
    try {
      clone = structuredClone({ signal: new AbortController().signal }).signal;
    } catch (error) {
      clone = (error as Error).name;
    }
    expect(clone).not.toBeInstanceOf(AbortSignal);
  });
});
