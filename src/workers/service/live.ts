// Live objects and callbacks: what stays on its thread and is called from another, over a port of its own. The only file that imports comlink.
//
// Comlink brings calls, properties and constructors across; what it leaves out is added here: errors cross whole, and a call whose thread has died rejects.
//
//   caller: wrap(endpoint) ─▶ endpoint ─▶ port ══════ port ─▶ endpoint ─▶ expose(door of the object) :owner
//           its pending calls are counted here               what is thrown leaves as bytes of the wire

import { MessageChannel, type MessagePort } from "node:worker_threads";
import { type Endpoint, expose, proxy as mark, proxyMarker, releaseProxy, wrap } from "comlink";
import { Wire } from "../../runtime/channel/index.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import type { Live } from "./service-types.ts";

/**
 * Marks an object that is to stay where it is: as an argument or a result of a service's call, or of a call on another live object, it arrives as a Remote,
 * whose every call and property is a promise. Functions need no mark as arguments and results of a service's own calls.
 */
export function proxy<T extends object>(target: T): Live<T> {
  return mark(target) as unknown as Live<T>;
}

/** Says that a Remote is not needed any more, so that the object behind it can be collected. Otherwise that happens when the Remote itself is. */
export function release(remote: object): void {
  (remote as { [releaseProxy]?: () => void })[releaseProxy]?.();
}

/** What crosses as a port: functions, and what was marked. */
export function isLive(value: object): boolean {
  return typeof value === "function" || proxyMarker in value;
}

/** A port behind which others can call it. */
export function portTo(target: object, thread: Thread, over: AbortSignal): MessagePort {
  const { port1, port2 } = new MessageChannel();
  expose(doorOf(target, [], thread), endpointOf(port1, thread, over));
  return port2;
}

/** What is behind a port. Its calls reject with the reason of `over` when that aborts. */
export function remoteAt(port: MessagePort, thread: Thread, over: AbortSignal): unknown {
  return wrap(endpointOf(port, thread, over));
}

interface Message {
  readonly id?: string;
  readonly type?: string;
  readonly name?: string;
  value?: { isError?: boolean; value?: unknown };
}

const REQUESTS = new Set(["GET", "SET", "APPLY", "CONSTRUCT", "ENDPOINT", "RELEASE"]);
type Listener = (event: { data: unknown }) => void;

/** A port as comlink wants it, with an account of what is pending. */
function endpointOf(port: MessagePort, thread: Thread, over: AbortSignal): Endpoint {
  const listeners = new Set<Listener>();
  const pending = new Set<string>();
  /** The request that says nobody needs it any more, sent or received. */
  let releasing: string | undefined;
  const close = () => {
    over.removeEventListener("abort", onOver);
    port.close();
  };
  const settled = (id: string) => {
    if (pending.delete(id)) thread.parker.release();
  };
  const tell = (data: unknown) => {
    for (const listener of listeners) listener({ data });
  };
  const fail = (id: string) => {
    settled(id);
    tell({ id, type: "HANDLER", name: "throw", value: { isError: false, value: over.reason } });
  };
  const onOver = () => {
    port.close();
    for (const id of pending) fail(id);
  };
  port.on("message", (message: Message) => {
    if (message.id !== undefined) settled(message.id);
    if (message.type === "RELEASE") releasing = message.id;
    else if (message.id !== undefined && message.id === releasing) close();
    if (message.name === "throw" && message.value?.value instanceof Uint8Array) {
      message.value.value = Wire.of(thread).decode(message.value.value);
    }
    tell(message);
  });
  port.unref();
  over.addEventListener("abort", onOver, { once: true });
  if (over.aborted) onOver();
  return {
    postMessage(message: Message, transfer?: unknown) {
      port.postMessage(message, (transfer ?? []) as MessagePort[]);
      if (message.id === undefined) return;
      if (message.id === releasing)
        setImmediate(close); // the answer was sent
      else if (REQUESTS.has(message.type ?? "")) {
        if (message.type === "RELEASE") releasing = message.id;
        pending.add(message.id);
        thread.parker.hold();
        if (over.aborted) queueMicrotask(() => fail(message.id!));
      }
    },
    addEventListener: (_: string, listener: Listener) => void listeners.add(listener),
    removeEventListener: (_: string, listener: Listener) => void listeners.delete(listener),
  } as unknown as Endpoint;
}

/**
 * A place in an object, as comlink's expose walks to it by property and then calls, constructs, sets or awaits it. Comlink calls `place.apply(parent, args)`
 * and awaits `place`; so a direct call of a place whose last step is `apply` or `then` means that, and one more step of that name is a step.
 */
function doorOf(target: object, path: readonly PropertyKey[], thread: Thread): object {
  const whole = async (run: () => unknown) => {
    try {
      return await run();
    } catch (error) {
      throw Wire.of(thread).encodeError(error).slice();
    }
  };
  const at = (steps: readonly PropertyKey[]) =>
    steps.reduce((of, step) => (of as Record<PropertyKey, unknown>)[step], target as unknown) as (...args: unknown[]) => unknown;
  return new Proxy(place, {
    get: (_, step) => doorOf(target, [...path, step], thread),
    set: (_, step, value) => Reflect.set(at(path) as object, step, value),
    construct: (_, args) => Reflect.construct(at(path), args) as object,
    apply: (_, __, args: [unknown, unknown[]]) => {
      const called = path.slice(0, -1);
      if (path.at(-1) === "then") {
        const [resolve, reject] = args as unknown as [(value: unknown) => void, (error: unknown) => void];
        return whole(() => at(called)).then(resolve, reject);
      }
      return whole(() => Reflect.apply(at(called), at(called.slice(0, -1)), args[1]));
    },
  });
}

/** What a proxy that can be called and constructed stands for. */
function place(): void {}
