/** The chart of docs/performance.md: cold start beside its references, and the growth of a stack's time. */

import type { StackRun } from './stack.ts';
import type { Summary } from './statistics.ts';

export interface ChartData {
  /** Values in milliseconds. */
  bars: { label: string; values: { name: string; summary: Summary }[] }[];
  runs: readonly StackRun[];
}

const colours: Record<string, string> = {
  provider: '#1f6feb',
  'plain bundle': '#8c959f',
  'Secrets Manager client alone': '#bf8700',
};
const width = 900;
const height = 360;
const top = 56;
const bottom = 300;

export function chart({ bars, runs }: ChartData): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>Cold start and stacks of the provider beside their references</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${barPanel(bars, 60, 430)}
${growthPanel(runs, 510, 880)}
</svg>
`;
}

function barPanel(bars: ChartData['bars'], left: number, right: number): string {
  const highest = ceiling(
    Math.max(...bars.flatMap(({ values }) => values.map(({ summary }) => summary.quartiles[1]))),
  );
  const y = (value: number) => bottom - (value / highest) * (bottom - top);
  const group = (right - left) / bars.length;
  const parts = bars.flatMap(({ label, values }, index) => {
    const barWidth = Math.min(44, (group - 24) / values.length);
    const start = left + index * group + (group - barWidth * values.length) / 2;
    return [
      ...values.map(({ name, summary: { median, quartiles } }, at) => {
        const x = start + at * barWidth;
        const middle = x + barWidth / 2 - 2;
        return [
          `<rect x="${fix(x)}" y="${fix(y(median))}" width="${fix(barWidth - 4)}" height="${fix(bottom - y(median))}" fill="${colours[name] ?? '#57606a'}"/>`,
          `<line x1="${fix(middle)}" x2="${fix(middle)}" y1="${fix(y(quartiles[0]))}" y2="${fix(y(quartiles[1]))}" stroke="#24292f"/>`,
          text(middle, y(Math.max(median, quartiles[1])) - 5, String(Math.round(median)), 'middle'),
        ].join('\n');
      }),
      text(left + (index + 0.5) * group, bottom + 18, label, 'middle'),
    ];
  });
  const names = [...new Set(bars.flatMap(({ values }) => values.map(({ name }) => name)))];
  return [
    text(left, 24, 'Cold start, milliseconds (median, quartiles)', 'start', 14),
    ...axis(left, right, highest, y),
    ...parts,
    ...legend(
      left,
      names.map((name) => [name, colours[name] ?? '#57606a']),
    ),
  ].join('\n');
}

function growthPanel(runs: readonly StackRun[], left: number, right: number): string {
  const lines: { name: string; colour: string; points: [number, number][] }[] = [
    { name: 'provider', colour: '#1f6feb', points: pointsOf(runs, 'ours') },
    { name: 'as in tutorials', colour: '#8c959f', points: pointsOf(runs, 'tutorial') },
  ];
  const all = lines.flatMap(({ points }) => points);
  const highest = ceiling(Math.max(...all.map(([, seconds]) => seconds)));
  const most = Math.max(...all.map(([actions]) => actions));
  const x = (actions: number) => left + (actions / most) * (right - left);
  const y = (seconds: number) => bottom - (seconds / highest) * (bottom - top);
  return [
    text(left, 24, 'Creating a stack of data actions, seconds (10 at a time)', 'start', 14),
    ...axis(left, right, highest, y),
    ...[...new Set(all.map(([actions]) => actions))].map((actions) =>
      text(x(actions), bottom + 18, String(actions), 'middle'),
    ),
    ...lines.flatMap(({ colour, points }) => [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([actions, seconds]) => `${fix(x(actions))},${fix(y(seconds))}`).join(' ')}"/>`,
      ...points.map(
        ([actions, seconds]) =>
          `<circle cx="${fix(x(actions))}" cy="${fix(y(seconds))}" r="3" fill="${colour}"/>`,
      ),
    ]),
    ...legend(
      left,
      lines.map(({ name, colour }) => [name, colour]),
    ),
  ].join('\n');
}

const pointsOf = (runs: readonly StackRun[], provider: StackRun['provider']): [number, number][] =>
  runs
    .filter((run) => run.provider === provider && run.atATime === 10 && run.containers > 1)
    .map(({ actions, createSeconds }): [number, number] => [actions, createSeconds])
    .sort(([a], [b]) => a - b);

function axis(left: number, right: number, highest: number, y: (value: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line x1="${left}" x2="${right}" y1="${fix(y(highest * share))}" y2="${fix(y(highest * share))}" stroke="#d0d7de"/>`,
    text(left - 6, y(highest * share) + 4, String(highest * share), 'end'),
  ]);
}

function legend(left: number, entries: [string, string][]): string[] {
  let x = left;
  return entries.flatMap(([name, colour]) => {
    const at = x;
    x += 30 + name.length * 6.6;
    return [
      `<rect x="${fix(at)}" y="330" width="12" height="12" fill="${colour}"/>`,
      text(at + 17, 340, name, 'start'),
    ];
  });
}

const text = (x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end', size = 12) =>
  `<text x="${fix(x)}" y="${fix(y)}" text-anchor="${anchor}" font-size="${size}" fill="#24292f">${content}</text>`;

const fix = (value: number) => Number(value.toFixed(1));

/** The next round number whose quarters are round, too. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 4, 8, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}
