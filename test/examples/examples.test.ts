// Every example does what it says, on threads and with `threads: 0`, and nothing is left of it.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { examples, load } from "../../examples/run.ts";
import { Runtime } from "../../src/index.ts";
import { leftovers, NOTHING } from "../support/heap.ts";

/** What each says, of the release of three that the lock file names. */
const EXPECTED: Record<string, string[]> = {
  "or-channel": [
    "everything: 279 hits; ended by the last file, the last at src/renderers/webxr/WebXRManager.js:930",
    "client: 10 hits; ended by client (aborted), the last at src/animation/AnimationClip.js:429",
    "deadline: 0 hits; ended by deadline (time)",
    "shutdown: 3 hits; ended by shutdown (closed), the last at src/Three.Core.js:128",
  ],
  pipeline: [
    "757 files, 438,258 nodes of 62 types",
    "Identifier            175,274",
    "MemberExpression       56,316",
    "Literal                27,867",
    "CallExpression         22,065",
    "ExpressionStatement    21,445",
    "stage census: 757 in, 757 out, 0 failed",
    "stage merge: 16 in, 16 out, 0 failed",
  ],
  "fan-out": [
    "user0: sunshine",
    "user1: dragon7",
    "user3: password",
    "user4: letmein9",
    "user6: monkey1",
    "user7: starwars",
    "user9: master4",
    "user10: iloveyou5",
    "user11: welcome",
    "user13: superman2",
    "user14: qwerty",
    "user15: shadow8",
    "12 of 17 weak, 1 could not be read",
  ],
  tee: [
    "index: 14032 lines, 924 long words; reference 326, instance 155, quaternion 119, bounding 118, triangle 105",
    "alarms: 6, the first at src/math/Matrix3.js:412",
    "dropped: 0 and 0",
  ],
  bridge: [
    "553 classes in 38 pages of 20 files: AnimationAction, AnimationClip, AnimationMixer …",
    "the longest name: GPURenderPassDepthStencilAttachment",
  ],
  "error-group": [
    "sound: 757 files in 16 parts, 4,735,485 characters",
    "damaged: E_NOT_A_MODULE in src/Three.Core.js (SyntaxError); the rest was stopped: true",
  ],
  heartbeat: [
    "begun: true",
    "sound: 3,822,932 steps; progress to row 96 of 96, never back: true",
    "alarm: blocked, waiting, after row 48 of 96",
    "stopped: stopped, AbortError",
  ],
  replicated: [
    "quaternion: 160 hits from replica 2; 0 lost, 1 failed, 2 won",
    "matrix: 403 hits from replica 2; 0 lost, 1 failed, 2 won",
    "2 requests, 4 more replicas, answers 0 0 2; the losers cost something: true",
    "without the third: AbortError",
  ],
  "rate-limit": [
    "3 workers wanted 36 pages and got 24; the server saw 24",
    "within the rate: true",
    "the quota ended: true, left of it: 0",
    "the other tier was not charged for what the quota refused: true",
  ],
  queuing: [
    "29 files came, 27 were indexed, 2 are dead; left: 0",
    "dead: src/math/ColorManagement.js (E_NOT_A_MODULE, E_NOT_A_MODULE), src/math/Vector4.js (E_NOT_A_MODULE, E_NOT_A_MODULE); given back 4 times",
    "the producer was held back: true",
    "true: files came at a rate and waited; so many wait on average, no more than fit: true",
    "too late: 12 of 12, 12 counted",
  ],
};

const root = fileURLToPath(new URL("../..", import.meta.url));

describe.each([0, 2])("examples, threads: %i", (threads) => {
  it.each([...examples.keys()])(
    "%s",
    async (name) => {
      const rt = await Runtime.start({ threads });
      const lines: string[] = [];
      for await (const line of (await load(name)).run(rt)) lines.push(line);
      expect(lines).toEqual(EXPECTED[name]);
      expect(await leftovers(rt)).toEqual(NOTHING);
    },
    120_000,
  );
});

it.each([...examples])("%s: its own use of the pattern is short", (_, url) => {
  expect(readFileSync(url, "utf8").split("\n").length).toBeLessThan(80);
});

it("the command: runs one by name; a wrong name is answered with the right ones", () => {
  const run = (...args: string[]) => spawnSync("npx", ["tsx", "examples/run.ts", ...args], { cwd: root, encoding: "utf8" });
  const wrong = run("loom");
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("or-channel, pipeline, fan-out, tee, bridge, error-group")]);
  expect(run("bridge", "--threads", "-1").status).toBe(2);
  const right = run("bridge", "--threads", "0");
  expect([right.status, right.stdout]).toEqual([0, expect.stringMatching(/bridge: .*on one thread.*classes in/s)]);
}, 120_000);
