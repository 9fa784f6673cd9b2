// Prints the plain count of a vitest JSON report: "N passed, N failed", and how many were skipped if any were.

import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(readFileSync(process.argv[2], "utf8"));
if (numPassedTests + numFailedTests === 0) throw new Error("no test ran");
const failed = numFailedTests || numFailedTestSuites; // a file that does not load fails no test of its own
console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ""}`);
