// The package as it is packed, installed into an empty project and tried with this Node; npm run matrix:package does more, with every version.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack } from "../../scripts/pack.js";
import { SHORT } from "./checks.js";
import { Project, withoutTypes } from "./project.js";

const LIMIT_MS = 240_000; // a watchdog: seconds on an idle machine

describe("the packed package", () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "heddle-tarball-"));
  let project: Project;
  let tarball: string;

  beforeAll(() => {
    tarball = pack(folder);
    project = Project.create();
  }, LIMIT_MS);

  afterAll(() => {
    project?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(Object.entries(SHORT))("%s", async (_, check) => void (await check(project, tarball)), LIMIT_MS);
});

it("the README's example loses its types and nothing else", () => {
  const typed = 'import type { A } from "a";\nexport async function f(out: Sender<number>, n: number): Promise<void> {}\n';
  expect(withoutTypes(typed)).toBe("export async function f(out, n) {}\n");
  expect(withoutTypes('rt.module<typeof import("./jobs.js")>(url); // { threads: 0 }')).toBe("rt.module(url); // { threads: 0 }");
});
