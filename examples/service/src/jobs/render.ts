// Markdown to HTML, its code highlighted.

import hljs from "highlight.js/lib/common";
import { Marked } from "marked";

const marked = new Marked({
  async: false,
  renderer: {
    code({ text, lang = "" }) {
      const code = hljs.getLanguage(lang) ? hljs.highlight(text, { language: lang }).value : escaped(text);
      return `<pre><code class="hljs">${code}</code></pre>\n`;
    },
    html: ({ text }) => escaped(text),
  },
});

/** HTML in the Markdown is shown, not passed on. Where its links lead is not looked at. */
export function render(markdown: string): string {
  return marked.parse(markdown) as string;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
