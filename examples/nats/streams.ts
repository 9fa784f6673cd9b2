// The streams of the example: pictures to be done, thumbnails, and pictures that were given up.

import { AckPolicy, jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";

export const PICTURES = "PICTURES";
export const THUMBNAILS = "THUMBNAILS";
export const GIVEN_UP = "GIVEN_UP";
export const CONSUMER = "thumbnails";

/**
 * Makes them where they are missing. `ackWaitMs`: for how long a picture is its consumer's without a word from it. The server sets no limit to deliveries:
 * who gets a picture once too often sets it aside itself, so that none is left lying.
 */
export async function makeStreams(connection: NatsConnection, { ackWaitMs = 30_000 } = {}): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: PICTURES, subjects: ["pictures.*"], retention: RetentionPolicy.Workqueue });
  await manager.streams.add({ name: THUMBNAILS, subjects: ["thumbnails.*"] });
  await manager.streams.add({ name: GIVEN_UP, subjects: ["given-up.*"] });
  await manager.consumers.add(PICTURES, { durable_name: CONSUMER, ack_policy: AckPolicy.Explicit, ack_wait: nanos(ackWaitMs) });
}
