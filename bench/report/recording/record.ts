/**
 * Record: runs a Heddle program on threads of its own, and tells what each of them did.
 *
 * A run that is not recorded goes first, so that each thread has compiled what it is going to run.
 */
import { setEnvironmentData, threadId } from "node:worker_threads";
import { Runtime } from "../../../src/index.ts";
import { LOG } from "./calls.ts";
import { watchDoors } from "./doors.ts";
import { Log } from "./log.ts";
import { Modules } from "./modules.ts";
import { type Recording, recordingOf } from "./recording.ts";
import { watchTasks } from "./tasks.ts";

export interface Recorded<T> {
  readonly output: T;
  readonly recording: Recording;
}

export async function record<T>(program: (rt: Runtime) => Promise<T>, threads: number): Promise<Recorded<T>> {
  const log = new Log();
  setEnvironmentData(LOG, log.buffer);
  const unwatchDoors = watchDoors(log);
  try {
    const rt = await Runtime.start({ threads, init: new URL("./on-thread.js", import.meta.url) });
    try {
      return await recordOn(rt, log, program);
    } finally {
      await rt.close();
    }
  } finally {
    unwatchDoors();
    setEnvironmentData(LOG, undefined as never);
  }
}

async function recordOn<T>(rt: Runtime, log: Log, program: (rt: Runtime) => Promise<T>): Promise<Recorded<T>> {
  const modules = new Modules();
  const module = rt.module.bind(rt);
  Object.assign(rt, { module: (url: URL | string) => module(modules.urlFor(url)) });
  const unwatchTasks = watchTasks(rt, log);
  try {
    await program(rt);
    log.start();
    const output = await program(rt);
    log.stop();
    return { output, recording: recordingOf(log.entries(), modules.names, threadId, log.lost) };
  } finally {
    unwatchTasks();
  }
}
