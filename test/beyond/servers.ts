// Real servers on the loopback, each with a folder of its own and a port nobody else has.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

const TRIES = 3;
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Whether a server's program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { env: { PATH } }).status === 0;
}

export function startRedis(): Promise<Server> {
  return start("redis-server", /Ready to accept connections/, (folder, port) => [
    "--bind",
    "127.0.0.1",
    "--port",
    `${port}`,
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "no",
  ]);
}

export function startNats(): Promise<Server> {
  return start("nats-server", /Server is ready/, (folder, port) => ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", folder]);
}

/** Somebody else may take the free port in the meantime: another is tried then. */
async function start(program: string, isReady: RegExp, argsOf: (folder: string, port: number) => string[]): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), `heddle-${program}-`));
  let said = "";
  for (let tries = 0; tries < TRIES; tries++) {
    const port = await freePort();
    const child = spawn(program, argsOf(folder, port), { stdio: ["ignore", "pipe", "pipe"], env: { PATH } });
    const exited = once(child, "exit");
    said = "";
    const ready = new Promise<true>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (text: Buffer) => {
          said += text;
          if (isReady.test(said)) resolve(true);
        });
      }
    });
    if ((await Promise.race([ready, exited])) === true) return { port, stop: () => stop(child, exited, folder) };
  }
  rmSync(folder, { recursive: true });
  throw new Error(`${program} did not start: ${said}`);
}

async function stop(child: ChildProcess, exited: Promise<unknown>, folder: string): Promise<void> {
  child.kill("SIGKILL"); // nothing in its folder is of use to anybody
  await exited;
  rmSync(folder, { recursive: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
