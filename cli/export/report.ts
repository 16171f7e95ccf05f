/** The report as a person or a program reads it. Nothing in it is secret. */
import { brief } from '../../common/text.ts';
import type { Note, Skipped } from './findings.ts';
import { DEFINITIONS_PREFIX, type Written } from './template.ts';

export interface ExportReport {
  organization: { id: string; name?: string };
  /** The folder. */
  output: string;
  templates: Written['templates'];
  definitions: number;
  exported: { type: string; id: string; name: string; logicalId: string }[];
  notes: Note[];
  skipped: Skipped[];
  /** Files of the folder that are none of this export's. */
  otherFiles: string[];
  /** Integrations that the provider's parameter SharedIntegrationIds has to list, and does not list yet. */
  sharedIntegrationIds: string[];
}

/** CloudFormation takes a larger template only from S3 (User Guide, "CloudFormation quotas"). */
const MOST_BYTES_OF_BODY = 51_200;
const MOST_SHOWN = 20;
const LONGEST_NAME = 80;
const MOST_CHARACTERS = 2_000;

export const asJson = (report: ExportReport): string => JSON.stringify(report, null, 2);

export function asText(report: ExportReport): string {
  const { output, exported, notes, skipped, otherFiles } = report;
  return [
    ...notes.map(({ what, id, name, note }) => `${what} ${named(name)} (${id}) ${line(note)}`),
    ...skippedLines(skipped),
    ...(otherFiles.length > 0
      ? [
          `${counted(otherFiles.length, 'file')} of ${output} left as they were: ${line(otherFiles.slice(0, 5).join(', '))}`,
        ]
      : []),
    ...(exported.length === 0 ? ['Nothing can be exported, and no file was written.'] : fileLines(report)),
  ].join('\n');
}

function fileLines(report: ExportReport): string[] {
  const { organization, output, templates, definitions, exported } = report;
  const count = (type: string) => exported.filter((one) => one.type === type).length;
  const of =
    organization.name === undefined ? organization.id : `${named(organization.name)} (${organization.id})`;
  return [
    `${counted(count('Custom::GenesysAwsIntegration'), 'integration')} and ${counted(count('Custom::GenesysDataAction'), 'data action')} of the organization ${of}, in ${output}:`,
    ...templates.map(
      ({ file, resources, bytes }) => `  ${file}: ${counted(resources, 'resource')}, ${bytes} bytes`,
    ),
    ...(definitions > 0 ? [`  definitions/: ${counted(definitions, 'file')}`] : []),
    '',
    ...nextSteps(report),
  ];
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Characters that move a terminal's cursor, or turn a line round. Texts come from anybody. */
const MOVING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
const line = (text: string) => brief(text, MOST_CHARACTERS).replaceAll(MOVING, '?');
const named = (name: string) => JSON.stringify(brief(name, LONGEST_NAME)).replaceAll(MOVING, '?');

/** Objects that are left out, by reason. */
function skippedLines(skipped: readonly Skipped[]): string[] {
  const byReason = new Map<string, Skipped[]>();
  for (const one of skipped) {
    const key = `${one.what} ${one.reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), one]);
  }
  return [...byReason.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const { what, reason } = first;
    if (all.length === 1) return [`not exported: ${what} ${named(first.name)} (${first.id}) ${line(reason)}`];
    const shown = all.slice(0, MOST_SHOWN).map(({ id, name }) => `    ${named(name)} (${id})`);
    const more =
      all.length > MOST_SHOWN ? [`    and ${all.length - MOST_SHOWN} more; --format json lists them`] : [];
    return [`not exported: ${all.length} of the kind ${what}; each ${line(reason)}`, ...shown, ...more];
  });
}

function nextSteps({ output, templates, definitions, sharedIntegrationIds }: ExportReport): string[] {
  const steps = [
    ...(sharedIntegrationIds.length > 0
      ? [`Let the provider's parameter SharedIntegrationIds list ${sharedIntegrationIds.join(',')}, too.`]
      : []),
    ...(definitions > 0
      ? [
          `Let the provider's parameter DefinitionObjectArns list arn:aws:s3:::<bucket>/${DEFINITIONS_PREFIX}*.`,
          `aws s3 cp --recursive ${quoted(`${output}/definitions`)} s3://<bucket>/${DEFINITIONS_PREFIX}`,
        ]
      : []),
    ...templates.map(({ file, bytes, parameters }, index) => {
      const stack = templates.length === 1 ? '<stack>' : `genesys-cloud-export-${index + 1}`;
      const values = parameters.map((name) => `${name}=<value>`).join(' ');
      return [
        `aws cloudformation deploy --template-file ${quoted(`${output}/${file}`)} --stack-name ${stack}`,
        ...(bytes > MOST_BYTES_OF_BODY ? ['--s3-bucket <bucket>'] : []),
        ...(values === '' ? [] : [`--parameter-overrides ${values}`]),
      ].join(' ');
    }),
  ];
  return ['Next:', ...steps.map((step, index) => `  ${index + 1}. ${step}`)];
}

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
