/** Shows a section on the terminal and in docs/performance.md, and makes a section of bare figures. */
import type { Section } from './section.ts';

/** The section as a table of aligned columns. */
export function asText({ title, columns, rows, notes }: Section): string {
  const lines = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`\n${title}`, ...text, ...notes.map((note) => `  ${note}`)].join('\n');
}

export function asMarkdown({ title, columns, rows, notes }: Section): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    line(columns),
    line(columns.map((_, column) => (column === 0 ? '---' : '--:'))),
    ...rows.map(line),
    '',
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

/** Numbers, texts and truth values of nested figures, by their path. */
export function flattened(figures: unknown, path = ''): [string, string | number][] {
  if (typeof figures === 'number' || typeof figures === 'string' || typeof figures === 'boolean')
    return [[path, typeof figures === 'boolean' ? String(figures) : figures]];
  if (typeof figures !== 'object' || figures === null) return [];
  return Object.entries(figures).flatMap(([name, value]) =>
    flattened(value, path === '' ? name : `${path}.${name}`),
  );
}

/** Makes a section of figures alone, with one row for each. */
export function sectionOf(title: string, figures: unknown): Section {
  if (isSection(figures)) return figures;
  return {
    title,
    columns: ['', 'figure'],
    rows: flattened(figures),
    notes: [],
    goals: [],
    figures: figures as Record<string, unknown>,
  };
}

function isSection(value: unknown): value is Section {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['columns', 'rows', 'figures', 'goals'].every((name) => name in value)
  );
}
