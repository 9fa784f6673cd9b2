// Where the history lies among the model's words.

import { MODEL_WORDS } from "./world.ts";

export const DEATHS = MODEL_WORDS;
export const FENCES = MODEL_WORDS + 1;
export const CHANNELS = MODEL_WORDS + 8;
export const TASKS = MODEL_WORDS + 20;
export const SENT = MODEL_WORDS + 32;
export const GOT = MODEL_WORDS + 48;
export const RAN = MODEL_WORDS + 64;
export const OUTCOME = MODEL_WORDS + 72;
export const GONE = MODEL_WORDS + 80;
export const CLAIMS = MODEL_WORDS + 96;
export const BLOCKS = MODEL_WORDS + 144; // … 149
/** The place behind the named blocks: the block freed or handed on last. */
export const LAST_FREED = 6;
export const CLOSED_BY = MODEL_WORDS + 152; // … 157
export const FORCED = MODEL_WORDS + 160; // … 165
export const CAPACITIES = MODEL_WORDS + 168; // … 173
export const CLOSING = MODEL_WORDS + 176; // … 181

// What became of a value
export const UNSENT = 0;
export const SENDING_NOW = 1;
export const ACCEPTED = 2;
export const REJECTED = 3;
