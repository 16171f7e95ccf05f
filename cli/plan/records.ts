/** The records of the deployed objects in the ledger, and the forms that were applied last. */
import { ProviderError } from '../../common/errors.ts';
import type { Ledger, ObjectRecord } from '../../provider/ledger/index.ts';
import { sealedFor } from '../../provider/lifecycle/operation.ts';
import type { AnyResourceType } from '../../provider/lifecycle/resource-type.ts';
import type { Connection } from '../connection/connect.ts';
import type { DeployedStack } from './stack.ts';

/** Records that are read at the same time. */
const AT_ONCE = 8;

interface ToRead {
  connection: Connection;
  types: readonly AnyResourceType[];
  deployed: DeployedStack | undefined;
}

/** Records of the deployed objects, by logical id. */
export async function recordsOf(
  { connection, types, deployed }: ToRead,
  ledger: Ledger,
): Promise<Map<string, ObjectRecord>> {
  const records = new Map<string, ObjectRecord>();
  const queue = [...(deployed?.resources ?? [])].values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [logicalId, { type: typeName, physicalId }] of queue) {
        const type = types.find((one) => one.typeName === typeName);
        if (type === undefined || physicalId === '') continue;
        const record = await ledger.object(type.kind, physicalId, connection.deadline);
        if (record) records.set(logicalId, record);
      }
    }),
  );
  return records;
}

/** The typed form that was applied last, where the ledger has it. */
export async function appliedForm(
  type: AnyResourceType,
  record: ObjectRecord | undefined,
  { sealing, deadline }: Connection,
): Promise<unknown> {
  const sealed = record?.applied[0]?.typed;
  if (record === undefined || sealed === undefined) return undefined;
  try {
    const of = sealedFor(record.organization, type.kind, record.id);
    const text = await sealing.unseal(sealed, of, deadline);
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return undefined;
  }
}
