export type { CloseOptions, CloseReport, StartOptions } from "./host.ts";
export type { LeftChannel, Leftovers, LeftTask, LeftWaiter } from "./leftovers.ts";
export type { AnyFunction, ModuleRef } from "./module-ref.ts";
export { type Call, call, type Launcher, Runtime } from "./runtime.ts";
export type { Scope, ScopeOptions } from "./scope.ts";
export type { GoOptions } from "./starter.ts";
export type { Death } from "./supervisor.ts";
export type { Task } from "./task.ts";
export { DeadlockError } from "./seeing/deadlock-error.ts";
export type { RuntimeEventMap } from "./seeing/events.ts";
export type {
  InspectedChannel,
  InspectedQueue,
  InspectedSync,
  InspectedTask,
  InspectedThread,
  InspectedWait,
  Inspection,
} from "./seeing/inspect.ts";
export { label } from "./seeing/naming.ts";
export type { DeadlockMode } from "./seeing/watch.ts";
