// `npm run test:stress`: every case of cases.ts with 1,000,000 operations (or `-- --operations n`), a line each, report/stress.json at the end.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { CAPACITIES, type CaseResult, PLACEMENTS, runCase } from "./cases.ts";
import { churn } from "./churn.ts";

const { values } = parseArgs({ options: { operations: { type: "string", default: "1000000" } } });
const operations = Number(values.operations);
if (!Number.isInteger(operations) || operations < 1)
  throw new Error(`--operations: expected a whole number from 1, got ${values.operations}`);

const results: CaseResult[] = [];
for (const placement of PLACEMENTS) {
  for (const capacity of CAPACITIES) {
    const result = await runCase(placement, capacity, operations);
    results.push(result);
    const verdict = result.faults.length === 0 ? "ok" : `FAILED: ${result.faults.join("; ")}`;
    console.log(
      `${placement.padEnd(30)} capacity ${String(capacity).padStart(2)}  ${(result.ms / 1000).toFixed(1).padStart(6)} s  ${verdict}`,
    );
  }
}
const churned = await churn(operations);
const churnVerdict = churned.faults.length === 0 ? "ok" : `FAILED: ${churned.faults.join("; ")}`;
console.log(`${operations} channels made, used, closed and dropped: ${(churned.ms / 1000).toFixed(1)} s  ${churnVerdict}`);

const failed = (churned.faults.length > 0 ? 1 : 0) + results.filter((result) => result.faults.length > 0).length;
mkdirSync("report", { recursive: true });
writeFileSync(
  "report/stress.json",
  `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, operations, results, churned }, undefined, 2)}\n`,
);
console.log(`${results.length + 1 - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
