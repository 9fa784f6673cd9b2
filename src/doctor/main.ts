#!/usr/bin/env node
// The command `heddle doctor`: looks at this machine and says what it means for Heddle. Exits 1 when a check failed, 2 when it was called wrongly.

import { parseArgs } from "node:util";
import { examine } from "./examination.ts";
import type { Finding } from "./finding.ts";
import { findingText, summaryText } from "./findings-text.ts";

const USAGE = `usage: heddle doctor [--json]

Checks Node, flags, cores, memory, shared memory, threads, what kills leave behind, and loops that cannot be stopped. Takes some ten seconds.

  --json   one object: { node, platform, ok, findings: [{ name, verdict, seen, means, todo, facts }] }
`;

async function doctor(isJson: boolean): Promise<boolean> {
  const findings: Finding[] = [];
  for await (const finding of examine()) {
    findings.push(finding);
    if (!isJson) console.log(findingText(finding));
  }
  const ok = findings.every(({ verdict }) => verdict !== "fail");
  const platform = `${process.platform}-${process.arch}`;
  console.log(isJson ? JSON.stringify({ node: process.version, platform, ok, findings }) : `\n${summaryText(findings)}`);
  return ok;
}

function wishes(): { isJson: boolean; isHelp: boolean } | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean" } },
    });
    const isKnown = positionals.length === 1 && positionals[0] === "doctor";
    return isKnown || values.help ? { isJson: values.json === true, isHelp: values.help === true } : undefined;
  } catch {
    return undefined; // an unknown option: the usage says which there are
  }
}

const wish = wishes();
if (wish === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (wish.isHelp) {
  process.stdout.write(USAGE);
} else if (!(await doctor(wish.isJson))) {
  process.exitCode = 1;
}
