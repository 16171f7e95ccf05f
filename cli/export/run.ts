/** Runs `export`: connects, selects, reads, writes the files, reports. */
import type { Models } from 'purecloud-platform-client-v2';
import { messageOf } from '../../common/errors.ts';
import { redact } from '../../common/redaction.ts';
import { MissingPermissionError, NotFoundError } from '../../provider/genesys/index.ts';
import { LAMBDA_TYPE, WEB_SERVICES_TYPE } from '../../provider/resources/aws-integration/schema.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { eachAtOnce } from '../connection/at-once.ts';
import { type Connection, connect } from '../connection/connect.ts';
import { endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { actionOf, type ExportedAction, readAction } from './action.ts';
import { NotExported, type Note, type Skipped } from './findings.ts';
import { refuseUnwritable, writeFiles } from './folder.ts';
import { type ExportedIntegration, integrationOf } from './integration.ts';
import { type Inventory, type Kind, ownerText, stackOf, takeInventory } from './inventory.ts';
import type { ExportOptions } from './options.ts';
import { asJson, asText, type ExportReport } from './report.ts';
import { secretDefinitions } from './secret-definitions.ts';
import { type Selected, select } from './select.ts';
import { templatesOf } from './template.ts';

/** Three calls a data action, and 300 calls a minute, make 10,000 actions last for two hours. */
const MOST_MILLISECONDS = 12 * 60 * 60_000;

export async function runExport(options: ExportOptions, { out, problems }: Streams): Promise<ExitCode> {
  const progress = progressOn(problems);
  try {
    await refuseUnwritable(options.output);
    progress.show('connecting');
    const connection = await connect({ ...options, milliseconds: MOST_MILLISECONDS });
    const report = await exportFiles(options, connection, progress.show);
    progress.clear();
    out.write(`${redact(options.format === 'json' ? asJson(report) : asText(report))}\n`);
    return codeOf(report, options);
  } catch (error) {
    progress.clear();
    problems.write(`genesys-cloud-cfn: ${redact(endingOf(error).line)}\n`);
    return EXIT.wrong;
  }
}

function codeOf(
  { exported, notes, skipped, sharedIntegrationIds }: ExportReport,
  { selection }: ExportOptions,
): ExitCode {
  if (exported.length === 0) return EXIT.found;
  // An organization always has objects that no stack can hold, so only --all may leave some out in silence.
  const isIncomplete = selection.by !== 'all' && skipped.length > 0;
  const needsHand = notes.some((note) => note.needsHand) || sharedIntegrationIds.length > 0;
  return isIncomplete || needsHand ? EXIT.differs : EXIT.fine;
}

async function exportFiles(
  options: ExportOptions,
  connection: Connection,
  onProgress: (text: string) => void,
): Promise<ExportReport> {
  const { output, force, inline, selection } = options;
  const inventory = await takeInventory(connection, onProgress);
  const selected = select(selection, inventory);
  const read = await readSelected(selected, inventory, connection, onProgress);
  const skipped = [
    ...selected.skipped,
    ...read.skipped,
    ...(selection.by === 'all' ? await recordingKeys(connection) : []),
  ];
  const written = templatesOf({
    ...read,
    organizationId: connection.organization.id,
    exportPrefix: connection.exportPrefix ?? 'genesys-cloud',
    logicalIds: managedIds(read, inventory),
    integrationNames: new Map([...inventory.integrations].map(([id, { name = '' }]) => [id, name])),
    inline,
  });
  const admitted = connection.wiring.settings.sharedIntegrationIds;
  const isEmpty = read.integrations.length + read.actions.length === 0;
  const otherFiles = isEmpty ? [] : await writeFiles(output, written.files, force);
  const exportedOf = (type: string) => (one: { id: string; name: string }) => ({
    type,
    id: one.id,
    name: one.name,
    logicalId: written.logicalIds.get(one.id) ?? '',
  });
  return {
    organization: connection.organization,
    output,
    templates: isEmpty ? [] : written.templates,
    definitions: isEmpty || inline ? 0 : read.actions.length,
    exported: [
      ...read.integrations.map(exportedOf('Custom::GenesysAwsIntegration')),
      ...read.actions.map(exportedOf('Custom::GenesysDataAction')),
    ].sort(byText(({ type, logicalId }) => `${type} ${logicalId}`)),
    notes: notesOf(read, written.outside, inventory, selection.by === 'stack').sort(byText(({ id }) => id)),
    skipped: skipped.sort(byText(({ what, name, id }) => `${what} ${name} ${id}`)),
    otherFiles,
    sharedIntegrationIds: written.outside.filter(
      (id) => inventory.ownerOf('integration', id) === undefined && !admitted.includes(id),
    ),
  };
}

const byText =
  <T>(textOf: (one: T) => string) =>
  (one: T, other: T) =>
    textOf(one) < textOf(other) ? -1 : 1;

// ---- reading

interface Read {
  integrations: ExportedIntegration[];
  actions: ExportedAction[];
  skipped: Skipped[];
}

async function readSelected(
  { integrations, actions }: Selected,
  inventory: Inventory,
  connection: Connection,
  onProgress: (text: string) => void,
): Promise<Read> {
  const read: Read = { integrations: [], actions: [], skipped: [] };
  const orSkip = async (
    what: Skipped['what'],
    one: { id: string; name?: string },
    run: () => Promise<void>,
  ) => {
    try {
      await run();
    } catch (error) {
      const reason =
        error instanceof NotExported
          ? error.message
          : error instanceof NotFoundError
            ? 'was deleted in the meantime'
            : undefined;
      if (reason === undefined) throw error;
      read.skipped.push({ what, id: one.id, name: one.name ?? '', reason });
    }
  };
  await eachAtOnce(integrations, (one) =>
    orSkip('integration', one, async () => {
      const config = await configOf(one, connection);
      read.integrations.push(integrationOf(one, config, connection.organization.id));
    }),
  );
  const isSecretDefinition = secretDefinitions(inventory, connection);
  let done = 0;
  await eachAtOnce(actions, (one) =>
    orSkip('data action', one, async () => {
      const there = await readAction(one.id, connection);
      const callsLambda = callsLambdaIn(inventory, one.integrationId);
      const isSecret = await isSecretDefinition(one.id);
      read.actions.push(await actionOf(there, { callsLambda, isSecret }, connection));
    }).finally(() => {
      done += 1;
      onProgress(`${done} of ${actions.length} data actions`);
    }),
  );
  return read;
}

async function configOf(
  { id, config }: Models.Integration & { id: string },
  { session }: Connection,
): Promise<Models.IntegrationConfiguration> {
  return config?.current ?? session.integrations.getIntegrationConfigCurrent(id);
}

function callsLambdaIn({ integrations }: Inventory, id: string | undefined): boolean | undefined {
  const type = integrations.get(id ?? '')?.integrationType?.id;
  return type === LAMBDA_TYPE ? true : type === WEB_SERVICES_TYPE ? false : undefined;
}

/** The organization's key configuration is named, and not exported. */
async function recordingKeys({ session }: Connection): Promise<Skipped[]> {
  try {
    const { entities = [] } = await session.recording.getRecordingKeyconfigurations();
    return entities
      .filter(({ keyConfigurationType }) => keyConfigurationType === 'KmsSymmetric')
      .map(({ id = '', url = '' }) => ({
        what: 'recording key' as const,
        id,
        name: url,
        reason:
          'is one configuration of the whole organization. A Custom::GenesysRecordingKey with this KeyAliasArn takes it over: write it beside the key, in the stack of the key',
      }));
  } catch (error) {
    if (!(error instanceof MissingPermissionError)) throw error;
    return [{ what: 'recording key', id: '', name: '', reason: `cannot be looked at: ${messageOf(error)}` }];
  }
}

// ---- what is said

/** Logical ids of objects that stacks have already. */
function managedIds({ integrations, actions }: Read, { ownerOf }: Inventory): Map<string, string> {
  const of = (kind: Kind) => (one: { id: string }) => {
    const owner = ownerOf(kind, one.id);
    return owner === undefined ? [] : [[one.id, owner.logicalId] as const];
  };
  return new Map([...integrations.flatMap(of('integration')), ...actions.flatMap(of('action'))]);
}

function notesOf(read: Read, outside: readonly string[], inventory: Inventory, isOfStack: boolean): Note[] {
  const { integrations, actions } = read;
  const owned = (kind: Kind, what: Note['what']) => (one: { id: string; name: string }) => {
    const owner = inventory.ownerOf(kind, one.id);
    if (owner === undefined || isOfStack) return [];
    const note = `belongs to ${ownerText(owner)} already: deploy it in the stack ${stackOf(owner)}; every other stack is refused`;
    return [{ what, id: one.id, name: one.name, note, needsHand: true }];
  };
  return [
    ...integrations.flatMap(owned('integration', 'integration')),
    ...actions.flatMap(owned('action', 'data action')),
    ...integrations.flatMap(({ id, name, remarks }) =>
      remarks.map((note) => ({ what: 'integration' as const, id, name, note, needsHand: false })),
    ),
    ...actions.flatMap(({ id, name, remarks, withheld, headers = {} }) => {
      const secret = Object.entries(headers).flatMap(([header, value]) => (value === null ? [header] : []));
      const all = [
        ...remarks,
        ...(secret.length === 0 ? [] : [secretNote(secret)]),
        ...(withheld.texts.length === 0 ? [] : [withheldNote(withheld)]),
      ];
      return all.map((note) => ({ what: 'data action' as const, id, name, note, needsHand: true }));
    }),
    ...outside.flatMap((id) => {
      const owner = inventory.ownerOf('integration', id);
      const name = inventory.integrations.get(id)?.name ?? '';
      if (owner === undefined) return [];
      const note = `belongs to ${ownerText(owner)}: its property SharedWith has to name the stack of this template`;
      return [{ what: 'integration' as const, id, name, note, needsHand: true }];
    }),
  ];
}

const secretNote = (headers: readonly string[]) =>
  `has headers whose values may be secret (${headers.map((one) => JSON.stringify(one)).join(', ')}), so each is a parameter. With the present values the deployment changes nothing, with others it writes them`;

const withheldNote = ({ texts, why }: ExportedAction['withheld']) =>
  `${why}, so each of these is a parameter: ${texts.join(', ')}. With the present texts the deployment changes nothing, with others it writes them`;
