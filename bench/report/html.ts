/**
 * Html: a template whose values are escaped, unless they are markup already.
 */

/** Markup: what a template made. Nothing else counts as safe. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template; `undefined` and `false` leave nothing. */
export type Content = Html | string | number | undefined | false | readonly Content[];

export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(literals.reduce((made, literal, i) => made + markup(values[i - 1]) + literal));
}

function markup(value: Content): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(markup).join("");
  return escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as it may stand between tags and in quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A name of an element: the letters and digits of a text. */
export function idOf(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "x"
  );
}
