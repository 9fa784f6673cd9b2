// Live objects and callbacks: what stays on its thread and is called from another, over a port of its own. The only file that imports comlink.
//
// Comlink brings calls and properties across; what it leaves out is in the endpoint under it: errors cross whole, live values in arguments and results get
// ports of their own, and a call whose thread has died rejects.
//
//   caller: wrap(endpoint) ─▶ endpoint ─▶ port ══════ port ─▶ endpoint ─▶ expose(door of the object) :owner

import { MessageChannel, MessagePort } from "node:worker_threads";
import { type Endpoint, expose, releaseProxy, wrap } from "comlink";
import { Wire } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import type { Thread } from "../../runtime/memory/thread.ts";
import { doorOf } from "./door.ts";
import type { Live } from "./service-types.ts";

const marked = new WeakSet<object>();

/**
 * Marks an object that is to stay where it is: as an argument or a result of a service's call, or of a call on another live object, it arrives as a Remote,
 * whose every call and property is a promise. Functions need no mark.
 */
export function proxy<T extends object>(target: T): Live<T> {
  marked.add(target);
  return target as Live<T>;
}

/** Says that a Remote is not needed any more, so that the object behind it can be collected. Otherwise that happens when the Remote itself is. */
export function release(remote: object): void {
  (remote as { [releaseProxy]?: () => void })[releaseProxy]?.();
}

/** What crosses as a port: functions, and what was marked. */
export function isLive(value: object): boolean {
  return typeof value === "function" || marked.has(value);
}

/** A port behind which others can call it. */
export function portTo(target: object, thread: Thread, over: AbortSignal): MessagePort {
  const { port1, port2 } = new MessageChannel();
  expose(doorOf(target, thread), endpointOf(port1, thread, over));
  return port2;
}

/** What is behind a port. Its calls reject with the reason of `over` when that aborts. */
export function remoteAt(port: MessagePort, thread: Thread, over: AbortSignal): unknown {
  return wrap(endpointOf(port, thread, over));
}

/** A value as comlink writes it. */
interface Written {
  readonly type?: string;
  readonly name?: string;
  readonly value?: unknown;
}

/** A request is { id, type, path, argumentList or value }, its answer { id } and what was written of the result. */
interface Message extends Written {
  readonly id?: string;
  readonly argumentList?: readonly Written[];
}

interface Ported {
  readonly heddlePort: MessagePort;
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
    tell({ id, ...thrown(over.reason) });
  };
  const onOver = () => {
    port.close();
    for (const id of pending) fail(id);
  };
  const read = (written: Written) => readLive(written, thread, over);
  port.on("message", (message: Message) => {
    if (message.id !== undefined) settled(message.id);
    if (message.type === "RELEASE") releasing = message.id;
    else if (message.id !== undefined && message.id === releasing) close();
    tell(eachWritten(message, read));
  });
  port.unref();
  over.addEventListener("abort", onOver, { once: true });
  if (over.aborted) onOver();

  const isRequest = (message: Message) => REQUESTS.has(message.type ?? "");
  const post = (message: Message) => {
    const ports: MessagePort[] = [];
    const write = (written: Written) => writeLive(written, thread, over, ports);
    try {
      port.postMessage(eachWritten(message, write), ports);
    } catch (cause) {
      for (const one of ports) one.close();
      const error = new HeddleError("ERR_UNSENDABLE", `a value of a live object's call cannot be sent: ${(cause as Error).message}`, {
        cause,
      });
      if (isRequest(message)) throw error;
      port.postMessage({ id: message.id, ...thrown(Wire.of(thread).encodeError(error).slice()) });
    }
  };
  return {
    postMessage(message: Message) {
      post(message);
      if (message.id === undefined) return;
      if (message.id === releasing)
        setImmediate(close); // the answer was sent
      else if (isRequest(message)) {
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

/** The answer that rejects. */
function thrown(value: unknown): Written {
  return { type: "HANDLER", name: "throw", value: { isError: false, value } };
}

/** The message with each value that was written in it changed: its arguments, what is to be set, or the result that it is. */
function eachWritten(message: Message, change: (written: Written) => Written): Message {
  if (message.argumentList) return { ...message, argumentList: message.argumentList.map(change) };
  if (message.type === "SET") return { ...message, value: change(message.value as Written) };
  return REQUESTS.has(message.type ?? "") ? message : { ...message, ...change(message) };
}

function writeLive(written: Written, thread: Thread, over: AbortSignal, ports: MessagePort[]): Written {
  const { type, value } = written;
  if (type !== "RAW" || !isObject(value) || !isLive(value)) return written;
  const port = portTo(value, thread, over);
  ports.push(port);
  return { type, value: { heddlePort: port } satisfies Ported };
}

function readLive(written: Written, thread: Thread, over: AbortSignal): Written {
  const { type, name, value } = written;
  if (name === "throw") {
    const { value: bytes } = value as { value: unknown };
    return bytes instanceof Uint8Array ? thrown(Wire.of(thread).decode(bytes)) : written;
  }
  if (type !== "RAW" || !isObject(value)) return written;
  const { heddlePort } = value as Partial<Ported>;
  return heddlePort instanceof MessagePort ? { type, value: remoteAt(heddlePort, thread, over) } : written;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
