/** Judges the payload of a hook's request by the rules of `genesys-cloud-cfn validate`. */

import { everyValue, member, textOf, type Value } from '../../cli/templates/template.ts';
import type { Finding, Rule } from '../../cli/validate/findings.ts';
import { type Examined, examineTemplate } from '../../cli/validate/validate.ts';
import { isPlainObject } from '../../common/objects.ts';
import { redact } from '../../common/redaction.ts';
import { type Annotation, HookProblem, passed, refused, type Verdict } from './answer.ts';

/**
 * @param payload the text behind the presigned URL
 * @throws HookProblem where it holds no template that can be judged
 */
export function judge(payload: string): Verdict {
  const { template: text, previousTemplate, changedResources } = contentOf(payload);
  // A stack that is deleted has no template.
  if (text === null || text === '') return passed('There is no template to judge.');
  if (typeof text !== 'string')
    throw new HookProblem('the payload holds no template. Report this as a fault.');
  const examined = examine(text);
  const faults = examined.findings.filter(({ severity }) => severity === 'error');
  const isOld = faults.length === 0 ? () => false : oldBy(examined, previousTemplate, changedResources);
  return masked(verdictOn(examined, faults, isOld), examined.template);
}

/** The hook sees everybody's templates, so types of others with names like ours must pass. */
const examine = (text: string) => examineTemplate('template', text, { misspeltTypes: 'with-our-token' });

function contentOf(payload: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(payload);
  } catch {
    // Below.
  }
  if (!isPlainObject(content))
    throw new HookProblem('the payload is no JSON object. Report this as a fault.');
  return content;
}

// ---- faults that were there before

/** Whether a fault was there before this operation, and is none of its doing. */
type IsOld = (fault: Finding) => boolean;

/**
 * A stack with an old fault must still take an urgent change of something else. An update tells its previous
 * template, so what was wrong in that already is old. A change set tells the resources that it changes, and
 * an empty list where it changes none, so a fault inside another resource is old.
 */
function oldBy(examined: Examined, previousTemplate: unknown, changedResources: unknown): IsOld {
  if (typeof previousTemplate === 'string' && previousTemplate !== '') {
    const before = new Set(findingsOf(previousTemplate).map(identityOf));
    return (fault) => before.has(identityOf(fault));
  }
  if (!Array.isArray(changedResources)) return () => false;
  const changed = new Set(changedResources.map((one) => isPlainObject(one) && one['logicalResourceId']));
  return ({ rule, path }) => {
    const logicalId = path.split('.')[0] ?? '';
    return (
      !BETWEEN_RESOURCES.includes(rule) && examined.logicalIds.includes(logicalId) && !changed.has(logicalId)
    );
  };
}

/** Rules whose fault may come from another resource than the one that it is reported at. */
const BETWEEN_RESOURCES: readonly Rule[] = [
  'attribute',
  'combination',
  'depends-on',
  'duplicate',
  'reference',
  'target',
  'type',
];

/** The findings of the template of before; none where it cannot be judged, so that every fault counts. */
function findingsOf(text: string): Finding[] {
  try {
    return examine(text).findings;
  } catch {
    return [];
  }
}

/** A fault without its line, since lines move. */
const identityOf = ({ rule, path, message }: Finding) => JSON.stringify([rule, path, message]);

// ---- words

function verdictOn({ resources, findings, template }: Examined, faults: Finding[], isOld: IsOld): Verdict {
  const fresh = faults.filter((fault) => !isOld(fault));
  const old = faults.length - fresh.length;
  const warnings = findings.length - faults.length;
  const annotations = [
    ...fresh.map((fault) => annotationOf(fault, 'FAILED', 'HIGH')),
    ...faults.filter(isOld).map((fault) => annotationOf(fault, 'SKIPPED', 'MEDIUM', 'not new: ')),
    ...findings
      .filter(({ severity }) => severity === 'warning')
      .map((warning) => annotationOf(warning, 'PASSED', 'LOW', 'warning: ')),
    ...unexpanded(template),
  ];
  const besides = [
    ...(old > 0 ? [`${count(old, 'fault')} that this operation did not bring`] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(' and ');
  const [first] = fresh;
  if (first === undefined) {
    const what = `${count(resources, 'resource')} of Genesys Cloud judged`;
    return passed(`${what}: ${besides === '' ? 'nothing found' : besides}.`, annotations);
  }
  const message = [
    `${count(fresh.length, 'fault')} in the resources of Genesys Cloud${fresh.length > 1 ? '. The first' : ''}:`,
    `${first.rule}, ${placed(first)}. ${first.fix}`,
    'All of them: aws cloudformation get-hook-result.',
  ].join(' ');
  return refused(message, annotations);
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

const placed = ({ line, path, message }: Finding) =>
  `line ${line}: ${path === '' ? '' : `${path}: `}${message}`;

const annotationOf = (
  finding: Finding,
  status: Annotation['status'],
  severityLevel: Annotation['severityLevel'],
  kind = '',
): Annotation => ({
  annotationName: finding.rule,
  status,
  statusMessage: `${kind}${placed(finding)}`,
  remediationMessage: finding.fix,
  severityLevel,
});

/** Parts that CloudFormation makes later, which a judgement of the text as it stands cannot see. */
function unexpanded(template: Value | undefined): Annotation[] {
  if (template === undefined) return [];
  const parts = new Set<string>();
  const transform = member(template, 'Transform');
  for (const name of transform?.kind === 'list' ? transform.items.map(textOf) : [textOf(transform)])
    if (name !== undefined) parts.add(`Transform ${name}`);
  for (const value of everyValue(template)) {
    if (value.kind === 'call' && value.name === 'Fn::Transform') parts.add('Fn::Transform');
    if (value.kind !== 'map') continue;
    for (const name of value.entries.keys()) {
      if (name === 'Fn::Transform') parts.add(name);
      if (name.startsWith('Fn::ForEach::')) parts.add('Fn::ForEach');
    }
  }
  if (parts.size === 0) return [];
  return [
    {
      annotationName: 'not-expanded',
      status: 'SKIPPED',
      statusMessage: `The hook sees the template as it was written. It does not judge what ${[...parts].join(', ')} makes of it.`,
      severityLevel: 'INFORMATIONAL',
    },
  ];
}

// ---- secrets

/** Shorter values would blank out ordinary words. */
const SHORTEST_SECRET = 6;

/** The verdict without the defaults of NoEcho parameters, which a message could repeat. */
function masked(verdict: Verdict, template: Value | undefined): Verdict {
  const parameters = member(template, 'Parameters');
  const secrets = (parameters?.kind === 'map' ? [...parameters.entries.values()] : []).flatMap(
    ({ value }) => {
      const noEcho = member(value, 'NoEcho');
      const text = textOf(member(value, 'Default')) ?? '';
      const isSecret = noEcho?.kind === 'scalar' && String(noEcho.value) === 'true';
      return isSecret && text.length >= SHORTEST_SECRET ? [text] : [];
    },
  );
  const mask = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), redact(text));
  return {
    ...verdict,
    message: mask(verdict.message),
    ...(verdict.annotations === undefined
      ? {}
      : {
          annotations: verdict.annotations.map((one) => ({
            ...one,
            statusMessage: mask(one.statusMessage),
            ...(one.remediationMessage === undefined
              ? {}
              : { remediationMessage: mask(one.remediationMessage) }),
          })),
        }),
  };
}
