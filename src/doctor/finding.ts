// What one check of the doctor found (types).

/** `warn`: it works, with a limit worth knowing. `fail`: Heddle does not work here, or a promise of it does not hold. */
type Verdict = "ok" | "warn" | "fail";

export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  /** What was seen, in one line. */
  readonly seen: string;
  /** What that means for a program that uses Heddle. */
  readonly means: string;
  /** What to do about it. */
  readonly todo?: string;
  /** The same in figures, for programs. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** One look at the machine; what it throws is a finding of its own. */
export interface Check {
  readonly name: string;
  look(): Finding | Promise<Finding>;
}
