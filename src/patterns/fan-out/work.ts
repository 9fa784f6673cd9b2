// The task of a worker: receives jobs, works through them, sends the answers, until its inbox is closed or nobody wants its answers.

import { CLOSED, type Receiver, type Sender } from "../../runtime/channel/index.ts";
import { HeddleError } from "../../runtime/errors.ts";
import { importModule } from "../../workers/import-module.ts";
import { Runtime } from "../../workers/runtime.ts";
import { type Step, Steps } from "./steps.ts";
import type { Answer, StepName, Work, WorkSettings } from "./wire.ts";

/** `stop` is closed to cancel the job in hand. Throws: ERR_NO_MODULE, ERR_NO_FUNCTION, and what a module throws at import. */
export async function work(
  names: readonly StepName[],
  settings: WorkSettings,
  inbox: Receiver<Work>,
  outbox: Sender<Answer>,
  stop: Receiver<never>,
): Promise<void> {
  const rt = Runtime.current; // before the first await: with `threads: 0` it is only known until then
  const cancel = new AbortController();
  const onStop = () => cancel.abort();
  void stop.recv().then(onStop, onStop); // closed when this task has ended, too
  try {
    const loaded = await Promise.all(names.map((name) => load(name, rt)));
    const steps = new Steps(loaded, settings, { signal: cancel.signal }, (answer) => outbox.send(answer));
    for (let job = await inbox.recv(); job !== CLOSED && !cancel.signal.aborted; job = await inbox.recv()) await steps.run(job);
  } catch (error) {
    if (!cancel.signal.aborted && (error as { code?: unknown }).code !== "ERR_CHANNEL_CLOSED") throw error;
  }
}

async function load({ kind, url, name }: StepName, rt: Runtime): Promise<Step> {
  const fn = (await importModule(url))[name];
  if (typeof fn !== "function") throw new HeddleError("ERR_NO_FUNCTION", `expected ${url} to export a function ${name}`);
  if (rt.threads !== 0) return { kind, name, fn: fn as Step["fn"] };
  const entering: Step["fn"] = (item, context) => {
    const leave = rt.enter();
    try {
      return (fn as Step["fn"])(item, context);
    } finally {
      leave();
    }
  };
  return { kind, name, fn: entering };
}
