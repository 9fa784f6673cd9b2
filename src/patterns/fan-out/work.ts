// The task of a worker: receives jobs, works through them, sends the answers, until its inbox is closed or nobody wants its answers.

import { CLOSED, type Receiver, type Sender } from "../../runtime/channel/index.ts";
import type { Context } from "../../runtime/context/index.ts";
import { loadFunction } from "../load-function.ts";
import { type Step, Steps } from "./steps.ts";
import type { Answer, StepName, Work, WorkSettings } from "./wire.ts";

/** `ctx` is what the functions are given. Throws: ERR_NO_MODULE, ERR_NO_FUNCTION, and what a module throws at import. */
export async function work(
  names: readonly StepName[],
  settings: WorkSettings,
  inbox: Receiver<Work>,
  outbox: Sender<Answer>,
  ctx: Context,
): Promise<void> {
  const loaded = await Promise.all(names.map(async (step): Promise<Step> => ({ ...step, fn: await loadFunction(step.url, step.name) })));
  const steps = new Steps(loaded, settings, ctx, (answer) => outbox.send(answer));
  try {
    for (let job = await inbox.recv(); job !== CLOSED; job = await inbox.recv()) await steps.run(job);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_CHANNEL_CLOSED") throw error; // cancelled
  }
}
