// Kills under select, rendezvous, bulk, block and struct traffic.
//
//   node test/chaos/traffic-kills.js [--kills 2000] [--seed 1] [--api dist/src/index.js]
//
// Who faces whom; what it holds the runtime to is in runtime-kills-run.js. Prints one line of JSON, exits 1 otherwise.
//
//   left  ── 0, 1 ──▶ right   selects on both sides: each receives on two channels, sends on two others, and looks at the clock
//   left  ◀── 0, 1 ── right   (on each side one light; on the right one that blocks its thread, too); plain doors of the same channels beside them
//   bytes ── 0 ──▶ ┐
//   structured 1 ─▶┤          kinds of values mixed in one select, sent by a select and by plain doors
//   struct ── 1 ──▶┴ select
//   sendMany ── 0, 1, 64 ──▶ recvMany   numbers, blocks and structs, awaited and blocking
//   send ── 0 ──▶ recv        bytes, structured values and structs
//   sendMany, selects ──▶ the supervising thread, which is never killed: there nothing is excused

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { killUnderTraffic, main } from "./runtime-kills-run.js";

/** Values in a bulk call, as test/fixtures/runtime-kills.js makes them. */
const BATCH = 16;

function play(cast) {
  const number = (capacity) => cast.channel("number", capacity);
  const rightward = [number(0), number(1)];
  const leftward = [number(0), number(1)];
  cast.role("selects", { sends: rightward, receives: leftward });
  cast.role("selects", { sends: leftward, receives: rightward });
  cast.role("selectsSync", { isDedicated: true, sends: leftward, receives: rightward });
  cast.role("send", { sends: [rightward[0]] });
  cast.role("recv", { receives: [leftward[0]] });

  const mixed = [cast.channel("bytes", 0), cast.channel("structured", 1), cast.channel("struct", 1)];
  cast.role("selects", { sends: mixed, receives: [leftward[1]] });
  cast.role("selectsSync", { isDedicated: true, receives: mixed });
  cast.role("send", { sends: [mixed[0]] });
  cast.role("recv", { receives: [mixed[1]] });
  cast.role("sendMany", { sends: [mixed[2]] });

  for (const [kind, capacity, out, into] of [
    ["number", 0, "sendMany", "recvMany"],
    ["number", 1, "sendMany", "recvManySync"],
    ["number", 64, "sendManySync", "recvMany"],
    ["bytes", 0, "sendSync", "recv"],
    ["bytes", 7, "sendMany", "recvMany"],
    ["structured", 0, "send", "recvSync"],
    ["structured", 16, "sendManySync", "recvMany"],
    ["struct", 0, "sendSync", "recv"],
    ["struct", 16, "sendMany", "recvManySync"],
  ]) {
    const channel = cast.channel(kind, capacity);
    cast.role(out, { isDedicated: out.endsWith("Sync"), sends: [channel] });
    cast.role(into, { isDedicated: into.endsWith("Sync"), receives: [channel], most: into.includes("Many") ? BATCH : 1 });
  }

  const numbers = number(32);
  cast.role("sendMany", { sends: [numbers] });
  cast.role("sendManySync", { isDedicated: true, sends: [numbers] });
  cast.attend(numbers, BATCH);
  const blocks = cast.channel("structured", 4);
  cast.role("selects", { sends: [blocks, numbers] });
  cast.attend(blocks, BATCH);
}

export const trafficKills = (api, apiUrl, options) => killUnderTraffic("traffic-kills", play, api, apiUrl, options);

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main(trafficKills);
