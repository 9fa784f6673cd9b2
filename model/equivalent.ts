// Mutants that change nothing anyone could notice, by name, with the reason.
export const EQUIVALENT: Record<string, string> = {};
