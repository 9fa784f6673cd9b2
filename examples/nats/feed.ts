// Feeds a pool from a JetStream consumer: one loop a thread asks for a picture, has its thumbnail made, publishes that, and only then acknowledges.

import { setTimeout } from "node:timers/promises";
import { type JetStreamClient, type JsMsg, jetstream } from "@nats-io/jetstream";
import { headers, millis, type NatsConnection } from "@nats-io/transport-node";
import type { HeddleError, Pool } from "../../src/index.ts";
import type { thumbnail } from "./jobs.ts";
import { CONSUMER, PICTURES } from "./streams.ts";

/** How long the server lets a loop wait for a picture; an end waits for that at most. */
const ASK_MS = 1_000;

export interface FeedOptions {
  /** Deliveries of a picture before it is given up. Default 3. */
  readonly attempts?: number;
  /** The pause before the second delivery, doubled for each that follows. Default 200. */
  readonly backOffMs?: number;
  /** Told what goes wrong between here and the server; what is not acknowledged for that reason is delivered again. */
  readonly onError: (error: Error) => void;
}

export interface Feed {
  /** Asks for no more, lets what runs end for graceMs, gives the rest back, and closes the pool. */
  close(options: { graceMs: number }): Promise<void>;
}

type Thumbnails = Pool<{ thumbnail: typeof thumbnail }>;

export async function feed(pool: Thumbnails, connection: NatsConnection, options: FeedOptions): Promise<Feed> {
  const { attempts = 3, backOffMs = 200, onError } = options;
  await pool.ready();
  const client = jetstream(connection);
  const consumer = await client.consumers.get(PICTURES, CONSUMER);
  const aliveMs = millis((await consumer.info()).config.ack_wait!) / 3;
  const stopping = new AbortController();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const message = await consumer.next({ expires: ASK_MS });
        if (message) await handle(message);
      } catch (error) {
        onError(error as Error);
        if (connection.isClosed()) return;
        await setTimeout(ASK_MS, undefined, { signal: stopping.signal }).catch(() => undefined); // the end cuts the pause short
      }
    }
  }

  async function handle(message: JsMsg): Promise<void> {
    const delivery = message.info.deliveryCount;
    if (delivery > attempts) return giveUp(client, message, new Error("nobody who got it has answered for it: their processes ended"));
    const alive = setInterval(() => connection.isClosed() || message.working(), aliveMs);
    try {
      const outcome = await outcomeOf(pool.call.thumbnail(message.data));
      if (outcome.value) await publish(client, message, outcome.value);
      else if (outcome.error.code === "ERR_CLOSED") message.nak();
      else if (delivery === attempts) await giveUp(client, message, outcome.error);
      else message.nak(backOffMs * 2 ** (delivery - 1));
    } finally {
      clearInterval(alive);
    }
  }

  const loops = Array.from({ length: pool.size }, loop);
  return {
    close: async ({ graceMs }) => {
      stopping.abort();
      await Promise.all([...loops, pool.close({ graceMs })]);
    },
  };
}

/** The id has the server drop what was published already: a picture that is done twice has one thumbnail. */
async function publish(client: JetStreamClient, message: JsMsg, picture: Uint8Array): Promise<void> {
  await client.publish(message.subject.replace("pictures.", "thumbnails."), picture, { msgID: idOf(message) });
  await message.ackAck();
}

async function giveUp(client: JetStreamClient, message: JsMsg, cause: Error): Promise<void> {
  const why = headers();
  why.set("Cause", cause.message.replace(/\s+/g, " "));
  why.set("Deliveries", String(message.info.deliveryCount));
  await client.publish(message.subject.replace("pictures.", "given-up."), message.data, { msgID: idOf(message), headers: why });
  message.term();
}

function idOf({ info }: JsMsg): string {
  return `${info.stream}:${info.streamSequence}`;
}

type Outcome = { value: Uint8Array; error?: never } | { value?: never; error: HeddleError };

function outcomeOf(call: Promise<Uint8Array>): Promise<Outcome> {
  return call.then(
    (value) => ({ value }),
    (error: HeddleError) => ({ error }),
  );
}
