/**
 * Jobs page: what the lab's jobs did and how long it took them, made from lab.json and the recorded runs, and nothing else.
 */
import { BUSY_SHARE } from "../lab/idle-gate.ts";
import { VARIANT_NAMES } from "../lab/job.ts";
import type { LabReport } from "../lab/page.ts";
import { type JobResult, median } from "../lab/result.ts";
import { type Bar, barTable, gauge } from "./bars.ts";
import { badge, documentOf, facts, type Notice, tiles, wide } from "./document.ts";
import { type Content, type Html, html, idOf } from "./html.ts";
import { lanesFigure } from "./lanes.ts";
import { counted, figure, milliseconds, percent, times } from "./numbers.ts";
import type { Recording } from "./recording/recording.ts";

/** `recordings`: of the jobs that were recorded, by their names. */
export function jobsPage(report: LabReport, recordings: ReadonlyMap<string, Recording>): string {
  const { jobs, settings, at, totalMs } = report;
  return documentOf({
    title: "Heddle lab",
    lead: html`${counted(jobs.length, "job")} of real work: as a plain loop, as a program that uses Heddle on one thread and on ${settings.threads}, and on bare
Workers whose work was split beforehand. Every output is compared, then the times count.`,
    notices: noticesOf(report),
    body: html`
${tiles(tilesOf(report))}
<h2 id="jobs">The jobs</h2>
${jobTable(jobs)}
<h2 id="reading">How to read this page</h2>
${reading(settings.threads)}
${jobs.map((job) => jobSection(job, recordings.get(job.name)))}
<h2 id="machine">Machine and settings</h2>
${machineFacts(report)}`,
    footer: html`Made by <code>npm start</code> on <time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time> in ${(totalMs / 1_000).toFixed(0)} s, from
<a href="lab.json">lab.json</a> and the recorded runs beside it. It loads nothing, and can be kept and sent as it is.`,
  });
}

function noticesOf({ jobs, machine, settings }: LabReport): Notice[] {
  const notices: Notice[] = [];
  const wrong = jobs.filter(({ equal }) => !equal).map(({ name }) => name);
  if (wrong.length > 0) {
    const text = html`<strong>Wrong output:</strong> not all variants of ${wrong.join(", ")} gave the same. A wrong result has no speed.`;
    notices.push({ kind: "bad", text });
  }
  const disturbed = jobs.filter(({ othersShare }) => othersShare > BUSY_SHARE);
  if (machine.idleness.busy || disturbed.length > 0) {
    const most = Math.max(...disturbed.map(({ othersShare }) => othersShare), machine.idleness.busy ? machine.idleness.busyShare : 0);
    const when = disturbed.length > 0 ? `during ${disturbed.map(({ name }) => name).join(", ")}` : "when the run began";
    const text = html`<strong>A busy machine.</strong> Other programs used up to ${percent(most)} of the cores ${when}. The times are noisy; whether outputs are equal is not.`;
    notices.push({ kind: "warn", text });
  }
  if (settings.quick)
    notices.push({ kind: "warn", text: html`<strong>A quick run.</strong> It shows that the jobs work, not how fast they are.` });
  return notices;
}

function tilesOf({ jobs, settings, machine }: LabReport) {
  const factors = jobs.flatMap(({ speedUp }) => (speedUp === null ? [] : [speedUp]));
  const shares = jobs.flatMap(({ shareOfCeiling }) => (shareOfCeiling === null ? [] : [shareOfCeiling]));
  const [factor, share] = [median(factors), median(shares)];
  return [
    { name: "outputs equal", value: `${jobs.filter(({ equal }) => equal).length} of ${jobs.length}`, note: "jobs, byte for byte" },
    {
      name: "speed-up",
      value: factor === null ? "–" : times(factor),
      note: factors.length > 0 && `median; ${times(Math.min(...factors))} to ${times(Math.max(...factors))}`,
    },
    {
      name: "of the ceiling",
      value: share === null ? "–" : percent(share),
      note: shares.length > 0 && `median; least ${percent(Math.min(...shares))}`,
    },
    { name: "threads", value: settings.threads, note: `on ${counted(machine.cores, "core")}` },
  ];
}

function jobTable(jobs: readonly JobResult[]): Html {
  const most = Math.max(1, ...jobs.flatMap(({ speedUp, ceilingSpeedUp }) => [speedUp ?? 0, ceilingSpeedUp ?? 0]));
  const rows = jobs.map((job) => {
    const { name, pattern, speedUp, ceilingSpeedUp, shareOfCeiling, equal, differs } = job;
    return html`<tr><th scope="row"><a href="#${idOf(name)}">${name}</a><small>${pattern}</small></th>
<td class="n">${speedUp === null ? "–" : times(speedUp)}</td><td class="track gauge threads">${speedUp !== null && gauge(speedUp, ceilingSpeedUp, most)}</td>
<td class="n">${shareOfCeiling === null ? "–" : percent(shareOfCeiling)}</td><td>${equal ? badge("✓ equal", "good") : badge(`✗ ${differs.join(", ")}`, "bad")}</td>
${[job.plainMs, job.inlineMs, job.threadsMs, job.ceilingMs].map((ms) => html`<td class="n">${ms === null ? "–" : figure(ms)}</td>`)}</tr>\n`;
  });
  const table = html`<table><caption><span>Speed-up is plain / threads, the upright mark that of the bare Workers: the ceiling. Times are medians in milliseconds.</span></caption>
<thead><tr><th scope="col">job</th><th scope="col" colspan="2">speed-up</th><th scope="col" class="n">of the ceiling</th><th scope="col">outputs</th>${VARIANT_NAMES.map((variant) => html`<th scope="col" class="n">${variant}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>`;
  return wide("The jobs", table);
}

function reading(threads: number): Html {
  return html`${facts([
    ["plain", "one thread, a loop, no library"],
    ["inline", html`the Heddle program on the calling thread (<code>threads: 0</code>)`],
    ["threads", `the same program on ${counted(threads, "thread")}`],
    ["ceiling", `${counted(threads, "bare Worker")}, the work split between them beforehand: what nobody goes beyond without magic`],
  ])}
<p>A bar is the median of the timed rounds; the line across it goes from the least to the greatest, each dot is a round. Variants took turns, and every one
had run before any was timed.</p>
<p>The space-time picture is of one more run of the program on threads, recorded and not timed: time goes to the right, each thread is a lane, each call of one of
the job's functions a bar, and a line goes from where a value was sent to where it was received. Recording slows a run down somewhat, so its length says
nothing.</p>`;
}

function jobSection(job: JobResult, recording: Recording | undefined): Html {
  const { name, pattern, title, equal } = job;
  return html`<section aria-labelledby="${idOf(name)}">
<h2 id="${idOf(name)}">${name} ${badge(pattern)}</h2>
<p>${withoutHashes(title)}.</p>
${equal ? rightOutput(job) : wrongOutput(job)}
${equal && timesFigure(job)}
${equal && recording !== undefined && recordedRun(job, recording)}
<details><summary>What it was given</summary>${facts(Object.entries(job.input).map(([key, value]) => [key, String(value)]))}</details>
</section>\n`;
}

function rightOutput({ warmUps, rounds, outcome, output, outputSha256, trace }: JobResult): Html {
  const runs = (warmUps + rounds) * VARIANT_NAMES.length + (trace === null ? 0 : 1);
  return html`<p>${badge("✓ equal", "good")} All ${runs} runs gave the same bytes (<code title="${outputSha256}">sha256 ${outputSha256.slice(0, 12)}…</code>):
${outcome}, in <a href="${encodeURI(output)}">${output}</a>.</p>`;
}

function wrongOutput({ differs, hashes }: JobResult): Html {
  return html`<p class="notice bad" role="note"><strong>Wrong:</strong> the output of ${differs.join(", ")} differs from the plain loop’s. No times are given.</p>
${facts(Object.entries(hashes).map(([variant, list]) => [variant, list.map((hash) => html`<code>${hash}</code> `)]))}`;
}

function timesFigure(job: JobResult): Html {
  const bars = VARIANT_NAMES.flatMap((variant): Bar[] => {
    const samples = job.samplesMs[variant] ?? [];
    const middle = median(samples);
    if (middle === null) return [];
    const cpu = job.cpuMs[variant];
    const note = typeof cpu === "number" ? `${milliseconds(cpu)} of processor time` : undefined;
    const [min, max] = [Math.min(...samples), Math.max(...samples)];
    return [{ label: variant, kind: variant, isOurs: variant === "threads", median: middle, min, max, samples, note }];
  });
  const caption = `Time of ${counted(job.rounds, "round")} each, less is better`;
  return html`<figure>${barTable({ caption, what: "variant", unit: "ms", bars })}<figcaption>${compared(job)}</figcaption></figure>`;
}

function compared({ speedUp, ceilingSpeedUp, shareOfCeiling, inlineToPlain, threads, othersShare }: JobResult): Content {
  if (speedUp === null || ceilingSpeedUp === null || shareOfCeiling === null || inlineToPlain === null) return "";
  return html`On ${counted(threads, "thread")} <strong>${times(speedUp)}</strong> as fast as the plain loop; the ceiling is ${times(ceilingSpeedUp)}, of which this is
<strong>${percent(shareOfCeiling)}</strong>. Inline it takes ${times(inlineToPlain)} the loop’s time.${othersShare > BUSY_SHARE && html` <span class="noisy">Others used ${percent(othersShare)} of the cores meanwhile.</span>`}`;
}

function recordedRun({ trace }: JobResult, recording: Recording): Html {
  const more =
    trace !== null &&
    html`<p>The same for a closer look: <a href="${encodeURI(trace)}" download>${trace}</a>, in the Trace Event Format, which Perfetto and Chrome’s tracing open.</p>`;
  return html`${lanesFigure(recording, "A recorded run:")}${more}`;
}

/** A hash says nothing in a sentence; it stands among the facts. */
function withoutHashes(title: string): string {
  return title.replace(/[,;] sha256 [0-9a-f]{64}/g, "");
}

function machineFacts({ machine, versions, settings }: LabReport): Html {
  const { idleness } = machine;
  return facts([
    ["cores", `${machine.cores} × ${machine.cpuModel}`],
    ["memory", `${machine.memoryGiB} GiB`],
    ["platform", machine.platform],
    ["load average", `${machine.loadAverage} before, ${machine.loadAverageAfter} after`],
    [
      "in use by others",
      `${percent(idleness.busyShare)} of the cores when the run began, after ${milliseconds(idleness.waitedMs)} of waiting for an idle machine`,
    ],
    ...Object.entries(versions).map(([name, version]): [string, string] => [name, version]),
    ...Object.entries(settings).map(([name, value]): [string, string] => [name, String(value)]),
  ]);
}
