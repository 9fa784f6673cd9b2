// The same, and one that ends its thread: for the chaos run alone.

export * from "./jobs.ts";

export function die(): never {
  process.exit(1);
}
