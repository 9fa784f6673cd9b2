// A service in small: a server whose answer is computed on threads. Asks itself once, prints the answer, and stops.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Runtime } from "heddle";

const rt = await Runtime.start({ threads: 2, killableLoops: true });
const pool = rt.pool(rt.module<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url)));

const server = createServer(async (request, response) => {
  const n = Number(new URL(request.url ?? "/", "http://localhost").searchParams.get("n"));
  response.end(String(await pool.call.primesBelow(n)));
});
await once(server.listen(0, "127.0.0.1"), "listening");

const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?n=10000`);
console.log(await answer.text());
server.close();
server.closeAllConnections();
await rt.close();
