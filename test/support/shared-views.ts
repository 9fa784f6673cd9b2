// Looks for views on shared memory in what was received.

/** The paths of all typed arrays, buffers and views in a value that lie in shared memory. */
export function sharedViews(value: unknown, path = "value", seen = new Set<unknown>()): string[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof SharedArrayBuffer) return [path];
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? [path] : [];
  const inside: [string, unknown][] =
    value instanceof Map
      ? [...value].flatMap(([key, inner], i): [string, unknown][] => [
          [`<key ${i}>`, key],
          [`<value ${i}>`, inner],
        ])
      : value instanceof Set
        ? [...value].map((inner, i): [string, unknown] => [`<${i}>`, inner])
        : Object.getOwnPropertyNames(value).map((name): [string, unknown] => [`.${name}`, (value as Record<string, unknown>)[name]]);
  // A channel, an end of one or a context is a handle on shared memory, and nothing else of it is a value.
  if ("ring" in value || "cancelled" in value) return [];
  return inside.flatMap(([name, inner]) => sharedViews(inner, path + name, seen));
}
