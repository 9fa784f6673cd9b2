/**
 * Progress: which row is being run, and how far it is. A bar on a terminal, a line for each row elsewhere.
 */
import { Presets, SingleBar } from "cli-progress";
import pc from "picocolors";
import type { Scenario } from "./scenario.ts";

/** Redraws a second: seldom enough not to show in the figures. */
const FRAMES_PER_SECOND = 5;

export interface Progress {
  /** A row begins, of which so many rounds will be run. */
  row(scenario: Scenario, rounds: number): void;
  round(contender: string, isWarmUp: boolean): void;
  /** The row is over: its table may be printed. */
  rowEnds(): void;
}

export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Progress over so many rows. */
export function showProgress(stream: ProgressStream, rows: number): Progress {
  const begun = performance.now();
  let row = 0;
  const where = () => `${String(row).padStart(String(rows).length)}/${rows} ${clock(performance.now() - begun)}`;
  if (!stream.isTTY) {
    return {
      row({ id, title }) {
        row++;
        stream.write(`${where()} ${id} ${title}\n`);
      },
      round() {},
      rowEnds() {},
    };
  }
  const view = new SingleBar(
    {
      format: `${pc.cyan("{bar}")} {where} {what}`,
      stream,
      fps: FRAMES_PER_SECOND,
      barsize: 20,
      clearOnComplete: true,
      gracefulExit: false, // who interrupts is answered by the run, not by the bar
      hideCursor: false,
      linewrap: false,
    },
    Presets.shades_classic,
  );
  let title = "";
  let rounds = 0;
  return {
    row(scenario, total) {
      row++;
      rounds = 0;
      title = `${scenario.id} ${scenario.title}`;
      view.start(total, 0, { where: where(), what: title });
    },
    round(contender, isWarmUp) {
      view.update(rounds++, { where: where(), what: `${title}: ${contender}${isWarmUp ? ", warming up" : ""}` });
    },
    rowEnds: () => view.stop(),
  };
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
