/**
 * Render job: a Julia set of quaternions as a PNG file, its progress read off heartbeats.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sibling } from "../bare/sibling.ts";
import type { Job, JobSettings, Size } from "../job.ts";
import { Notes } from "../notes.ts";
import { variantsOf } from "../variants.ts";
import { heddleRender } from "./heddle.ts";
import type { drawRows, Quaternion, Scene } from "./julia.ts";
import { plainRender } from "./plain.ts";
import { everyNthRow, pictureOf } from "./rows.ts";

const SET: Quaternion = [-0.2, 0.8, 0, 0];
const SCENES: Readonly<Record<Size, Scene>> = {
  full: { width: 400, height: 300, c: SET, rounds: 10 },
  quick: { width: 160, height: 120, c: SET, rounds: 10 },
};
const FILE = "render.png";

export function renderJob({ size, threads }: JobSettings): Job {
  return renderOf(SCENES[size], threads);
}

/** The picture of any scene. */
export function renderOf(scene: Scene, threads: number): Job {
  const parts = everyNthRow(scene, threads);
  const { width, height, rounds } = scene;
  const notes = new Notes({ width, height, rounds, c: scene.c.join(" ") });
  return {
    name: "render",
    pattern: "heartbeat",
    title: `${width} x ${height} pixels of a Julia set of quaternions, up to ${rounds} rounds a point, encoded as PNG`,
    facts: notes.facts,
    variants: variantsOf<typeof drawRows>(
      {
        plain: (onShare) => plainRender(scene, onShare),
        heddle: (rt, onShare) => heddleRender(rt, scene, notes, onShare),
        ceiling: {
          module: sibling("julia", import.meta.url),
          task: "drawRows",
          parts,
          join: (results) => pictureOf(scene, parts, results),
        },
      },
      threads,
    ),
    save(output, folder) {
      writeFileSync(join(folder, FILE), output);
      return FILE;
    },
    describe: (output) =>
      notes.behind(
        `a picture of ${output.length.toLocaleString("en")} bytes`,
        ({ beats, looks, back }) =>
          `${beats} beats for ${height} rows, the progress seen ${looks} times on the way, ${back || "never"} going back`,
        "beats",
      ),
  };
}
