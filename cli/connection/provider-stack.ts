/** Finds the stack of a provider by its name, or by the export that its consumers import. */
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListExports,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { messageOf } from '../../common/errors.ts';

/** The stack name of a roll-out without a plan. */
export const defaultStackName = 'genesys-cloud-provider';

export type Search =
  | { stackName: string }
  /** The beginning of the provider's names, as in its parameter ExportPrefix. */
  | { exportPrefix: string };

/**
 * The stack of that name, or the stack that exports `<prefix>-ServiceToken`. Instances of a stack set have
 * generated names, so they are found by the export.
 * Without such an export it is the stack of the usual name, if its deployment failed; undefined where there
 * is none.
 */
export async function findProvider(client: CloudFormationClient, search: Search): Promise<Stack | undefined> {
  if ('stackName' in search) return describe(client, search.stackName);
  const name = `${search.exportPrefix}-ServiceToken`;
  for await (const { Exports = [] } of paginateListExports({ client }, {})) {
    const id = Exports.find(({ Name }) => Name === name)?.ExportingStackId;
    if (id !== undefined) return describe(client, id);
  }
  // A first deployment that failed exports nothing. A stack with other exports is the provider of another
  // prefix.
  const usual = await describe(client, defaultStackName);
  return usual !== undefined && exportsOf(usual).length === 0 ? usual : undefined;
}

/** Names of the stack's exports, with the ServiceToken. */
export const exportsOf = ({ Outputs = [] }: Stack): string[] =>
  Outputs.flatMap(({ ExportName }) => (ExportName ? [ExportName] : []));

/** Whether the stack's creation never succeeded, so that no stack can use it. */
export const isFailedCreation = ({ StackStatus }: Stack): boolean =>
  /^(ROLLBACK_|CREATE_FAILED|REVIEW_IN_PROGRESS)/.test(StackStatus ?? '');

/** The stack set of this instance, from the name that StackSets gives to its stacks. */
export const stackSetOf = ({ StackName }: Stack): string | undefined =>
  /^StackSet-(.+?)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(StackName ?? '')?.[1];

/** The stack; undefined where there is none. */
export async function describe(client: CloudFormationClient, stackName: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks?.[0];
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

export const outputsOf = (stack: Stack | undefined): Record<string, string> =>
  Object.fromEntries((stack?.Outputs ?? []).map((one) => [one.OutputKey ?? '', one.OutputValue ?? '']));

/** Nobody imports the export: CloudFormation answers an error instead of an empty list. */
export const isNotImported = (error: unknown) => / is not imported by any stack/.test(messageOf(error));

/** There is no such stack or export. CloudFormation tells it by its sentence alone. */
export const isNotThere = (error: unknown) => / does not exist/.test(messageOf(error));
