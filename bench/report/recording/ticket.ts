/**
 * Ticket: the number of a task, which goes with it to the thread that runs it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { carried } from "../../../src/index.ts";

export const ticket = carried("heddle-lab-ticket", new AsyncLocalStorage<number>());
