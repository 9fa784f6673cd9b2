// examples/nats against a real server with JetStream: acknowledged after processing, delivered again when a thread or a process dies, bounded, ended in order.

import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { feed } from "../../examples/nats/feed.ts";
import { thumbnail } from "../../examples/nats/jobs.ts";
import { julia } from "../../examples/nats/pictures.ts";
import { CONSUMER, GIVEN_UP, makeStreams, PICTURES, THUMBNAILS } from "../../examples/nats/streams.ts";
import { GATED, POISON } from "../fixtures/beyond-jobs.ts";
import { eventually, gated } from "./gates.ts";
import { isInstalled, type Server, startNats } from "./servers.ts";

const PICTURE = julia(0.3, 64);
const END = { graceMs: 20_000 };
const ACK_WAIT_MS = 600;
const text = (value: string) => new TextEncoder().encode(value);
const GATED_PICTURE = Buffer.concat([text(GATED), PICTURE]);
const here = isInstalled("nats-server");

describe.skipIf(!here)(`JetStream feeds a pool${here ? "" : " (skipped: nats-server is not installed)"}`, () => {
  let server: Server;
  let held: Awaited<ReturnType<typeof gated>>;
  let connection: NatsConnection;
  let manager: Awaited<ReturnType<typeof jetstreamManager>>;
  const errors: Error[] = [];
  const feeding = (pool = held.pool(), attempts = 3) =>
    feed(pool, connection, { attempts, backOffMs: 1, onError: (error) => errors.push(error) });
  const add = (name: string, picture: Uint8Array) => jetstream(connection).publish(`pictures.${name}`, picture);
  /** What the server says is in flight, waits (what is in flight included), is done, was given up. */
  async function counts() {
    const streams = await Promise.all([PICTURES, THUMBNAILS, GIVEN_UP].map((name) => manager.streams.info(name)));
    const [pictures, thumbnails, givenUp] = streams.map((one) => one.state.messages);
    return { inFlight: (await manager.consumers.info(PICTURES, CONSUMER)).num_ack_pending, pictures, thumbnails, givenUp };
  }
  const settled = () => eventually(async () => (await counts()).pictures === 0, "no picture left");
  const last = async (stream: string, subject: string) => (await manager.streams.getMessage(stream, { last_by_subj: subject }))!;

  beforeAll(async () => {
    server = await startNats();
    connection = await connect({ servers: `127.0.0.1:${server.port}` });
    manager = await jetstreamManager(connection);
    held = await gated();
  });
  afterAll(async () => {
    const report = await held?.rt.close();
    await connection?.close();
    await server?.stop();
    expect(report?.leftovers.waits).toBe(0);
  });
  beforeEach(() => makeStreams(connection, { ackWaitMs: ACK_WAIT_MS }));
  afterEach(async () => {
    for (const stream of [PICTURES, THUMBNAILS, GIVEN_UP]) await manager.streams.delete(stream);
    expect(errors).toEqual([]);
  });

  it("makes all thumbnails, each once, as they come out in line", async () => {
    const pictures = Array.from({ length: 40 }, (_, i) => julia(i / 40, 64));
    for (const [i, picture] of pictures.entries()) await add(String(i), picture);
    const pool = held.pool(2);
    const work = await feeding(pool);
    await settled();
    await work.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 40, givenUp: 0 });
    for (const [i, picture] of pictures.entries()) {
      expect(Buffer.from((await last(THUMBNAILS, `thumbnails.${i}`)).data)).toEqual(Buffer.from(thumbnail(picture)));
    }
    expect(pool.stats()).toMatchObject({ accepted: 40, succeeded: 40 });
  });

  it("asks for no more than its threads take, and waits for what runs when it ends", async () => {
    for (let i = 0; i < 6; i++) await add(String(i), GATED_PICTURE);
    const pool = held.pool(2);
    const work = await feeding(pool);
    const inFlight: number[] = [];
    await held.begun();
    for (let i = 0; i < 3; i++) {
      await held.begun();
      inFlight.push((await counts()).inFlight);
      if (i < 2) await held.letOn();
    }
    expect(inFlight).toEqual([2, 2, 2]);
    const closed = work.close(END);
    await held.letOn();
    await held.letOn();
    await closed;
    expect(await counts()).toEqual({ inFlight: 0, pictures: 2, thumbnails: 4, givenUp: 0 });
    expect(pool.stats()).toMatchObject({ accepted: 4, succeeded: 4 });
  });

  it("a picture whose thread is killed in the middle is delivered again, and done once", async () => {
    const pool = held.pool();
    const work = await feeding(pool);
    await add("a", GATED_PICTURE);
    expect(held.rt.kill(await held.begun(), "by the test")).toBe(true);
    await held.begun();
    expect((await manager.consumers.info(PICTURES, CONSUMER)).num_redelivered).toBe(1);
    await held.letOn();
    await settled();
    await work.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 1, givenUp: 0 });
    expect(Buffer.from((await last(THUMBNAILS, "thumbnails.a")).data)).toEqual(Buffer.from(thumbnail(PICTURE)));
    expect(pool.stats()).toMatchObject({ accepted: 2, succeeded: 1, died: 1, replaced: 1 });
  });

  it("one that takes longer than the server waits stays with its thread, which says that it is at work", async () => {
    const pool = held.pool(2); // one of them is free to take it again
    const work = await feeding(pool);
    await add("a", GATED_PICTURE);
    await held.begun();
    await new Promise((resolve) => setTimeout(resolve, 2 * ACK_WAIT_MS)); // the server's clock, which no test can drive
    expect(await manager.consumers.info(PICTURES, CONSUMER)).toMatchObject({ num_ack_pending: 1, num_redelivered: 0 });
    await held.letOn();
    await settled();
    await work.close(END);
    expect(pool.stats()).toMatchObject({ accepted: 1, succeeded: 1 });
  });

  it("one that takes its threads along, and one that is no picture, are given up with the cause; those beside them are done", async () => {
    const pool = held.pool();
    const work = await feeding(pool, 2);
    await add("a", PICTURE);
    await add("poison", text(POISON));
    await add("wrong", text("no picture"));
    await add("b", PICTURE);
    await settled();
    await work.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 2, givenUp: 2 });
    const [poison, wrong] = [await last(GIVEN_UP, "given-up.poison"), await last(GIVEN_UP, "given-up.wrong")];
    expect(poison.string()).toBe(POISON);
    expect(poison.header.get("Deliveries")).toBe("2");
    expect(poison.header.get("Cause")).toMatch(/thread \d+ died.*exit/);
    expect(wrong.header.get("Cause")).toContain("unrecognised content");
    expect(pool.stats()).toMatchObject({ succeeded: 2, failed: 2, died: 2 });
  });

  it("what still runs when the grace is over goes back at once", async () => {
    const work = await feeding();
    await add("a", GATED_PICTURE);
    await held.begun();
    await work.close({ graceMs: 0 });
    expect(await counts()).toMatchObject({ pictures: 1, thumbnails: 0, givenUp: 0 });
    await held.letOn();
    const next = await feeding();
    await settled();
    await next.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 1, givenUp: 0 });
  });

  it("a picture whose process has ended is another's when the wait is over; one that ends them all is given up", async () => {
    const consumer = await jetstream(connection).consumers.get(PICTURES, CONSUMER);
    await add("a", PICTURE);
    await consumer.next(); // and never a word about it: to the server, a process that is gone
    const once = await feeding(held.pool(), 2);
    await settled();
    await once.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 1, givenUp: 0 });

    await add("b", PICTURE);
    for (let i = 0; i < 2; i++) await consumer.next();
    const late = await feeding(held.pool(), 2);
    await settled();
    await late.close(END);
    expect(await counts()).toEqual({ inFlight: 0, pictures: 0, thumbnails: 1, givenUp: 1 });
    expect((await last(GIVEN_UP, "given-up.b")).header.get("Cause")).toContain("their processes ended");
  });
});
