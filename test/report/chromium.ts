/** Chromium, where it is installed: pages as it lays them out and draws them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PNG } from "pngjs";

const LIMIT_MS = 60_000;

/** The command of it, or undefined if there is none here. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (command) => spawnSync(command, ["--version"], { timeout: LIMIT_MS }).status === 0,
);

export interface Look {
  readonly dark?: boolean;
  readonly width: number;
  readonly height: number;
}

function run(
  page: string,
  { dark = false, width, height }: Look,
  more: (folder: string) => string[],
): { stdout: string; folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "heddle-report-"));
  const file = join(folder, "page.html");
  writeFileSync(file, page);
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    `--user-data-dir=${join(folder, "profile")}`,
    `--window-size=${width},${height}`,
  ];
  if (dark) options.push("--blink-settings=preferredColorScheme=0");
  const { status, stdout, stderr } = spawnSync(chromium!, [...options, ...more(folder), pathToFileURL(file).href], {
    timeout: LIMIT_MS,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${chromium} ended with ${status}: ${stderr}`);
  return { stdout, folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The page as pixels. */
export function drawn(page: string, look: Look): PNG {
  const { folder, remove } = run(page, look, (into) => [`--screenshot=${join(into, "page.png")}`]);
  try {
    return PNG.sync.read(readFileSync(join(folder, "page.png")));
  } finally {
    remove();
  }
}

/** What `script` answers, a value as JSON has it, when it is run in the page. */
export function asked(page: string, look: Look, script: string): unknown {
  const asking = `<script>document.title = JSON.stringify((() => { ${script} })())</script></body>`;
  const { stdout, remove } = run(page.replace("</body>", asking), look, () => ["--dump-dom"]);
  remove();
  const title = /<title>(.*?)<\/title>/s.exec(stdout)![1]!;
  return JSON.parse(title.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
}
