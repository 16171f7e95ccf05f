/**
 * Compares the templates with those of the last release: an update must never replace or drop what holds data, nor the
 * function behind the ServiceToken; what breaks a deployment that works needs a major version (docs/versioning.md).
 * `node scripts/release/update-check.ts` compares with the newest tag `v*` before this version; without one it passes.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseTemplate, type Resource, type Template } from './template.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Finding {
  /** never: refused in any version. major: allowed in a major version. */
  level: 'never' | 'major';
  template: string;
  what: string;
}

/** Whatever is lost with these is lost for good; a stack set and a function carry others' stacks. */
const mustStay =
  /^AWS::(DynamoDB::Table|KMS::(Key|ReplicaKey|Alias)|S3::Bucket|SecretsManager::Secret|Logs::LogGroup|CloudFormation::StackSet|Lambda::Function)$/;

/** Names of a type's properties whose change replaces the resource, as slash-separated paths. */
export type CreateOnly = (type: string) => readonly string[];

/** What an update from one release's template to the next would break. */
export function compare(name: string, before: Template, after: Template, createOnly: CreateOnly): Finding[] {
  const findings: Finding[] = [];
  const find = (level: Finding['level'], what: string) => findings.push({ level, template: name, what });

  for (const [id, was] of Object.entries(before.Resources)) {
    const is = after.Resources[id];
    const level = mustStay.test(was.Type) ? 'never' : 'major';
    if (is === undefined || is.Type !== was.Type) {
      if (level === 'never') find(level, `${id} (${was.Type}) is gone or of another type`);
      continue;
    }
    for (const path of createOnly(was.Type)) {
      if (!isDeepStrictEqual(at(was, path), at(is, path))) {
        find(level, `${id} (${was.Type}) is replaced: ${path} changed`);
      }
    }
    if (level !== 'never') continue;
    if (!isDeepStrictEqual(conditionOf(before, was), conditionOf(after, is))) {
      find(level, `${id} (${was.Type}) exists under another condition`);
    }
    for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
      if (was[policy] === 'Retain' && is[policy] !== 'Retain') find(level, `${id} lost ${policy}: Retain`);
    }
  }

  for (const [id, was] of Object.entries(before.Parameters ?? {})) {
    const is = after.Parameters?.[id];
    if (is === undefined) find('major', `parameter ${id} is gone`);
    else if (is.Type !== was.Type) find('major', `parameter ${id} is of another type`);
    else {
      if (was.Default !== undefined && is.Default === undefined)
        find('major', `parameter ${id} lost its default`);
      const allowed = is.AllowedValues;
      const gone =
        allowed === undefined
          ? []
          : (was.AllowedValues ?? ['anything']).filter(
              (value) => !allowed.map(String).includes(String(value)),
            );
      if (gone.length > 0) find('major', `parameter ${id} no longer takes ${gone.join(', ')}`);
    }
  }
  for (const [id, is] of Object.entries(after.Parameters ?? {})) {
    if (is.Default === undefined && before.Parameters?.[id] === undefined) {
      find('major', `parameter ${id} is new and has no default`);
    }
  }
  for (const [id, was] of Object.entries(before.Outputs ?? {})) {
    const is = after.Outputs?.[id];
    if (is === undefined) find('major', `output ${id} is gone`);
    else if (!isDeepStrictEqual(was.Export, is.Export)) find('major', `output ${id} is exported otherwise`);
  }
  return findings;
}

function at({ Properties }: Resource, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      Properties,
    );
}

const conditionOf = ({ Conditions = {} }: Template, { Condition }: Resource) =>
  Condition === undefined ? undefined : Conditions[String(Condition)];

/** Findings that the step from one version to the next does not allow. Before 1.0.0 a minor version may break. */
export function forbidden(findings: readonly Finding[], from: string, to: string): Finding[] {
  const [oldMajor = 0, oldMinor = 0] = from.split('.').map(Number);
  const [major = 0, minor = 0] = to.split('.').map(Number);
  const mayBreak = major > oldMajor || (major === 0 && minor > oldMinor);
  return findings.filter(({ level }) => level === 'never' || !mayBreak);
}

/** Create-only properties by the resource schemas that come with cfn-lint. */
export function schemas(): CreateOnly {
  const lib = join(root, '.tools/python/lib');
  const python = readdirSync(lib).find((one) => one.startsWith('python3')) ?? '';
  const folder = join(lib, python, 'site-packages/cfnlint/data/schemas');
  const index: Record<string, string> = JSON.parse(
    readFileSync(join(folder, 'providers/us-east-1.json'), 'utf8'),
  );
  return (type) => {
    const file = index[type];
    if (file === undefined) {
      if (type.startsWith('Custom::')) return [];
      throw new Error(`cfn-lint knows no schema of ${type}.`);
    }
    const { createOnlyProperties = [] } = JSON.parse(
      readFileSync(join(folder, 'resources', `${file}.json`), 'utf8'),
    ) as { createOnlyProperties?: string[] };
    return createOnlyProperties.map((path) => path.replace(/^\/properties\//, ''));
  };
}

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });

/** The newest released version before this one; undefined when there is none. */
export function lastRelease(tags: readonly string[], version: string): string | undefined {
  const order = (one: string) => one.split('.').map(Number);
  const less = (a: string, b: string) => {
    const [x, y] = [order(a), order(b)];
    for (const [index, part] of x.entries()) {
      if (part !== y[index]) return part < (y[index] ?? 0);
    }
    return false;
  };
  return tags
    .flatMap((tag) => /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1] ?? [])
    .filter((one) => less(one, version))
    .reduce<string | undefined>(
      (best, one) => (best === undefined || less(best, one) ? one : best),
      undefined,
    );
}

function main(): void {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const last = lastRelease(git('tag', '--list', 'v*').split('\n'), version);
  if (last === undefined) {
    console.log(`No release before ${version}: there is nothing to update from.`);
    return;
  }
  const tag = `v${last}`;
  const files = git('ls-tree', '-r', '--name-only', tag, 'templates/')
    .split('\n')
    .filter((name) => name.endsWith('.yaml'));
  const createOnly = schemas();
  const findings = files.flatMap((name): Finding[] => {
    let text: string;
    try {
      text = readFileSync(join(root, name), 'utf8');
    } catch {
      return [{ level: 'major', template: name, what: 'the template is gone' }];
    }
    return compare(name, parseTemplate(git('show', `${tag}:${name}`)), parseTemplate(text), createOnly);
  });
  for (const { level, template, what } of findings) console.log(`${level}  ${template}: ${what}`);
  const wrong = forbidden(findings, last, version);
  console.log(
    `${files.length} templates of ${last} compared with ${version}: ${findings.length} findings, ${wrong.length} not allowed.`,
  );
  if (wrong.length > 0) process.exit(1);
}

if (import.meta.main) main();
