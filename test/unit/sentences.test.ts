/**
 * A sentence is for a person: code decides by fields and classes of errors. Words of others that come without
 * a code are read in few places, which are listed here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const sources = ['common', 'provider', 'endpoint', 'cli', 'operations', 'scripts', 'local'].flatMap(
  (folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((name) => name.endsWith('.ts'))
      .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') })),
);

/** A message that is searched, cut up or compared with a pattern. */
const READ = [
  /\bmessage(\)|Of\([^()]*\))?\??\.(replace|replaceAll|match|matchAll|startsWith|endsWith|includes|indexOf|split|search)\(/,
  /\.(test|exec)\(\s*(\w+\.)*(message|messageOf\([^()]*\)|said\([^()]*\))\s*\)/,
];

const ALLOWED = [
  // CloudFormation's "does not exist".
  'cli/connection/provider-stack.ts',
  // Time-outs and TLS of the AWS SDK's HTTP handler, which have no code of their own.
  'endpoint/business.ts',
  // The log of a MiniStack that met a taken port.
  'local/aws/ministack.ts',
  // CloudFormation's "No updates are to be performed".
  'local/faults/properties.ts',
  // CloudFormation's "does not exist".
  'provider/runtime/cloudformation.ts',
  'scripts/rollout/refusals.ts',
];

test('no sentence is read for a decision, but words of others that have no code', () => {
  const reading = sources.filter(({ text }) => READ.some((pattern) => pattern.test(text)));
  expect(reading.map(({ file }) => file).sort()).toEqual(ALLOWED);
});

test('errors of the provider are told by their class, not by its name', () => {
  const classes = sources
    .filter(({ file }) => file.startsWith('provider/'))
    .flatMap(({ text }) => [...text.matchAll(/\bclass (\w+Error)\b/g)].map(([, name = '']) => name));
  expect(classes).toContain('OutcomeUnknownError');
  const quoted = new RegExp(`[!=]== '(${classes.join('|')})'`);
  expect(sources.filter(({ text }) => quoted.test(text)).map(({ file }) => file)).toEqual([]);
});
