import { type Limiter, rateLimit } from "../../src/index.ts";

/** Fetches pages within the budget that all threads share, until the day's quota is used up. Answers how many it got. */
export async function fetchAll(
  origin: string,
  pages: string[],
  perSecond: Limiter,
  perDay: Limiter,
): Promise<{ fetched: number; endedBy: string }> {
  let fetched = 0;
  try {
    for await (const page of rateLimit(pages, [perSecond, perDay])) {
      const answer = await fetch(`${origin}/${page}`);
      if (answer.ok) fetched++;
      await answer.arrayBuffer();
    }
    return { fetched, endedBy: "the last page" };
  } catch (error) {
    return { fetched, endedBy: String((error as { code?: unknown }).code) };
  }
}
