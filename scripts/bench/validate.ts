/**
 * Section `validate`: resources that the command checks in a second, beside reading the same files and beside
 * cfn-lint.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseTemplate } from '../../cli/templates/template.ts';
import { validateTemplate } from '../../cli/validate/validate.ts';
import type { Options, Section } from './section.ts';
import { median, pairedRatio, round, shown, summary } from './statistics.ts';

const root = resolve(import.meta.dirname, '../..');
/** Resources in one file; CloudFormation takes 500 in a template. */
const RESOURCES = 400;

export async function validate({ quick, say }: Options): Promise<Section> {
  const runs = quick ? 5 : 15;
  const examples = (await readdir(join(root, 'templates/examples')))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, 'templates/examples', name));

  say(`checking ${RESOURCES} resources in one template ${runs} times`);
  const text = largeTemplate();
  const checked: number[] = [];
  const read: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const check = timed(() => {
      const { resources, findings } = validateTemplate('large.yaml', text);
      if (resources !== RESOURCES + 1 || findings.length > 0)
        throw new Error('the large template is not sound');
    });
    const parse = timed(() => parseTemplate(text));
    // The first run compiles the code and is not counted.
    if (run === 0) continue;
    checked.push(check);
    read.push(parse);
  }

  say('the command over the examples, beside cfn-lint');
  const command: number[] = [];
  const linter: number[] = [];
  for (let run = 0; run <= (quick ? 3 : 15); run += 1) {
    const ours = await ended(process.execPath, [join(root, 'dist/cli.mjs'), 'validate', ...examples]);
    const lint = await ended('cfn-lint', ['--', ...examples]);
    if (run === 0) continue;
    command.push(ours);
    linter.push(lint);
  }
  const resources = await resourcesOf(examples);
  const perSecond = Math.round((RESOURCES + 1) / (median(checked) / 1000));
  return {
    title: 'Validation of templates, milliseconds: median (quartiles)',
    columns: ['', 'validate', 'reference', 'ratio', 'resources a second'],
    rows: [
      [
        `${RESOURCES + 1} resources in one template, beside reading it as YAML`,
        shown(summary(checked)),
        shown(summary(read)),
        pairedRatio(checked, read),
        perSecond,
      ],
      [
        `${examples.length} examples by the command, beside cfn-lint`,
        shown(summary(command)),
        shown(summary(linter)),
        pairedRatio(command, linter),
        Math.round(resources / (median(command) / 1000)),
      ],
    ],
    notes: [
      'The first row is the checker alone, warm; the second the whole command, from the start of its process.',
      'cfn-lint checks everything but custom resources, so the two complement each other; it stands here for the time that a pipeline waits anyway.',
    ],
    goals: [],
    figures: {
      runs,
      resourcesPerSecond: perSecond,
      milliseconds: { validate: summary(checked), reading: summary(read) },
      ratioToReading: pairedRatio(checked, read),
      command: {
        validate: summary(command),
        cfnLint: summary(linter),
        ratioToCfnLint: pairedRatio(command, linter),
      },
    },
  };
}

/** A template with one integration and many data actions on it. */
function largeTemplate(): string {
  const action = (index: number) => `
  Action${index}:
    Type: Custom::GenesysDataAction
    Properties:
      ServiceToken: !ImportValue genesys-cloud-ServiceToken
      ServiceTimeout: 1200
      IntegrationId: !Ref Integration
      Name: Look up ${index}
      Category: Customers
      Contract:
        Input: {type: object, properties: {customerId: {type: string}}}
        Output: {type: object, properties: {name: {type: string}}}
      Request:
        UrlTemplate: !Sub arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:look-up
        Template: '{"id": "\${input.customerId}"}'`;
  return `Resources:
  Integration:
    Type: Custom::GenesysAwsIntegration
    Properties:
      ServiceToken: !ImportValue genesys-cloud-ServiceToken
      Name: Customers
      RoleArn: arn:aws:iam::111122223333:role/data-actions${Array.from({ length: RESOURCES }, (_, index) => action(index)).join('')}
`;
}

async function resourcesOf(files: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    files.map(async (file) => validateTemplate(file, await readFile(file, 'utf8')).resources),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function timed(run: () => unknown): number {
  const from = performance.now();
  run();
  return round(performance.now() - from);
}

/** Milliseconds from the start of a process to its end. */
function ended(command: string, args: readonly string[]): Promise<number> {
  const from = performance.now();
  return new Promise((done, fail) => {
    execFile(command, args, { cwd: root }, (error) =>
      error === null ? done(round(performance.now() - from)) : fail(error),
    );
  });
}
