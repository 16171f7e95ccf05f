/**
 * Compares the templates with those of the last release. An update must never replace or drop a resource that
 * holds data, nor the function behind the ServiceToken. A change that breaks a working deployment needs a
 * major version (docs/versioning.md).
 * Both templates are resolved with the parameters of scripts/build/templates/scenarios.ts, as the update of
 * a stack would be. So another notation with the same result is no change, and the same notation with another
 * result is one.
 * `node scripts/release/update-check.ts` takes the newest tag `v*` before this version; without one it
 * passes.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Refused, resolve as resolveTemplate } from '../build/templates/resolve.ts';
import { type Scenarios, scenarios } from '../build/templates/scenarios.ts';
import { type Output, parseTemplate, type Resource, type Template } from '../build/templates/template.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Finding {
  /** never: refused in any version. major: allowed in a major version. */
  level: 'never' | 'major';
  template: string;
  what: string;
}

/** Losing one of these loses data for good, or the stacks that depend on it. */
const mustStay =
  /^AWS::(DynamoDB::Table|KMS::(Key|ReplicaKey|Alias)|S3::Bucket|SecretsManager::Secret|Logs::LogGroup|CloudFormation::StackSet|Lambda::Function)$/;

/** Names of a type's properties whose change replaces the resource, as slash-separated paths. */
export type CreateOnly = (type: string) => readonly string[];

/** One stack before and after the update. */
interface View {
  before: Pick<Template, 'Resources' | 'Outputs'>;
  after: Pick<Template, 'Resources' | 'Outputs'>;
}

/**
 * Lists the breaks of an update from one release's template to the next. Without scenarios the templates are
 * compared as they are written.
 */
export function compare(
  name: string,
  before: Template,
  after: Template,
  createOnly: CreateOnly,
  { base, variations }: Scenarios | { base?: undefined; variations?: undefined } = {},
): Finding[] {
  const findings: Finding[] = [];
  const find = (level: Finding['level'], what: string) => {
    if (!findings.some((one) => one.what === what)) findings.push({ level, template: name, what });
  };

  for (const [id, was] of Object.entries(before.Resources)) {
    const is = after.Resources[id];
    if (is === undefined || is.Type !== was.Type) {
      if (mustStay.test(was.Type)) find('never', `${id} (${was.Type}) is gone or of another type`);
      continue;
    }
    if (!mustStay.test(was.Type)) continue;
    for (const policy of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
      if (isRetained(was[policy]) && !isRetained(is[policy]))
        find('never', `${id} lost ${policy}: ${was[policy]}`);
    }
    const isAsWritten = base === undefined;
    if (isAsWritten && !isDeepStrictEqual(conditionOf(before, was), conditionOf(after, is))) {
      find('never', `${id} (${was.Type}) exists under another condition`);
    }
  }
  for (const [id] of Object.entries(before.Outputs ?? {})) {
    if (after.Outputs?.[id] === undefined) find('major', `output ${id} is gone`);
  }

  const stacks =
    base === undefined ? [{}] : [base, ...Object.values(variations).map((one) => ({ ...base, ...one }))];
  for (const parameters of stacks) {
    let view: View | undefined;
    try {
      view = base === undefined ? { before, after } : updated(before, after, parameters);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      find('major', `a stack that was accepted is refused: ${error.message}`);
    }
    if (view === undefined) continue;
    for (const [id, was] of Object.entries(view.before.Resources)) {
      const level = mustStay.test(was.Type) ? 'never' : 'major';
      const is = view.after.Resources[id];
      if (after.Resources[id]?.Type !== was.Type) continue;
      if (is === undefined) {
        if (level === 'never') find(level, `${id} (${was.Type}) exists under another condition`);
        continue;
      }
      for (const path of createOnly(was.Type)) {
        if (!isDeepStrictEqual(at(was, path), at(is, path))) {
          find(level, `${id} (${was.Type}) is replaced: ${path} changed`);
        }
      }
    }
    for (const [id, was] of Object.entries(view.before.Outputs ?? {})) {
      if (after.Outputs?.[id] === undefined) continue;
      const is: Output | undefined = view.after.Outputs?.[id];
      if (!isDeepStrictEqual(was.Export, is?.Export)) find('major', `output ${id} is exported otherwise`);
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
  return findings;
}

/**
 * A stack with these parameters, before and after its update; undefined where the older template refuses
 * them.
 * CloudFormation keeps the values of a stack, with its defaults; a new parameter gets its default.
 * @throws Refused when the newer template refuses them
 */
function updated(before: Template, after: Template, parameters: Record<string, string>): View | undefined {
  const had = Object.fromEntries(
    Object.entries(before.Parameters ?? {}).flatMap(([name, { Default }]) => {
      const value = parameters[name] ?? Default?.toString();
      return value === undefined ? [] : [[name, value]];
    }),
  );
  let was: View['before'];
  try {
    was = resolveTemplate(before, had);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
  const has = Object.fromEntries(
    Object.entries(after.Parameters ?? {}).flatMap(([name, { Default }]) => {
      const value = had[name] ?? (Default === undefined ? parameters[name] : undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { before: was, after: resolveTemplate(after, has) };
}

/** Both policies keep a resource in use; RetainExceptOnCreate deletes it after a failed creation. */
const isRetained = (policy: string | undefined) => policy === 'Retain' || policy === 'RetainExceptOnCreate';

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

/**
 * Findings that the step from one version to the next does not allow. Before 1.0.0 a minor version may break.
 */
export function forbidden(findings: readonly Finding[], from: string, to: string): Finding[] {
  const [oldMajor = 0, oldMinor = 0] = from.split('.').map(Number);
  const [major = 0, minor = 0] = to.split('.').map(Number);
  const mayBreak = major > oldMajor || (major === 0 && minor > oldMinor);
  return findings.filter(({ level }) => level === 'never' || !mayBreak);
}

/** Create-only properties from the resource schemas in cfn-lint. */
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

/** Compares the templates with the last release's; returns the exit code. */
export function run(): number {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const last = lastRelease(git('tag', '--list', 'v*').split('\n'), version);
  if (last === undefined) {
    console.log(`No release before ${version}: there is nothing to update from.`);
    return 0;
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
    return compare(
      name,
      parseTemplate(git('show', `${tag}:${name}`)),
      parseTemplate(text),
      createOnly,
      scenarios[name.replace(/^templates\//, '')],
    );
  });
  for (const { level, template, what } of findings) console.log(`${level}  ${template}: ${what}`);
  const wrong = forbidden(findings, last, version);
  console.log(
    `${files.length} templates of ${last} compared with ${version}: ${findings.length} findings, ${wrong.length} not allowed.`,
  );
  return wrong.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = run();
