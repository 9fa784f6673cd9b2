/**
 * Document: the frame of every page. One file that loads nothing, so it can be opened from a disk and sent by mail.
 */
import { type Content, Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** Something the reader must know before the figures. */
export interface Notice {
  readonly kind: "warn" | "bad";
  readonly text: Content;
}

export interface Page {
  readonly title: string;
  readonly lead: Content;
  readonly notices: readonly Notice[];
  readonly body: Content;
  readonly footer: Content;
}

export function documentOf({ title, lead, notices, body, footer }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><div>
<h1>${title}</h1>
<p class="lead">${lead}</p>
${notices.map(({ kind, text }) => html`<p class="notice ${kind}" role="note">${text}</p>\n`)}
</div></header>
<main>
${body}
</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}

export interface Tile {
  readonly name: string;
  readonly value: Content;
  readonly note?: Content;
}

/** The few figures that say most. */
export function tiles(list: readonly Tile[]): Html {
  return html`<dl class="tiles">${list.map(({ name, value, note }) => html`<div><dt>${name}</dt><dd>${value}${note !== undefined && html`<small>${note}</small>`}</dd></div>`)}</dl>`;
}

/** Names and what they stand for. */
export function facts(list: readonly (readonly [name: string, value: Content])[]): Html {
  return html`<dl class="facts">${list.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A table that may be wider than a phone: it scrolls by itself, by keys too. */
export function wide(name: string, table: Content): Html {
  return html`<div class="wide" role="region" aria-label="${name}" tabindex="0">${table}</div>`;
}

export function badge(text: Content, kind: "good" | "bad" | "" = ""): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}
