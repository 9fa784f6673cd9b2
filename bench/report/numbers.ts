/**
 * Numbers: figures as they stand in a page.
 */

/** As many digits as say something: 1,234 · 123 · 12.3 · 1.23. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

export function milliseconds(ms: number): string {
  return `${figure(ms)} ms`;
}

export function times(factor: number): string {
  return `${factor.toFixed(2)} ×`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** `1 job`, `2 jobs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
