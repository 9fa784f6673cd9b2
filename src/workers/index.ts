export type { Death, DeathKind, DeathReason } from "./death.ts";
export type { CloseOptions, CloseReport } from "./host.ts";
export type { LeftChannel, Leftovers, LeftTask, LeftWaiter } from "./leftovers.ts";
export type { AnyFunction, ModuleRef } from "./module-ref.ts";
export { type Call, call, type Launcher, Runtime } from "./runtime.ts";
export type { Scope, ScopeOptions } from "./scope.ts";
export type { StartOptions } from "./start-options.ts";
export type { GoOptions } from "./starter.ts";
export type { Task, TaskOutcome } from "./task.ts";
