/** The report as a person or a program reads it. Nothing in it is secret. */
import { fingerprint } from '../../common/canonical-json.ts';
import { brief, cut } from '../../common/text.ts';
import type { Difference } from '../../provider/lifecycle/resource-type.ts';
import { type DriftReport, type Finding, placeText } from './findings.ts';

const DIGITS_OF_DIGEST = 12;
const MOST_CHARACTERS = 120;

/** A field as it is shown: a secret one by the digests of its values. */
interface ShownField {
  path: string;
  applied?: unknown;
  now?: unknown;
}

const digestOf = (value: unknown) => `sha256:${fingerprint(value).slice(0, DIGITS_OF_DIGEST)}`;

function shown({ path, applied, now, isSecret }: Difference): ShownField {
  const show = (value: unknown) => (isSecret && value !== undefined ? digestOf(value) : value);
  return { path, applied: show(applied), now: show(now) };
}

/** A finding as everybody may see it. */
export const shownFinding = ({ fields, ...finding }: Finding) => ({
  ...finding,
  ...(fields === undefined ? {} : { fields: fields.map(shown) }),
});

export function asJson({ next, ...report }: DriftReport): string {
  const findings = report.findings.map(shownFinding);
  const place = next === undefined ? {} : { next: placeText(next) };
  return JSON.stringify({ ...report, findings, ...place }, null, 2);
}

export function asText(report: DriftReport): string {
  const { findings, notCompared, objects, elsewhere, organization } = report;
  const name =
    organization.name === undefined ? organization.id : `${organization.name} (${organization.id})`;
  const differing = new Set(findings.map(({ id, stackId, logicalId }) => id ?? `${stackId} ${logicalId}`))
    .size;
  return [
    ...findings.flatMap(linesOf),
    ...notCompared.map(
      ({ stack, logicalId, type, id, detail }) =>
        `${stack}/${logicalId}: ${type} ${id}: not compared: ${detail}`,
    ),
    ...(elsewhere === 0
      ? []
      : [`${elsewhere} objects of the ledger are in other organizations: not looked at`]),
    `${objects} ${objects === 1 ? 'object' : 'objects'} of the organization ${name}: ${differing === 0 ? 'nothing differs' : `${differing} ${differing === 1 ? 'differs' : 'differ'}`}`,
  ].join('\n');
}

function linesOf({ stack, logicalId, type, id, cause, detail, fields = [] }: Finding): string[] {
  const head = `${stack}/${logicalId}: ${type}${id === undefined ? '' : ` ${id}`}: ${cause}: ${brief(detail, 2_000)}`;
  return [head, ...fields.map((field) => `    ${lineOf(shown(field))}`)];
}

const lineOf = ({ path, applied, now }: ShownField) => `${path}: ${inLine(applied)} → ${inLine(now)}`;

const inLine = (value: unknown) =>
  value === undefined ? '(absent)' : cut(JSON.stringify(value), MOST_CHARACTERS);
