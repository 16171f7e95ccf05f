/** Finds the stack of a provider, whoever made it: by its own name, or by the export that its consumers import. */
import { type CloudFormationClient, paginateListExports, type Stack } from '@aws-sdk/client-cloudformation';
import { describe } from './stack.ts';

/** The name that a roll-out without a plan gives. */
export const defaultStackName = 'genesys-cloud-provider';

export type Search =
  | { stackName: string }
  /** What the provider's names begin with, as its parameter ExportPrefix says. */
  | { exportPrefix: string };

/**
 * The stack of that name; or the one that exports `<prefix>-ServiceToken`, as the instances of a stack set do under
 * names of their own, or else the stack of the usual name. Undefined where there is none.
 */
export async function findProvider(client: CloudFormationClient, search: Search): Promise<Stack | undefined> {
  if ('stackName' in search) return describe(client, search.stackName);
  const name = `${search.exportPrefix}-ServiceToken`;
  for await (const { Exports = [] } of paginateListExports({ client }, {})) {
    const id = Exports.find(({ Name }) => Name === name)?.ExportingStackId;
    if (id !== undefined) return describe(client, id);
  }
  // A first deployment that failed exports nothing. One with other exports is the provider of another prefix.
  const usual = await describe(client, defaultStackName);
  return usual !== undefined && exportsOf(usual).length === 0 ? usual : undefined;
}

/** Names of what the stack exports, the ServiceToken among them. */
export const exportsOf = ({ Outputs = [] }: Stack): string[] =>
  Outputs.flatMap(({ ExportName }) => (ExportName ? [ExportName] : []));

/** Whether the stack never came to be: then nobody can use it. */
export const isFailedCreation = ({ StackStatus }: Stack): boolean =>
  /^(ROLLBACK_|CREATE_FAILED|REVIEW_IN_PROGRESS)/.test(StackStatus ?? '');

/** The stack set of which this stack is an instance, by the name that StackSets gives. */
export const stackSetOf = ({ StackName }: Stack): string | undefined =>
  /^StackSet-(.+?)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(StackName ?? '')?.[1];
