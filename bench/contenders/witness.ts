/**
 * Witness: who did the work, told by what the values went through. It is asked where the work is done, of the very object that did it: a name that is
 * handed down from the contender would prove nothing.
 */

/** What is known by the class of an object, in the order of their marks. */
const CARRIERS: readonly (readonly [name: string, classes: readonly string[]])[] = [
  ["heddle", ["Sender", "Receiver", "Channel", "Mutex", "Context", "Runtime", "Pulse"]],
  ["message-port", ["MessagePort"]],
  ["bare Workers", ["Worker"]],
  ["ringbuf.js", ["RingBuffer"]],
  ["raw", ["SharedArrayBuffer", "Int32Array", "Uint8Array"]],
];

/** The place of an object's maker among CARRIERS: a number, since some tasks report nothing but numbers; -1 for a stranger. */
export function markOf(carrier: object): number {
  return markOfClass(carrier.constructor.name);
}

export function markOfClass(name: string): number {
  return CARRIERS.findIndex(([, classes]) => classes.includes(name));
}

export function nameOf(mark: number | undefined): string {
  return CARRIERS[mark ?? -1]?.[0] ?? "a stranger";
}
