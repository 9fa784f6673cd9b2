// Kills under plain traffic: senders, receivers, joiners, busy and idle threads over channels of numbers of capacity 0, 1, 16 and 256.
//
//   node test/chaos/runtime-kills.js [--kills 2000] [--seed 1] [--api dist/src/index.js]
//
// What it holds the runtime to is in runtime-kills-run.js. Prints one line of JSON, exits 1 otherwise.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { killUnderTraffic, main } from "./runtime-kills-run.js";

function play(cast) {
  for (const [i, capacity] of [0, 1, 16, 256].entries()) {
    const channel = cast.channel("number", capacity);
    const isOdd = i % 2 === 1;
    cast.role(isOdd ? "sendSync" : "send", { isDedicated: isOdd, sends: [channel] });
    cast.role("send", { sends: [channel] });
    cast.role(isOdd ? "recv" : "recvSync", { isDedicated: !isOdd, receives: [channel] });
    cast.role(isOdd ? "tryRecv" : "recv", { receives: [channel] });
  }
  cast.role("nested");
  cast.role("nested", { isDedicated: true });
  cast.role("native", { isDedicated: true });
}

export const runtimeKills = (api, apiUrl, options) => killUnderTraffic("runtime-kills", play, api, apiUrl, options);

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main(runtimeKills);
