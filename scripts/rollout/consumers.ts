/**
 * Finds the stacks that use a provider. CloudFormation knows the stacks that import its ServiceToken.
 * A stack that names it by SSM parameter or ARN is no import, but the ledger knows every owner of an object.
 */
import { type CloudFormationClient, ListImportsCommand } from '@aws-sdk/client-cloudformation';
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { isNotThere } from '../../cli/connection/provider-stack.ts';
import type { OwnerRecord } from '../../provider/ledger/records.ts';
import { bodyOf } from './ledger-table.ts';
import { isImportedByNobody } from './refusals.ts';

export interface Consumer {
  /** The stack's name. */
  stackName: string;
  /** The stack's id, where the ledger knows it. */
  stackId?: string;
  /** Whether the stack imports the export. CloudFormation then refuses to delete the provider. */
  imports: boolean;
  /** Logical ids of custom resources that own objects, each with the objects' ids. */
  resources: Record<string, string[]>;
}

/** Names of the stacks that import an export, in this account and Region. */
export async function importers(client: CloudFormationClient, exportName: string): Promise<string[]> {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    try {
      const page = await client.send(new ListImportsCommand({ ExportName: exportName, NextToken }));
      names.push(...(page.Imports ?? []));
      NextToken = page.NextToken;
    } catch (error) {
      // ListImports answers with an error when no stack imports the export.
      if (isImportedByNobody(error) || isNotThere(error)) break;
      throw error;
    }
  } while (NextToken !== undefined);
  return names.sort();
}

/**
 * Whether a provider may serve a stack: in its own Region, and in its own account or one that it lets in. A
 * shared ledger also has the stacks of the other providers.
 */
export function mayServe(
  provider: { account: string; region: string; consumers: readonly string[]; admitsOrganization: boolean },
  { stackId }: Pick<OwnerRecord, 'stackId'>,
): boolean {
  const [, , , region = '', account = ''] = stackId.split(':');
  if (region !== provider.region) return false;
  return account === provider.account || provider.admitsOrganization || provider.consumers.includes(account);
}

/**
 * Owners of objects in the ledger. Their keys have a common beginning and no index, so the whole table is
 * read.
 */
export async function owners(client: DynamoDBClient, tableName: string): Promise<OwnerRecord[]> {
  const found: OwnerRecord[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :owner)',
      ProjectionExpression: 'pk, body',
      ExpressionAttributeValues: { ':owner': { S: 'OWNER#' } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const owner = bodyOf(item) as OwnerRecord | undefined;
      if (owner !== undefined && owner.objects.length > 0) found.push(owner);
    }
  }
  return found;
}

/** Every consumer once, importers first, then by name. */
export function consumers(importing: readonly string[], owning: readonly OwnerRecord[]): Consumer[] {
  const byStack = new Map<string, Consumer>();
  for (const { stackId, logicalId, objects } of owning) {
    const stackName = stackId.split('/')[1] ?? stackId;
    const consumer = byStack.get(stackId) ?? { stackName, stackId, imports: false, resources: {} };
    consumer.resources[logicalId] = objects.map(({ id }) => id);
    byStack.set(stackId, consumer);
  }
  for (const stackName of importing) {
    // An import names a living stack of this account. Among stacks of one name at most one lives, so all
    // known ones are marked.
    const known = [...byStack.values()].filter((one) => one.stackName === stackName);
    if (known.length === 0) byStack.set(stackName, { stackName, imports: true, resources: {} });
    for (const one of known) one.imports = true;
  }
  return [...byStack.values()].sort(
    (a, b) => Number(b.imports) - Number(a.imports) || a.stackName.localeCompare(b.stackName),
  );
}

/** One line about a consumer, for a person. */
export function describeConsumer({ stackName, stackId, imports, resources }: Consumer): string {
  const how = imports ? 'imports the ServiceToken' : 'names the ServiceToken by SSM parameter or ARN';
  const owned = Object.entries(resources).map(([logicalId, ids]) => `${logicalId} (${ids.join(', ')})`);
  const account = imports ? '' : ` of account ${stackId?.split(':')[4] ?? 'unknown'}`;
  return `${stackName}${account} ${how}${owned.length > 0 ? `; owns ${owned.join(', ')}` : ''}`;
}
