/**
 * List: all lines, in the order of the pages: the output that the variants of the job must agree on.
 */
export function listOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

export function describeList(list: string): string {
  const lines = list.trimEnd().split("\n");
  const classes = lines.filter((line) => line.includes(": class ")).length;
  return `${lines.length.toLocaleString("en")} declarations, ${classes.toLocaleString("en")} of them classes; the last is ${lines.at(-1)}`;
}
