// Closing what may be closed already.

/** Closes something that the other side, or its runtime, may have closed before. */
export function closeOnce(end: { close(): void }): void {
  try {
    end.close();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== "ERR_CHANNEL_CLOSED" && code !== "ERR_CLOSED") throw error;
  }
}
