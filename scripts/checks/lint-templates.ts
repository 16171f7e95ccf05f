/**
 * `make lint-templates`: strict tools of others over all templates. Every finding is suppressed in the
 * template with its reason, or accepted in `lint/accepted.ts` with one. GUARD_RULES=<folder> adds the rules
 * of the public Guard registry, and writes the tables of docs/templates/guard.md, which have its findings
 * too. Exits 1 on a finding without a reason, or on a reason without a finding.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { between, guardPage } from '../build/template-docs.ts';
import { accepted } from './lint/accepted.ts';
import { cdkNag, cfnLint, checkov, guard, type Run } from './lint/runs.ts';
import { setUp } from './lint/tools.ts';

/** Runs all tools and prints what they found; resolves to the exit code. */
export async function run(): Promise<number> {
  setUp();
  const registry = process.env['GUARD_RULES'] || undefined;
  const runs: Run[] = [
    cfnLint(),
    checkov(),
    cdkNag(),
    guard('AWS Control Tower, of @cdklabs/cdk-validator-cfnguard'),
    ...(registry === undefined ? [] : [guard('public registry', registry)]),
  ];

  const open = runs.flatMap(({ tool, findings }) =>
    findings
      .filter(({ rule, reason }) => reason === undefined && accepted[rule] === undefined)
      .map(({ rule, where }) => `${tool} ${rule}: ${where}`),
  );
  const found = new Set(runs.flatMap(({ findings }) => findings.map(({ rule }) => rule)));
  const ofRegistry = /^[A-Z_]+$/;
  const idle = Object.keys(accepted).filter(
    (rule) => !found.has(rule) && (registry !== undefined || !ofRegistry.test(rule)),
  );

  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const runRows = runs.map(({ tool, version, rules, findings }) => {
    const suppressed = findings.filter(({ reason }) => reason !== undefined).length;
    return row([tool, version, rules, findings.length - suppressed, suppressed]);
  });

  /** How many resources or templates a rule was found at, by rule and reason. */
  const counts = new Map<string, Set<string>>();
  for (const { findings } of runs) {
    for (const { rule, where, reason } of findings) {
      const key = `\`${rule}\` | ${reason ?? accepted[rule] ?? 'none'}`;
      counts.set(key, (counts.get(key) ?? new Set()).add(where));
    }
  }
  const reasonRows = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, places]) => row([key, places.size]));

  const runTable = [
    '| tool | version | rules | accepted | suppressed |',
    '|---|---|---|---|---|',
    ...runRows,
  ];
  const reasonTable = ['| rule | reason | places |', '|---|---|---|', ...reasonRows];
  if (registry !== undefined) {
    const page = between(await readFile(guardPage, 'utf8'), 'runs', runTable.join('\n'));
    await writeFile(guardPage, between(page, 'accepted', reasonTable.join('\n')));
  }
  console.log(runTable.join('\n'));
  for (const finding of open) console.log(`no reason for ${finding}`);
  for (const rule of idle) console.log(`no finding of ${rule}, whose reason can go`);
  console.log(`${runs.length} runs, ${open.length} findings without a reason`);
  return open.length + idle.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await run();
