/** Runs `plan`: connects, reads both sides, follows the deployment, reports. */
import { readFileSync } from 'node:fs';
import { type CloudFormationClient, paginateListExports } from '@aws-sdk/client-cloudformation';
import { keepingSecrets, redact } from '../../common/redaction.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { type Connection, connect } from '../connection/connect.ts';
import { CallerError, endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { everyValue, member, textOf, type Value } from '../templates/template.ts';
import { type Planning, planDeployment } from './deployment.ts';
import { type Given, givenParameters } from './given-parameters.ts';
import type { PlanOptions } from './options.ts';
import { parameterValues, ssmNames, undeclared } from './parameters.ts';
import { endsAnId, failuresOf, type Plan } from './planned.ts';
import { asJson, asMarkdown, asText } from './report.ts';
import { ssmValues } from './ssm.ts';
import {
  type DeployedStack,
  type PlannedChangeSet,
  readChangeSet,
  readStack,
  type StackParameters,
  templateOf,
} from './stack.ts';

const formatted = { pretty: asText, json: asJson, markdown: asMarkdown };

export async function runPlan(options: PlanOptions, { out, problems }: Streams): Promise<ExitCode> {
  const progress = progressOn(problems);
  return keepingSecrets(async () => {
    try {
      progress.show('connecting');
      const plan = await planOf(options, await connect(options), progress.show);
      progress.clear();
      out.write(`${redact(formatted[options.format](plan))}\n`);
      return exitOf(plan);
    } catch (error) {
      progress.clear();
      problems.write(`genesys-cloud-cfn: ${redact(endingOf(error).line)}\n`);
      return EXIT.wrong;
    }
  });
}

export function exitOf(plan: Plan): ExitCode {
  if (failuresOf(plan).length > 0) return EXIT.found;
  return plan.resources.some(endsAnId) ? EXIT.differs : EXIT.fine;
}

/** @throws CallerError, and the errors of AWS and Genesys Cloud */
export async function planOf(
  options: PlanOptions,
  connection: Connection,
  onProgress: (text: string) => void,
): Promise<Plan> {
  const client = connection.cloudFormation;
  const given = givenParameters(options.parameters);
  onProgress('reading the stack');
  const changeSet =
    options.changeSet === undefined
      ? undefined
      : await readChangeSet(client, { name: options.changeSet, stack: options.stack });
  const template = changeSet?.template ?? templateIn(options.template ?? '');
  refuseUndeclared(template, given);
  const deployed = await readStack(client, changeSet?.stackId ?? options.stack ?? '');
  const failures: string[] = [];
  const [exports, parameters] = await Promise.all([
    exportsFor(client, [template, deployed?.template]),
    parametersOf({ client, template, deployed, changeSet, given, failures }),
  ]);
  const isMadeAnew = deployed !== undefined && NEVER_COMPLETE.test(deployed.status);
  failures.push(...stateFailures(deployed));
  return planDeployment({
    connection,
    types: resourceTypes,
    deployed: isMadeAnew ? undefined : deployed,
    stack: stackOf(deployed, changeSet, options, connection),
    template,
    parameters,
    exports,
    changes: changeSet?.changes,
    failures,
    notes: notesOn(template, changeSet),
    onProgress,
  });
}

/** @throws CallerError */
function templateIn(path: string): Value {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new CallerError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return templateOf(text, path);
}

function refuseUndeclared(template: Value, given: Given): void {
  const unknown = undeclared(template, given);
  if (unknown.length > 0)
    throw new CallerError(
      `The template has no parameter ${unknown.join(', ')}. Take it out of --parameters.`,
    );
}

// ---- the stack

/** States of a stack of which nothing was ever complete: it can only be deleted. */
const NEVER_COMPLETE = /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/;

function stateFailures(deployed: DeployedStack | undefined): string[] {
  const { name, status = '' } = deployed ?? {};
  if (NEVER_COMPLETE.test(status))
    return [`The stack ${name} is ${status}: delete it first. The plan is that of a new stack.`];
  if (/_IN_PROGRESS$/.test(status) && status !== 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
    return [`The stack ${name} is ${status}: wait until that has ended, and plan again.`];
  if (/_FAILED$/.test(status))
    return [`The stack ${name} is ${status}: continue or roll back that operation first.`];
  return [];
}

function stackOf(
  deployed: DeployedStack | undefined,
  changeSet: PlannedChangeSet | undefined,
  { stack = '' }: PlanOptions,
  { providerArn }: Connection,
): Planning['stack'] {
  const id = deployed?.id ?? changeSet?.stackId;
  if (id !== undefined) return { id, name: id.split('/')[1] ?? id };
  const [, partition, , region, account] = providerArn.split(':');
  const place = `arn:${partition}:cloudformation:${region}:${account}:stack`;
  // A stack that does not exist has no id yet. No stack has this one.
  return { id: `${place}/${stack}/00000000-0000-0000-0000-000000000000`, name: stack };
}

// ---- values from outside of the template

interface ForParameters {
  client: CloudFormationClient;
  template: Value;
  deployed: DeployedStack | undefined;
  changeSet: PlannedChangeSet | undefined;
  given: Given;
  failures: string[];
}

async function parametersOf(of: ForParameters): Promise<Planning['parameters']> {
  const { client, template, deployed, changeSet, given, failures } = of;
  const none: StackParameters = new Map();
  const known = changeSet?.parameters ?? deployed?.parameters ?? none;
  const before = parameterValues({
    template: deployed?.template ?? template,
    given: new Map(),
    known: deployed?.parameters ?? none,
    ssm: new Map(),
    isDeployed: true,
    fault: () => {},
  });
  const names = changeSet === undefined ? ssmNames({ template, given, known }) : [];
  const after = parameterValues({
    template,
    given,
    known,
    ssm: names.length > 0 ? await ssmValues({ region: await client.config.region() }, names) : new Map(),
    // A change set has the values that it was made with.
    isDeployed: changeSet !== undefined,
    fault: (message) => failures.push(message),
  });
  return { before, after };
}

async function exportsFor(
  client: CloudFormationClient,
  templates: readonly (Value | undefined)[],
): Promise<Map<string, string>> {
  const exports = new Map<string, string>();
  const isNeeded = templates.some(
    (template) =>
      template &&
      [...everyValue(template)].some((value) => value.kind === 'call' && value.name === 'Fn::ImportValue'),
  );
  if (!isNeeded) return exports;
  for await (const { Exports = [] } of paginateListExports({ client }, {}))
    for (const { Name = '', Value = '' } of Exports) exports.set(Name, Value);
  return exports;
}

function notesOn(template: Value, changeSet: PlannedChangeSet | undefined): string[] {
  if (changeSet !== undefined) return [];
  const transform = member(template, 'Transform');
  const names = transform?.kind === 'list' ? transform.items.map(textOf) : [textOf(transform)];
  const named = names.filter((name) => name !== undefined);
  if (named.length === 0) return [];
  return [
    `The template has transforms (${named.join(', ')}), which only CloudFormation applies: resources that they make are not planned. Plan a change set instead.`,
  ];
}
