export { carried } from "./carried.ts";
export type { Death, DeathKind, DeathReason } from "./death.ts";
export type { CloseOptions, CloseReport } from "./host.ts";
export { type Call, call, type Launcher } from "./launcher.ts";
export type { LeftChannel, Leftovers, LeftTask, LeftWaiter } from "./leftovers.ts";
export type { AnyFunction, ModuleRef } from "./module-ref.ts";
export * from "./pool/index.ts";
export { Runtime } from "./runtime.ts";
export type { Scope, ScopeOptions } from "./scope.ts";
export { assertNoLeftovers } from "./seeing/assert-no-leftovers.ts";
export type { PoolSummary, ServiceSummary } from "./seeing/crews-seen.ts";
export { DeadlockError } from "./seeing/deadlock-error.ts";
export type { CallTrace, ServiceTrace, TaskTrace, ThreadTrace } from "./seeing/diagnostics.ts";
export type { RuntimeEventMap } from "./seeing/events.ts";
export type { Inspection } from "./seeing/inspect.ts";
export type {
  Inspected,
  InspectedChannel,
  InspectedLeasedQueue,
  InspectedQueue,
  InspectedSync,
  InspectedTask,
  InspectedThread,
  InspectedWait,
} from "./seeing/inspected.ts";
export { label } from "./seeing/naming.ts";
export type { ChannelStats, RuntimeStats, ThreadStats } from "./seeing/stats.ts";
export type { TimesSummary } from "./seeing/timings.ts";
export type { DeadlockMode } from "./seeing/watch.ts";
export { proxy, release } from "./service/live.ts";
export type { CallOptions, Service, ServiceOptions } from "./service/service.ts";
export type { Live, Remote, ServiceCalls, StreamCall } from "./service/service-types.ts";
export type { InnerOptions, Supervision } from "./service/supervision.ts";
export type { StartOptions } from "./start-options.ts";
export type { GoOptions } from "./starter.ts";
export type { BackOffOptions } from "./supervision/back-off.ts";
export type {
  Child,
  ChildCounts,
  ChildOptions,
  ChildSpec,
  ChildState,
  Exit,
  RestartPolicy,
  Running,
  SupervisionEvent,
} from "./supervision/child.ts";
export type { Strategy, SupervisionOptions } from "./supervision/settings.ts";
export type { Task, TaskOutcome } from "./task.ts";
