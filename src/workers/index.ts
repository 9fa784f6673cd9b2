export type { CloseOptions, CloseReport, StartOptions } from "./host.ts";
export type { LeftChannel, Leftovers, LeftTask, LeftWaiter } from "./leftovers.ts";
export type { AnyFunction, ModuleRef } from "./module-ref.ts";
export { type Call, call, type Launcher, Runtime } from "./runtime.ts";
export type { Scope, ScopeOptions } from "./scope.ts";
export type { GoOptions } from "./starter.ts";
export type { Death } from "./supervisor.ts";
export type { Task } from "./task.ts";
