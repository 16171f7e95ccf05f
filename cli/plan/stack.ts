/** Reads the stack that is to be deployed, and the change set where one is planned. */
import {
  ChangeSetNotFoundException,
  type CloudFormationClient,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  GetTemplateCommand,
  type Parameter,
  paginateListStackResources,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation';
import { CallerError } from '../connection/endings.ts';
import { describe, isNotThere } from '../connection/provider-stack.ts';
import { member, parseTemplate, SyntaxProblem, type Value } from '../templates/template.ts';

export interface DeployedResource {
  type: string;
  physicalId: string;
}

/** A parameter of a stack or change set. */
export interface StackParameter {
  /** Asterisks for NoEcho. */
  value: string;
  /** The value that an SSM parameter had then. */
  resolved?: string;
}

export type StackParameters = ReadonlyMap<string, StackParameter>;

/** A stack as it was deployed last. */
export interface DeployedStack {
  id: string;
  name: string;
  status: string;
  template: Value;
  parameters: StackParameters;
  /** By logical id. */
  resources: ReadonlyMap<string, DeployedResource>;
}

/** A change set, ready to be executed. */
export interface PlannedChangeSet {
  stackId: string;
  template: Value;
  parameters: StackParameters;
  /** By logical id. */
  changes: ReadonlyMap<string, ResourceChange>;
}

/** The template of a file or of CloudFormation. @throws CallerError */
export function templateOf(text: string, from: string): Value {
  try {
    const { template } = parseTemplate(text);
    if (member(template, 'Resources')?.kind === 'map') return template;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new CallerError(`${from} is no template: line ${error.at.line}: ${error.message}.`);
  }
  throw new CallerError(`${from} is no template: it has no Resources.`);
}

/** @returns undefined where the stack does not exist yet */
export async function readStack(
  client: CloudFormationClient,
  nameOrId: string,
): Promise<DeployedStack | undefined> {
  const stack = await describe(client, nameOrId);
  // A change set of the type CREATE makes a stack without content.
  if (stack === undefined || stack.StackStatus === 'REVIEW_IN_PROGRESS') return undefined;
  const { StackId: id = '', StackName: name = '', StackStatus: status = '' } = stack;
  // Transforms are applied in this stage, and functions are not.
  const command = new GetTemplateCommand({ StackName: id, TemplateStage: 'Processed' });
  const [{ TemplateBody = '' }, resources] = await Promise.all([
    client.send(command),
    resourcesOf(client, id),
  ]);
  return {
    id,
    name,
    status,
    template: templateOf(TemplateBody, `The template of the stack ${name}`),
    parameters: parametersOf(stack.Parameters),
    resources,
  };
}

async function resourcesOf(
  client: CloudFormationClient,
  stackId: string,
): Promise<Map<string, DeployedResource>> {
  const resources = new Map<string, DeployedResource>();
  for await (const page of paginateListStackResources({ client }, { StackName: stackId })) {
    for (const one of page.StackResourceSummaries ?? []) {
      if (one.ResourceStatus === 'DELETE_COMPLETE') continue;
      const { LogicalResourceId = '', ResourceType: type = '', PhysicalResourceId: physicalId = '' } = one;
      resources.set(LogicalResourceId, { type, physicalId });
    }
  }
  return resources;
}

const parametersOf = (parameters: Parameter[] = []): StackParameters =>
  new Map(
    parameters.map(({ ParameterKey = '', ParameterValue = '', ResolvedValue }) => [
      ParameterKey,
      { value: ParameterValue, ...(ResolvedValue === undefined ? {} : { resolved: ResolvedValue }) },
    ]),
  );

/** @throws CallerError where there is none, or it cannot be executed */
export async function readChangeSet(
  client: CloudFormationClient,
  of: { name: string; stack: string | undefined },
): Promise<PlannedChangeSet> {
  const named = { ChangeSetName: of.name, ...(of.stack === undefined ? {} : { StackName: of.stack }) };
  const changes = new Map<string, ResourceChange>();
  let description: DescribeChangeSetCommandOutput;
  let NextToken: string | undefined;
  do {
    description = await describeChangeSet(client, { ...named, NextToken });
    for (const { ResourceChange: change } of description.Changes ?? [])
      if (change) changes.set(change.LogicalResourceId ?? '', change);
    NextToken = description.NextToken;
  } while (NextToken !== undefined);
  const { Status, StatusReason, StackId = '' } = description;
  if (Status !== 'CREATE_COMPLETE')
    throw new CallerError(
      `The change set ${of.name} is ${Status}, so it cannot be executed. ${StatusReason ?? 'Wait until it is complete.'}`,
    );
  const command = new GetTemplateCommand({ ...named, TemplateStage: 'Processed' });
  const { TemplateBody = '' } = await client.send(command);
  return {
    stackId: StackId,
    template: templateOf(TemplateBody, `The template of the change set ${of.name}`),
    parameters: parametersOf(description.Parameters),
    changes,
  };
}

async function describeChangeSet(
  client: CloudFormationClient,
  input: { ChangeSetName: string; NextToken: string | undefined },
): Promise<DescribeChangeSetCommandOutput> {
  try {
    return await client.send(new DescribeChangeSetCommand({ ...input, IncludePropertyValues: true }));
  } catch (error) {
    if (!(error instanceof ChangeSetNotFoundException) && !isNotThere(error)) throw error;
    throw new CallerError(
      `There is no change set ${input.ChangeSetName} in this account and Region. Give its ARN, or its name and --stack.`,
    );
  }
}
