/** StrykerJS's report, read for a person: the score, and the changes that no test notices. */

/** The parts of the report that are read. */
export interface Report {
  files: Record<string, { source: string; mutants: Change[] }>;
}

/** One small change of the code, and what the tests made of it. */
interface Change {
  mutatorName: string;
  replacement?: string;
  location: { start: Place; end: Place };
  status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError' | 'Ignored';
}

/** Line and column begin with 1. */
interface Place {
  line: number;
  column: number;
}

/** How many changes a part of the code has, by what the tests made of them. */
export interface Score {
  noticed: number;
  survived: number;
  /** In code that none of the tests runs. */
  notRun: number;
}

/** Share of the changes that the tests noticed, of those in code that they run, in percent. */
export const percentOf = ({ noticed, survived }: Score): number =>
  noticed + survived === 0 ? 100 : (100 * noticed) / (noticed + survived);

/** The score by file. A change that breaks the program counts as noticed, and so does one that never ends. */
export function scoresOf({ files }: Report): Map<string, Score> {
  return new Map(
    Object.entries(files).map(([file, { mutants }]) => {
      const survived = mutants.filter(({ status }) => status === 'Survived').length;
      const notRun = mutants.filter(({ status }) => status === 'NoCoverage').length;
      const ignored = mutants.filter(({ status }) => status === 'Ignored').length;
      return [file, { noticed: mutants.length - survived - notRun - ignored, survived, notRun }];
    }),
  );
}

export const sumOf = (scores: Iterable<Score>): Score =>
  [...scores].reduce(
    (sum, { noticed, survived, notRun }) => ({
      noticed: sum.noticed + noticed,
      survived: sum.survived + survived,
      notRun: sum.notRun + notRun,
    }),
    { noticed: 0, survived: 0, notRun: 0 },
  );

/** One line for each change that no test noticed: `file:line  before  →  after`. */
export function survivorsOf({ files }: Report): string[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === 'Survived')
      .map(({ location: { start, end }, replacement = '' }) => {
        const before = textBetween(source, start, end);
        return `${file}:${start.line}  ${inOneLine(before)}  →  ${inOneLine(replacement)}`;
      }),
  );
}

function textBetween(source: string, start: Place, end: Place): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
    )
    .join('\n');
}

const LONGEST = 100;
function inOneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
