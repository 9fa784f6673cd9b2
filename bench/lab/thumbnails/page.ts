/**
 * Page: all thumbnails in one HTML file, in the order of their names: the output that the variants of the job must agree on.
 */
import type { Thumbnail } from "./thumbnail.ts";

export function thumbnailPage(thumbnails: readonly Thumbnail[]): string {
  const sorted = [...thumbnails].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `<!doctype html>\n<title>${sorted.length} thumbnails</title>\n${sorted.map(image).join("\n")}\n`;
}

export function describePage(page: string): string {
  return `${page.match(/<img /g)?.length ?? 0} thumbnails in a page of ${page.length.toLocaleString("en")} bytes`;
}

function image({ name, width, height, png }: Thumbnail): string {
  const data = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64");
  return `<img alt="${name}" title="${name}" width="${width}" height="${height}" src="data:image/png;base64,${data}">`;
}
