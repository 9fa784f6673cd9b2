// What a modelled thread can do with leased queues. A place (0, 1) notes a lease, as a Lease does.

export type LeaseInstruction =
  /** Makes a job with this value (1 … 15, each put once) and puts it. */
  | { do: "put"; queue: number; value: number; try?: boolean; timer?: boolean }
  | { do: "lease"; queue: number; place: number; try?: boolean; timer?: boolean }
  /** Acknowledges what the place notes, or gives it back; nothing if it notes nothing. */
  | { do: "ack"; place: number }
  | { do: "nack"; place: number }
  /** Gives back the oldest lease of anybody, as if its time were up. */
  | { do: "expire"; queue: number }
  | { do: "closeQueue"; queue: number }
  | { do: "makeQueue"; queue: number };

export interface QueuePlan {
  capacity: number;
  /** 0: no end of them. */
  attempts: number;
  /** Which queue its dead letters go to: one before it. */
  dead?: number;
  /** Values lie in blocks. */
  blocks?: boolean;
  /** Closed before anything begins. */
  closed?: boolean;
}
