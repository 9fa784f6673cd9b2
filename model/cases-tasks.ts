// Cases of tasks: started, taken, finished, cancelled, and their threads dying.

import { alloc, BLOCK, cancelTask, go, goBeside, join, looping, plan, recv, release, reserve, send, work, workBeside } from "./notation.ts";
import type { ModelCase } from "./program.ts";

export const TASK_CASES: ModelCase[] = [
  {
    name: "a late cancel, and the record serves the other queue",
    channels: [],
    limit: 1,
    threads: [plan(go(0), join(0), reserve(1), go(1, true)), plan(cancelTask(0)), plan(work())],
  },
  {
    name: "a crowded supervisor, a worker that dies",
    channels: [],
    isCrowded: true,
    threads: [plan(alloc(0, 8), go(0), join(0)), plan(work())],
  },
  { name: "a crowded supervisor, nobody joins", channels: [], isCrowded: true, threads: [plan(alloc(0, 8), go(0)), plan(work())] },
  { name: "somebody else cancels while it is joined", channels: [], maySleep: true, threads: [plan(go(0), join(0)), plan(cancelTask(0))] },
  { name: "somebody else cancels, nobody works", channels: [], maySleep: true, threads: [plan(go(0)), plan(cancelTask(0))] },
  {
    name: "block, then loop, then join",
    channels: [0],
    threads: [looping(go(0), recv(0, BLOCK), join(0)), plan(work()), plan(send(0, 1))],
  },
  {
    name: "payloads from the middle of a list",
    channels: [],
    threads: [plan(goBeside(0, 0), goBeside(1, 1), release(0), join(0), release(1), join(1)), plan(alloc(2, 8), work(true))],
  },
  { name: "a result from the middle of a list", channels: [], threads: [plan(go(0), join(0)), plan(alloc(0, 8), workBeside)] },
  { name: "no room for a task", channels: [], room: 64, threads: [plan(go(0), go(1)), plan(alloc(0, 8), release(0))] },
  {
    name: "no room beyond one chunk of tasks",
    channels: [],
    room: 4700,
    threads: [plan(go(0), cancelTask(0)), plan(alloc(0, 40), alloc(1, 400), go(1))],
  },
  {
    name: "a chunk of tasks is used up",
    channels: [0],
    aged: true,
    threads: [plan(go(0), go(1), go(2), join(1)), plan(go(3), alloc(0, 200), work())],
  },
  { name: "three idle workers come and go", channels: [], threads: [plan(go(0)), plan(work()), looping(work()), plan(work())] },
  { name: "one task, one worker", channels: [], threads: [plan(go(0), join(0)), plan(work())] },
  { name: "one task, two workers", channels: [], threads: [plan(go(0), join(0)), plan(work()), looping(work())] },
  { name: "two tasks, one worker", channels: [], threads: [plan(go(0), go(1), join(0), join(1)), plan(work(true))] },
  { name: "two tasks, two workers", channels: [], threads: [plan(go(0), go(1), join(1), join(0)), plan(work(true)), plan(work())] },
  {
    name: "three tasks, a worker in the loop",
    channels: [],
    threads: [looping(go(0), go(1), go(2), join(0), join(1), join(2)), looping(work())],
  },
  { name: "two starters, one worker", channels: [], threads: [plan(go(0), join(0)), plan(go(1), join(1)), looping(work())] },
  { name: "cancel the first", channels: [], threads: [plan(go(0), go(1), cancelTask(0), join(0), join(1)), plan(work())] },
  { name: "cancel the last", channels: [], threads: [plan(go(0), go(1), cancelTask(1), join(1), join(0)), plan(work(true))] },
  {
    name: "cancel the middle, late and twice",
    channels: [],
    threads: [plan(go(0), go(1), go(2), cancelTask(1), cancelTask(1), join(2), cancelTask(2), join(0), join(1)), plan(work())],
  },
  {
    name: "somebody else cancels",
    channels: [],
    threads: [plan(go(0), go(1), join(0), join(1)), plan(cancelTask(0), cancelTask(1)), plan(work())],
  },
  {
    name: "an old handle of a reused record",
    channels: [],
    threads: [plan(go(0), join(0), go(1), cancelTask(0), join(1)), plan(cancelTask(0), cancelTask(0)), plan(work())],
  },
  {
    name: "nobody works",
    channels: [],
    maySleep: true,
    threads: [plan(go(0), go(1), cancelTask(0), join(0)), plan(go(2), cancelTask(2), join(2))],
  },
  { name: "nobody joins", channels: [], threads: [plan(go(0), go(1)), plan(work(true)), plan(work())] },
  {
    name: "dedicated: reserve and go",
    channels: [],
    limit: 2,
    threads: [plan(reserve(2), go(0, true), go(1, true), join(0), join(1)), plan(work(false, true))],
  },
  {
    name: "dedicated: all or none",
    channels: [],
    limit: 2,
    threads: [plan(reserve(2), go(0, true), join(0)), plan(reserve(1), go(1, true), join(1)), plan(work(true, true))],
  },
  {
    name: "dedicated: two workers",
    channels: [],
    limit: 3,
    threads: [plan(reserve(1), go(0, true), reserve(2), go(1, true), join(0), join(1)), plan(work(false, true)), plan(work(false, true))],
  },
  {
    name: "dedicated: cancelled",
    channels: [],
    limit: 1,
    threads: [plan(reserve(1), go(0, true), cancelTask(0), join(0), reserve(1), go(1, true), join(1)), plan(work(false, true))],
  },
  {
    name: "dedicated and light",
    channels: [],
    limit: 1,
    threads: [plan(go(0), reserve(1), go(1, true), join(0), join(1)), plan(work()), plan(work(false, true))],
  },
  {
    name: "a worker's heir",
    channels: [],
    threads: [plan(go(0), go(1), join(0), join(1)), plan(work(true)), { program: [work()], replacement: true }],
  },
  {
    name: "a joiner's heir",
    channels: [],
    threads: [plan(go(0), go(1), join(0)), plan(work(true)), { program: [go(2), join(2)], replacement: true }],
  },
  { name: "tasks beside channels", channels: [0], threads: [plan(go(0), recv(0), join(0)), plan(work(true)), plan(send(0, 1))] },
  {
    name: "a started receive and a join",
    channels: [1],
    threads: [plan(recv(0, { started: true }), go(0), join(0), { do: "await" }), plan(work()), plan(send(0, 1))],
  },
];
