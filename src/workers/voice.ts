// What a thread says to the supervising side outside the heap: what it prints, and what it dies of. It goes through the thread's own port, whose messages
// all arrive before the 'exit' event, whatever the thread dies of.
//
// Node sends the first piece a thread prints and holds the next ones back until the parent's event loop has answered, so what a thread printed before it
// computed or blocked is lost when it is killed. Here every piece is on its way when write() returns.

import { parentPort, type Worker } from "node:worker_threads";
import { type LineMessage, onLine } from "./service/line.ts";
import type { LastWords } from "./thread-order.ts";

interface Piece {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding;
}

type Saying =
  | { readonly heddle: "printed"; readonly to: "stdout" | "stderr"; readonly pieces: readonly Piece[] }
  | { readonly heddle: "last-words"; readonly words: LastWords };

function say(saying: Saying): void {
  parentPort?.postMessage(saying);
}

/** On a thread, once: from here on what it prints and what it dies of is heard. */
export function speak(): void {
  for (const to of ["stdout", "stderr"] as const) {
    const stream = process[to];
    stream._writev = (chunks, callback) => {
      say({ heddle: "printed", to, pieces: chunks.map(({ chunk, encoding }) => ({ chunk, encoding })) });
      callback();
    };
    stream._write = (chunk, encoding, callback) => stream._writev!([{ chunk, encoding }], callback);
  }
  process.on("uncaughtExceptionMonitor", (_, origin) => {
    if (origin === "unhandledRejection") sayLast("rejection");
  });
}

/** On a thread that is about to end. */
export function sayLast(words: LastWords): void {
  say({ heddle: "last-words", words });
}

/** On the supervising side: prints what a thread prints, and remembers its last words. */
export function hear(worker: Worker): { readonly last: LastWords | undefined } {
  let last: LastWords | undefined;
  worker.on("message", (message: Saying | LineMessage | { heddle?: undefined } | null) => {
    if (message?.heddle === "printed") for (const { chunk, encoding } of message.pieces) process[message.to].write(chunk, encoding);
    else if (message?.heddle === "last-words") last = message.words;
    else if (message?.heddle === "line") onLine(message);
  });
  return {
    get last() {
      return last;
    },
  };
}
