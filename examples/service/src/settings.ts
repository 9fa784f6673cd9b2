// What the service can be told, on the command line or by the environment: `--max-queue 64` or MAX_QUEUE=64.

import { parseArgs } from "node:util";

export const VARIANTS = ["inline", "threads-0", "threads"] as const;
/** Where the work is done: in the handler, by Heddle on the main thread, by Heddle on threads. */
export type Variant = (typeof VARIANTS)[number];

export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly variant: Variant;
  /** Threads for pictures and Markdown; the search has one more. */
  readonly threads: number;
  /** Requests that may wait for a thread, and for the search; one more is 503. */
  readonly maxQueue: number;
  /** The deadline of a request that names none, and the least and most it may name. A deadline that is missed costs its thread: hence the least. */
  readonly timeoutMs: number;
  readonly minTimeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly bodyLimitBytes: number;
  /** For work that is under way when the service is told to stop. */
  readonly graceMs: number;
  /** Lets requests kill threads. */
  readonly chaos: boolean;
}

export const DEFAULTS: Settings = {
  host: "127.0.0.1",
  port: 3000,
  variant: "threads",
  threads: 2,
  maxQueue: 64,
  timeoutMs: 5_000,
  minTimeoutMs: 100,
  maxTimeoutMs: 30_000,
  bodyLimitBytes: 4 * 1024 * 1024,
  graceMs: 10_000,
  chaos: false,
};

const NUMBERS = {
  port: [0, 65_535],
  threads: [1, 512],
  "max-queue": [0, 1_000_000],
  "timeout-ms": [1, 3_600_000],
  "min-timeout-ms": [1, 3_600_000],
  "max-timeout-ms": [1, 3_600_000],
  "body-limit-bytes": [1, 1_073_741_824],
  "grace-ms": [0, 3_600_000],
} as const;

/** Throws: an Error that says what was expected, for whatever else came. */
export function settingsOf(args: string[], env: NodeJS.ProcessEnv): Settings {
  const options = Object.fromEntries(["host", "variant", ...Object.keys(NUMBERS)].map((name) => [name, { type: "string" } as const]));
  const { values } = parseArgs({ args, options: { ...options, chaos: { type: "boolean" } } });
  const { chaos = false, ...texts } = values as { readonly chaos?: boolean; readonly [name: string]: string | boolean | undefined };
  const given = (name: string) => (texts[name] as string | undefined) ?? env[name.toUpperCase().replaceAll("-", "_")];
  const settings: Record<string, unknown> = { ...DEFAULTS, host: given("host") ?? DEFAULTS.host, chaos };
  for (const [name, [min, max]] of Object.entries(NUMBERS)) {
    const text = given(name);
    if (text === undefined) continue;
    const value = Number(text);
    if (text === "" || !Number.isInteger(value) || value < min || value > max)
      throw new Error(`expected ${name} to be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`);
    settings[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  const variant = given("variant") ?? DEFAULTS.variant;
  if (!VARIANTS.includes(variant as Variant)) throw new Error(`expected variant to be one of ${VARIANTS.join(", ")}, got ${variant}`);
  return { ...settings, variant } as Settings;
}
