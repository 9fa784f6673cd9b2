/**
 * Progress: what is being run, live. A bar that moves within the runs on a terminal, one line a round elsewhere.
 */
import { Presets, SingleBar } from "cli-progress";
import pc from "picocolors";
import type { VariantName } from "./job.ts";
import type { Round, RoundCounts, RoundListener } from "./rounds.ts";

export interface Progress extends RoundListener {
  stop(): void;
}

/** Redraws a second: seldom enough not to show in the times. */
const FRAMES_PER_SECOND = 10;
/** Steps of the bar a run takes. */
const STEPS = 100;

/** Where the lab writes: a terminal, a file, a pipe. */
export type LabStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Progress of one job on `stream`. */
export function showProgress(job: string, variants: number, counts: RoundCounts, stream: LabStream): Progress {
  return stream.isTTY ? bar(job, variants, counts, stream) : lines(job, stream);
}

function bar(job: string, variants: number, counts: RoundCounts, stream: LabStream): Progress {
  const view = new SingleBar(
    {
      format: `${job.padEnd(10)} ${pc.cyan("{bar}")} {percentage}%  {what}`,
      stream,
      fps: FRAMES_PER_SECOND,
      barsize: 30,
      clearOnComplete: true,
      // An interrupt then ends the process at once, and leaves nothing on the terminal to be put right.
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
    },
    Presets.shades_classic,
  );
  view.start((counts.warmUps + counts.rounds) * variants * STEPS, 0, { what: "" });
  let runsDone = -1;
  return {
    runStarts(round, variant) {
      runsDone++;
      view.update(runsDone * STEPS, { what: `${nameOf(round)} ${variant}` });
    },
    runShare(share) {
      view.update(Math.floor((runsDone + share) * STEPS));
    },
    roundEnds() {},
    stop: () => view.stop(),
  };
}

function lines(job: string, stream: LabStream): Progress {
  const show = ([variant, ms]: [VariantName, number]) => `${variant} ${ms.toFixed(0)} ms`;
  return {
    runStarts() {},
    runShare() {},
    roundEnds(round, times) {
      stream.write(`${job.padEnd(10)} ${nameOf(round).padEnd(12)} ${[...times].map(show).join("  ")}\n`);
    },
    stop() {},
  };
}

function nameOf(round: Round): string {
  return `${round.kind} ${round.number}/${round.of}`;
}
