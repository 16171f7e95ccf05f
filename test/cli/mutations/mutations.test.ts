/**
 * Sound templates with one fault each: every operator of the tables plants its fault in several places, and
 * the command finds that one, there, in words that fit, and nothing else. A seed makes the choice.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../../../cli/validate/findings.ts';
import { validateTemplate } from '../../../cli/validate/validate.ts';
import { ofActions } from './actions.ts';
import { type Form, forms, type Path, readTemplate, type Written } from './forms.ts';
import { type Fault, get, type Members, placesOf } from './places.ts';
import { type Operator, ofProperties } from './properties.ts';
import { ofTemplates } from './templates.ts';

const root = resolve(import.meta.dirname, '../../..');
const FOLDERS = ['templates/examples', 'templates/kms', 'templates/iam', 'test/cli/sound'];
/** Mutants of one operator. */
const MOST = 9;

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => join(folder, name)),
).map((file) => ({ file, template: readTemplate(readFileSync(join(root, file), 'utf8')) as Members }));

const operators: Operator[] = [...ofProperties, ...ofActions, ...ofTemplates];
const formNames = Object.keys(forms) as Form[];

interface Mutant {
  file: string;
  form: Form;
  written: Written;
  template: Members;
  faults: Fault[];
}

/** A pseudorandom order that is the same in every run (mulberry32). */
function shuffled<T>(items: T[], seed: number): T[] {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  return items
    .map((item) => ({ item, rank: next() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

const places = sources.flatMap(({ file, template }) =>
  [...placesOf(template)].map((place) => ({ file, place })),
);

function mutantsOf({ plant }: Operator, seed: number): Mutant[] {
  const planted: Mutant[] = [];
  for (const { file, place } of shuffled(places, seed)) {
    if (planted.length === MOST) break;
    const made = plant(place);
    if (made === undefined) continue;
    const form = formNames[(seed + planted.length) % formNames.length] ?? 'JSON';
    planted.push({ file, ...made, form, written: forms[form](made.template) });
  }
  return planted;
}

const mutants = operators.map((operator, index) => ({ operator, mutants: mutantsOf(operator, index + 1) }));

/** A group begins behind its name, in YAML at the line of its first member. */
function linesOf({ template, written }: Mutant, at: Path): number[] {
  const line = written.lineOf(at);
  const value = get(template, at);
  return typeof value === 'object' && value !== null ? [line, line + 1] : [line];
}

const shown = ({ rule, line, path, message, fix }: Finding) =>
  `${rule} at line ${line}: ${path}: ${message}. ${fix}`;

function problemsOf(mutant: Mutant): string[] {
  const { findings } = validateTemplate(mutant.file, mutant.written.text);
  const left = [...findings];
  const missing = mutant.faults.filter(({ rule, at, path, says }) => {
    const index = left.findIndex(
      (one) =>
        one.rule === rule &&
        one.path === path &&
        linesOf(mutant, at).includes(one.line) &&
        says.test(`${one.message}. ${one.fix}`),
    );
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  const where = `${mutant.file} as ${mutant.form}`;
  return [
    ...missing.map(({ rule, at, path }) => `${where}: no ${rule} at line ${linesOf(mutant, at)}: ${path}`),
    ...left.map((one) => `${where}: ${shown(one)}`),
  ];
}

test.each(formNames)('no sound template has a finding, written as %s', (form) => {
  for (const { file, template } of sources) {
    expect({ file, findings: validateTemplate(file, forms[form](template).text).findings }).toEqual({
      file,
      findings: [],
    });
  }
});

describe('a planted fault is found at its place and in its words, and nothing else:', () => {
  test.each(
    mutants
      .filter(({ operator }) => operator.unseen === undefined)
      .map((one) => [one.operator.name, one.mutants] as const),
  )('%s', (_name, planted) => {
    expect(planted.length).toBeGreaterThan(0);
    expect(planted.flatMap(problemsOf)).toEqual([]);
  });
});

describe('a fault that only the deployment can show is no finding, and no other finding hides it:', () => {
  test.each(
    mutants
      .filter(({ operator }) => operator.unseen !== undefined)
      .map((one) => [one.operator.name, one.mutants] as const),
  )('%s', (_name, planted) => {
    expect(planted.length).toBeGreaterThan(0);
    expect(planted.flatMap(problemsOf)).toEqual([]);
  });
});

test('at least 300 mutants have a fault to find, in each of the three forms', () => {
  const faulty = mutants.flatMap(({ mutants: planted }) => planted).filter(({ faults }) => faults.length > 0);
  expect(faulty.length).toBeGreaterThanOrEqual(300);
  for (const form of formNames) expect(faulty.filter((one) => one.form === form).length).toBeGreaterThan(80);
  expect(new Set(faulty.map(({ written }) => written.text)).size).toBeGreaterThanOrEqual(300);
});
