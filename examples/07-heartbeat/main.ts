// A long render that tells how far it is, and an alarm for one that makes no progress any more: its palette never comes.

import { f64, heartbeat, type Runtime } from "../../src/index.ts";

export const about = "a long render with progress, and an alarm when it is stuck";

const PICTURE = { width: 300, height: 96 };

export async function* run(rt: Runtime): AsyncGenerator<string> {
  const jobs = rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url));
  const beat = heartbeat(rt, { everyMs: 50, missed: 4 });

  const palette = rt.channel(f64, 1);
  await palette.send(1);
  const sound = beat.go(jobs.render, PICTURE, palette.receiver);
  yield `begun: ${await sound.first}`;
  let last = 0;
  let isGrowing = true;
  for await (const { progress } of sound.pulses()) {
    isGrowing &&= (progress?.row ?? 0) >= last;
    last = progress?.row ?? last;
  }
  yield `sound: ${(await sound.result).toLocaleString("en")} steps; progress to row ${last} of ${PICTURE.height}, never back: ${isGrowing}`;

  const stuck = beat.go(jobs.render, PICTURE, palette.receiver); // nobody sends a second palette
  for await (const { state, doing, progress } of stuck.pulses()) {
    if (state !== "blocked" && state !== "hung") continue;
    yield `alarm: ${state}, ${doing?.split(" ")[0]}, after row ${progress?.row} of ${progress?.of}`;
    await stuck.stop("no progress");
    break;
  }
  yield `stopped: ${await stuck.ended}, ${await stuck.result.catch((error: Error) => error.name)}`;
  palette.close();
}
