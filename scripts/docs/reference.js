// The pages of the API reference as HTML.

import { partsOf } from "./api.js";
import { escaped } from "./markdown.js";

/** Classes first, since the rest is what they take and give. */
const KIND_ORDER = ["class", "function", "constant", "interface", "type"];

/** Text of a doc comment: paragraphs, `code`, error codes and names that have a place. */
function prose(text, placeOf) {
  const code = (name) => {
    const place = /^(?:ERR|ABORT|HEDDLE)_[A-Z_]+$/.test(name) ? `../errors.html#${name}` : placeOf(name);
    return place ? `<a href="${place}"><code>${name}</code></a>` : undefined;
  };
  return escaped(text)
    .split(/\n\s*\n/)
    .map((paragraph) => {
      const html = paragraph
        .replace(/`([^`]+)`/g, (_, inner) => code(inner) ?? `<code>${inner}</code>`)
        .replace(/(?<![\w>#"/])((?:ERR|ABORT)_[A-Z_]+)(?![\w<])/g, (found) => code(found) ?? found)
        .replace(/\bdocs\/([\w/-]+)\.md\b/g, (_, page) => `<a href="../${page}.html">${page}</a>`);
      return `<p>${html}</p>`;
    })
    .join("\n");
}

function comment(doc, placeOf) {
  if (!doc) return "";
  const { description, parts } = partsOf(doc);
  const labelled = parts.map(({ label, text }) => `<dt>${label}</dt><dd>${prose(text, placeOf)}</dd>`).join("\n");
  return `${prose(description, placeOf)}\n${labelled && `<dl>${labelled}</dl>\n`}`;
}

/** A signature whose names lead to their places. */
function code(text, placeOf) {
  const html = escaped(text).replace(/(?<![\w.&])[A-Z]\w+/g, (name) => {
    const place = placeOf(name);
    return place ? `<a href="${place}">${name}</a>` : name;
  });
  return `<pre class="signature"><code>${html}</code></pre>\n`;
}

function entryHtml({ name, kind, file, signatures, doc, members }, placeOf) {
  const others = (other) => (other === name ? undefined : placeOf(other));
  const inside = members
    .map(
      (member) =>
        `<section class="member" id="${escaped(`${name}.${member.name}`)}">\n${code(member.signature, others)}${comment(member.doc, placeOf)}</section>`,
    )
    .join("\n");
  return (
    `<section class="entry" id="${name}">\n<h2><a class="anchor" href="#${name}">${name}</a> <small>${kind} · ${file}</small></h2>\n` +
    `${code(signatures.join("\n"), others)}${comment(doc, placeOf)}${inside}</section>\n`
  );
}

export function groupHtml({ title, entries }, placeOf) {
  const sorted = [...entries].sort((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
  const list = sorted.map(({ name }) => `<a href="#${name}">${name}</a>`).join(" · ");
  return `<h1>${title}</h1>\n<p class="names">${list}</p>\n${sorted.map((entry) => entryHtml(entry, placeOf)).join("\n")}`;
}

/** All names, with the first sentence said of each. */
export function indexHtml(groups, placeOf) {
  const first = (doc) => (doc ? partsOf(doc).description.split(/(?<=[.:]) |\n/)[0] : "");
  const rows = ({ entries }) =>
    entries
      .map(
        ({ name, kind, doc }) => `<tr><td><a href="${placeOf(name)}">${name}</a></td><td>${kind}</td><td>${escaped(first(doc))}</td></tr>`,
      )
      .join("\n");
  const sections = groups.map(
    (group) => `<h2 id="${group.id}"><a href="${group.id}.html">${group.title}</a></h2>\n<table>\n${rows(group)}\n</table>`,
  );
  return (
    `<h1>API reference</h1>\n<p>Everything <code>import … from "heddle"</code> gives. <input id="filter" type="search" placeholder="a name" aria-label="a name"></p>\n` +
    `${sections.join("\n")}\n<script src="../filter.js"></script>`
  );
}
