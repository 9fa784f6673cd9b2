/**
 * Calls through multithreading. JavaScript, because the library sends the text of a function to its threads, as it stands here.
 */
import { initRuntime, move, shutdown, spawn } from "multithreading";

/** One function for each job: it knows them by their text. */
const FUNCTIONS = {
  who: async () => (await import("./jobs.js")).who(),
  echo: async (input) => (await import("./jobs.js")).echo(input),
  work: async (input) => (await import("./jobs.js")).work(input),
  takeNumber: async (input) => (await import("./jobs.js")).takeNumber(input),
  takeText: async (input) => (await import("./jobs.js")).takeText(input),
  takeOrder: async (input) => (await import("./jobs.js")).takeOrder(input),
  takeKib: async (input) => (await import("./jobs.js")).takeKib(input),
  takeBytes: async (input) => (await import("./jobs.js")).takeBytes(input),
  takeMib: async (input) => (await import("./jobs.js")).takeMib(input),
};

export function open(threads) {
  initRuntime({ maxWorkers: threads });
  return {
    async call(job, input, transfer) {
      const given = input instanceof Uint8Array && !transfer ? input.slice() : input;
      const outcome = await spawn(move(given), FUNCTIONS[job]).join();
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    },
    async close() {
      shutdown();
    },
  };
}
