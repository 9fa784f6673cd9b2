// Markdown as HTML, without anything from elsewhere: headings get GitHub's anchors, code its colours at build time, links between pages their endings.

import GithubSlugger from "github-slugger";
import highlight from "highlight.js";
import { Marked } from "marked";

export const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

const LANGUAGES = { ts: "typescript", js: "javascript", sh: "bash", json: "json", go: "go" };

function coloured(code, language) {
  const known = LANGUAGES[language];
  return known ? highlight.highlight(code, { language: known }).value : escaped(code);
}

/**
 * @param linkOf where a link of the page leads on the site; undefined: to something the site does not have
 * @returns the HTML, and the title
 */
export function render(markdown, linkOf) {
  const slugger = new GithubSlugger();
  let title;
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const text = html
          .replace(/<[^>]+>/g, "")
          .replace(/&amp;/g, "&")
          .replace(/&lt;/g, "<")
          .replace(/&gt;/g, ">")
          .replace(/&quot;/g, '"')
          .replace(/&#39;/g, "'");
        title ??= text;
        const id = slugger.slug(text);
        return `<h${depth} id="${escaped(id)}"><a class="anchor" href="#${escaped(id)}">${html}</a></h${depth}>\n`;
      },
      code({ text, lang }) {
        const [language] = (lang ?? "").split(" ");
        return `<pre><code>${coloured(text, language)}</code></pre>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const target = /^(?:[a-z]+:|#)/.test(href) ? href : linkOf(href);
        return target === undefined
          ? `<span class="elsewhere" title="${escaped(href)}">${text}</span>`
          : `<a href="${escaped(target)}">${text}</a>`;
      },
      tablerow({ text }) {
        const code = /^\s*<td[^>]*><code>((?:ERR|HEDDLE|ABORT)_[A-Z_]+)<\/code>/.exec(text)?.[1];
        return `<tr${code ? ` id="${code}"` : ""}>\n${text}</tr>\n`;
      },
    },
  });
  const html = marked.parse(markdown.replace(/^<!-- given\n[\s\S]*?^-->\n/gm, ""));
  return { html, title: title ?? "" };
}
