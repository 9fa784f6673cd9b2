// Who acts in the chaos over leased queues: roles whose tasks are started again as often as they die, each life noted as it ends.

import { setTimeout as sleep } from "node:timers/promises";

export class DeathsCast {
  #jobs;
  #rt;
  #book;
  #say;
  #lives = 0;
  #over = new Set();
  #running = [];
  /** Life → name of the role. */
  live = new Map();
  /** Lives ended by a death, and threads that died with a job in hand. */
  died = 0;
  inHand = new Set();
  /** Tasks refused while too many threads had died as they started. */
  refused = 0;

  /** `say(text)` reports a finding. */
  constructor({ rt, jobs, book, say }) {
    this.#rt = rt;
    this.#jobs = jobs;
    this.#book = book;
    this.#say = say;
  }

  isOver = (life) => this.#over.has(life);
  get ended() {
    return Promise.all(this.#running);
  }
  on(threadId) {
    return [...this.live].filter(([life]) => this.#book.thread[life] === threadId).map(([, name]) => name);
  }

  /** A task of this role runs until it ends by itself. `stream`: it is its producer. */
  role(name, isDedicated, args, stream) {
    this.#running.push(this.#keep(name, isDedicated, args, stream));
  }

  async #keep(name, isDedicated, args, stream) {
    const launcher = isDedicated ? this.#rt.with({ dedicated: true }) : this.#rt;
    for (;;) {
      const life = ++this.#lives;
      this.live.set(life, name);
      try {
        await launcher.go(this.#jobs[name], life, ...args);
        return;
      } catch (error) {
        if (error.code === "ERR_THREAD_START") {
          this.refused++;
          await sleep(100);
          continue;
        }
        if (error.code !== "ERR_THREAD_DIED") {
          this.#say(`${name}: ${error.code} ${error.stack}`);
          return;
        }
      } finally {
        this.live.delete(life);
        this.#over.add(life);
      }
      this.died++;
      if (this.#book.holding[life] !== 0) this.inHand.add(this.#book.thread[life]);
      if (stream === undefined) continue;
      const place = this.#book.attempted[stream];
      if (place !== this.#book.accepted[stream]) this.#book.unsure.add(place === 0 ? -1 : stream * this.#book.perStream + place);
    }
  }
}
