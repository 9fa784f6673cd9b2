/**
 * Style: how a page looks, by day and by night, on a wide screen and on a narrow one.
 *
 * Colours have names and two values, one for each scheme; nothing else in the pages names a colour. Text lies outside the drawings, so that it keeps its
 * size when they shrink.
 */

interface Scheme {
  readonly [name: string]: string;
}

const LIGHT: Scheme = {
  paper: "#faf8f3",
  card: "#ffffff",
  ink: "#1b2330",
  quiet: "#566072",
  line: "#e3ddd0",
  grid: "#ece7dc",
  link: "#0b5f73",
  plain: "#7d8694",
  inline: "#7f6bc2",
  threads: "#0d7f76",
  ceiling: "#c47a12",
  good: "#1a7f37",
  bad: "#b3261e",
  warn: "#8a5a00",
  goodback: "#e6f4e9",
  badback: "#fbe9e7",
  warnback: "#fdf1d6",
  one: "#0d7f76",
  two: "#c47a12",
  three: "#7f6bc2",
  four: "#c2477a",
  five: "#3f7fc4",
  six: "#6d8b1f",
};

const DARK: Scheme = {
  paper: "#11151b",
  card: "#181e27",
  ink: "#e8ebf0",
  quiet: "#9eaab9",
  line: "#2b3440",
  grid: "#232b36",
  link: "#6cc7dd",
  plain: "#8e98a7",
  inline: "#a897ea",
  threads: "#37c3b1",
  ceiling: "#e5a744",
  good: "#5cc97a",
  bad: "#ff8a80",
  warn: "#f0c063",
  goodback: "#16301e",
  badback: "#3a1a1a",
  warnback: "#33280f",
  one: "#37c3b1",
  two: "#e5a744",
  three: "#a897ea",
  four: "#ef83b0",
  five: "#77b1f2",
  six: "#a9cc4e",
};

/** Colours for things of one kind that have no names of their own, in the order they are given out. */
export const SERIES = ["one", "two", "three", "four", "five", "six"] as const;

function properties(scheme: Scheme): string {
  return Object.entries(scheme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");
}

/** `.one { --colour: var(--one) }`: what a bar, a line or a key of that class is drawn in. */
function classes(names: readonly string[]): string {
  return names.map((name) => `.${name}{--colour:var(--${name})}`).join("");
}

export const STYLE = `
:root{color-scheme:light dark;${properties(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${properties(DARK)}}}
${classes(["plain", "inline", "threads", "ceiling", ...SERIES])}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
main,header>div,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
h1,h2,h3{line-height:1.2;text-wrap:balance;font-weight:650;letter-spacing:-.01em}
h1{font-size:clamp(1.9rem,5vw,2.6rem);margin:0 0 .4rem}
h2{font-size:1.45rem;margin:3rem 0 .4rem;scroll-margin-top:1rem}
h3{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
.lead{font-size:1.15rem;color:var(--quiet)}
.quiet,small{color:var(--quiet)}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
header{border-bottom:1px solid var(--line);padding:2.2rem 0 1.6rem;background:var(--card)}
header::before{content:"";display:block;height:14px;margin:-2.2rem 0 2rem;background:
repeating-linear-gradient(90deg,transparent 0 10px,var(--card) 10px 12px),
repeating-linear-gradient(90deg,var(--threads) 0 24px,var(--ceiling) 24px 36px,var(--inline) 36px 48px,var(--threads) 48px 72px)}
.notice{border-left:4px solid;border-radius:0 6px 6px 0;padding:.7rem 1rem;margin:1rem 0;max-width:none}
.notice.warn{border-color:var(--warn);background:var(--warnback)}
.notice.bad{border-color:var(--bad);background:var(--badback)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;margin:1.5rem 0;padding:0}
.tiles>div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem}
.tiles dt{color:var(--quiet);font-size:.85rem}
.tiles dd{margin:0;font-size:1.55rem;font-weight:650;font-variant-numeric:tabular-nums}
.tiles dd small{display:block;font-size:.8rem;font-weight:400}
.wide{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.94rem}
caption>span{position:sticky;left:0;display:inline-block;max-width:min(46rem,calc(100vw - 2.5rem))}
caption{text-align:left;color:var(--quiet);font-size:.9rem;padding:.2rem 0 .5rem}
th,td{padding:.45rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:middle}
th{font-weight:600}
thead th{font-size:.82rem;color:var(--quiet);vertical-align:bottom}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.n{text-align:right;white-space:nowrap}
td small,th small{display:block;white-space:normal;font-weight:400;font-size:.8rem}
figure{margin:1rem 0;padding:1rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:10px}
figcaption{color:var(--quiet);font-size:.9rem;margin-top:.7rem;max-width:46rem}
figure>:first-child{margin-top:0}
.bars{table-layout:fixed}
.bars td,.bars th{padding:.3rem .5rem .3rem 0;border:0}
.bars th{line-height:1.25}
.bars thead th:first-child{width:26%}
.bars .n{width:6.5rem;padding-right:0}
.bars .track{padding-right:.6rem;min-width:5rem}
.bars .ours th{font-weight:650}
svg{display:block}
.gauge{width:9rem;min-width:5rem;padding-right:0}
.track svg{width:100%;height:1.5rem;overflow:visible}
.fill{fill:var(--colour,var(--plain))}
.spread{stroke:var(--ink);stroke-width:1.5;vector-effect:non-scaling-stroke;opacity:.75}
.dot{stroke:var(--ink);stroke-width:4;stroke-linecap:round;vector-effect:non-scaling-stroke;opacity:.4}
.mark{stroke:var(--ceiling);stroke-width:3;vector-effect:non-scaling-stroke}
.noisy{color:var(--warn)}
.badge{display:inline-block;padding:.05rem .55rem;border:1px solid var(--line);border-radius:99px;font-size:.82rem;color:var(--quiet);vertical-align:.15em;font-weight:500;letter-spacing:0;white-space:nowrap}
.badge.good{background:var(--goodback);color:var(--good);border-color:transparent}
.badge.bad{background:var(--badback);color:var(--bad);border-color:transparent}
.keys{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.2rem 0 .7rem;padding:0;list-style:none;font-size:.88rem}
.keys li::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:2px;background:var(--colour);margin-right:.45em;vertical-align:-.05em}
.keys li.crossing::before{height:0;border-top:2px solid var(--quiet);border-radius:0;background:none;vertical-align:.25em;width:1.2em}
.plot{position:relative;margin:0 .9rem 0 3.6rem}
.axis+.plot{margin-top:.9rem}
.plot>svg{width:100%;height:100%;overflow:visible}
.plot .x,.plot .y,.plot .lane{position:absolute;font-size:.78rem;color:var(--quiet);white-space:nowrap;line-height:1}
.plot .x{transform:translate(-50%,.45rem);top:100%}
.plot .y{right:calc(100% + .5rem);transform:translateY(-50%)}
.plot .lane{right:calc(100% + .6rem);transform:translateY(-50%);color:var(--ink);text-align:right;line-height:1.15}
.axis{font-size:.82rem;color:var(--quiet);margin:0}
.axis.below{text-align:center;margin:1.7rem .9rem 0 3.6rem;max-width:none}
.rule{stroke:var(--grid);stroke-width:1;vector-effect:non-scaling-stroke}
.one-rule{stroke:var(--quiet)}
.floor{fill:var(--grid)}
.curve{fill:none;stroke:var(--colour);stroke-width:2.2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.ideal{--colour:var(--quiet)}
.curve.ideal{stroke-dasharray:5 5;stroke-width:1.5}
.point{stroke:var(--colour);stroke-width:8;stroke-linecap:round;vector-effect:non-scaling-stroke}
.cross{stroke:var(--quiet);stroke-width:1;vector-effect:non-scaling-stroke;opacity:.55}
.arrival{stroke:var(--ink);stroke-width:3.5;stroke-linecap:round;vector-effect:non-scaling-stroke}
.call{fill:var(--colour);stroke:var(--card);stroke-width:.6;vector-effect:non-scaling-stroke}
.call.open{fill-opacity:.45}
details{margin:.8rem 0}
summary{cursor:pointer;color:var(--link)}
dl.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1.2rem;margin:.6rem 0;font-size:.94rem}
dl.facts dt{color:var(--quiet)}
dl.facts dd{margin:0;overflow-wrap:anywhere}
footer{color:var(--quiet);font-size:.88rem;padding-top:2.5rem;padding-bottom:3rem}
@media (max-width:40rem){main,header>div,footer{padding-left:.9rem;padding-right:.9rem}figure{padding:.8rem .75rem}.bars .n{width:5.2rem}.bars thead th:first-child{width:32%}dl.facts{grid-template-columns:1fr}dl.facts dd{margin-bottom:.4rem}}
@media print{body{background:#fff}figure,.tiles>div{break-inside:avoid}}
`;
