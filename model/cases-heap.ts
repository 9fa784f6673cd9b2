// Cases of the heap: private blocks, channels made and freed, a ceiling that is reached.

import * as L from "../src/runtime/memory/layout.ts";
import { alloc, close, free, looping, make, plan, recv, release, schema, send } from "./notation.ts";
import type { ModelCase } from "./program.ts";

/** Bytes of a block of COOL_CLASS: two of them, free, are enough to be reused here. */
const LARGE = 30_000;

export const HEAP_CASES: ModelCase[] = [
  {
    name: "a chunk of channels is used up",
    channels: [0],
    aged: true,
    threads: [plan(make(1, 0), make(2, 1), close(1), free(1), make(3, 0)), plan(make(4, 0), alloc(0, 200))],
  },
  {
    name: "blocks of one class",
    channels: [],
    threads: [
      plan(alloc(0, 8), alloc(1, 8), release(0), alloc(0, 4), release(1), release(0)),
      plan(alloc(2, 8), alloc(3, 8), release(3), release(2)),
    ],
  },
  {
    name: "blocks of several classes",
    channels: [],
    threads: [
      plan(alloc(0, 8), alloc(1, 9), alloc(2, 40), release(1), release(0), release(2)),
      plan(alloc(3, 16), alloc(4, 17), release(3), release(4)),
    ],
  },
  {
    name: "large blocks cool down",
    channels: [],
    room: 80_000,
    threads: [
      plan(alloc(0, LARGE), alloc(1, LARGE), release(0), release(1), alloc(0, LARGE), release(0)),
      plan(alloc(2, LARGE), release(2), alloc(3, LARGE), release(3)),
    ],
  },
  {
    name: "large blocks that are kept",
    channels: [],
    room: 80_000,
    threads: [looping(alloc(0, LARGE), release(0)), plan(alloc(1, LARGE), alloc(2, 8), release(2))],
  },
  {
    name: "the middle block goes first",
    channels: [],
    threads: [plan(alloc(0, 8), alloc(1, 8), alloc(2, 8), release(1), release(2), release(0)), plan(alloc(3, 8), release(3))],
  },
  { name: "no room for a ring", channels: [0], room: 16, threads: [plan(make(1, 4), make(2, 0)), plan(make(3, 1))] },
  { name: "schemas", channels: [], threads: [plan(schema(1), schema(2), schema(1)), plan(schema(2), alloc(0, 8), schema(3))] },
  {
    name: "schemas from the middle of a list",
    channels: [],
    threads: [plan(alloc(0, 8), schema(1, true), release(0)), plan(schema(1, true))],
  },
  {
    name: "the last schema",
    channels: [],
    schemas: L.SCHEMA_MAX - 1,
    threads: [plan(schema(1), schema(2)), plan(schema(2), schema(1))],
  },
  { name: "blocks are kept", channels: [], threads: [plan(alloc(0, 8), alloc(1, 100)), plan(alloc(2, 8))] },
  {
    name: "channels made and freed",
    channels: [],
    threads: [plan(make(0, 1), send(0, 1), recv(0), close(0), free(0)), plan(make(1, 1), close(1), free(1), make(2, 2), close(2), free(2))],
  },
  {
    name: "channels of several capacities",
    channels: [0],
    threads: [plan(make(1, 3), make(2, 0), send(1, 1), close(1), free(1), free(1, true)), plan(close(0), free(0), make(3, 5), send(3, 2))],
  },
  {
    name: "a channel and blocks of its ring's class",
    channels: [],
    threads: [plan(make(0, 1), close(0), free(0), alloc(0, 8), release(0)), plan(alloc(1, 8), release(1), make(1, 1))],
  },
  {
    name: "no room for a block",
    channels: [],
    room: 64,
    threads: [plan(alloc(0, 8), alloc(1, 8), release(0), release(1)), plan(alloc(2, 8), alloc(3, 60), release(2), release(3))],
  },
  {
    name: "no room for a channel's record",
    channels: [],
    room: 1024,
    threads: [plan(make(0, 4), alloc(0, 8)), plan(make(1, 0), alloc(1, 8))],
  },
  {
    name: "room for a ring and not for the record",
    channels: [],
    room: 100,
    threads: [plan(make(0, 2), alloc(0, 8), release(0)), plan(alloc(1, 8), release(1))],
  },
  {
    name: "an heir's chunk",
    channels: [],
    threads: [plan(alloc(0, 8), alloc(1, 8)), looping(alloc(2, 8)), { program: [alloc(3, 8), release(3)], replacement: true }],
  },
];
