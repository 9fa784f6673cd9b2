// What the snippets of the documentation may name.

import { type Channel, f64, type ModuleRef, type Runtime, type Scope } from "../../src/index.ts";

type Module = typeof import("../fixtures/jobs.ts");

export interface Jobs {
  readonly rt: Runtime;
  readonly scope: Scope;
  readonly jobs: ModuleRef<Module>;
  readonly numbers: Channel<number>;
}

export function jobsOf(rt: Runtime, scope: Scope): Jobs {
  return { rt, scope, jobs: rt.module<Module>(new URL("../fixtures/jobs.js", import.meta.url)), numbers: scope.channel(f64, 16) };
}
