import { readFileSync } from "node:fs";
import { parse } from "acorn";
import { type Channel, Runtime, type Sender, utf8 } from "../../src/index.ts";

/** Answers a query a page at a time: for each page a channel, made here, sent out at once, and filled while it is read. */
export async function classesOf(paths: string[], pageSize: number, pages: Sender<Channel<string>>): Promise<void> {
  for (let from = 0; from < paths.length; from += pageSize) {
    const page = Runtime.current.channel(utf8, 16);
    await pages.send(page);
    for (const path of paths.slice(from, from + pageSize)) for (const name of classesIn(path)) await page.send(name);
    page.close();
  }
  pages.close();
}

/** The classes a module declares at its top, by parsing it. */
function classesIn(path: string): string[] {
  const { body } = parse(readFileSync(path, "utf8"), { ecmaVersion: "latest", sourceType: "module" });
  return body.flatMap((node) => (node.type === "ClassDeclaration" && node.id ? [node.id.name] : []));
}
