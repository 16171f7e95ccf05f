import { stackNameOf } from '../runtime/stack-names.ts';

/**
 * A PhysicalResourceId is the object's id in Genesys Cloud, or one of three texts that name no object:
 * - `nothing-created/<attempt id>`: our answer to a Create that sent no write;
 * - `failed-create/<attempt id>`: our answer to a Create that sent a write and cannot name an object;
 * - `<stack>-<logical>-<suffix>`: CloudFormation's invention for a Create that was never answered
 *   (aws-cdk custom-resources/README.md, "Handling Lifecycle Events").
 */
export type PhysicalId =
  | { kind: 'object'; id: string }
  | { kind: 'nothing-created'; attemptId: string }
  | { kind: 'failed-create'; attemptId: string }
  | { kind: 'invented' }
  | { kind: 'none' };

const MARKER = /^(nothing-created|failed-create)\/(.+)$/s;

export const nothingCreated = (attemptId: string) => `nothing-created/${attemptId}`;
export const failedCreate = (attemptId: string) => `failed-create/${attemptId}`;

/** The meaning of a PhysicalResourceId, given the stack and the logical resource that it belongs to. */
export function readPhysicalId(id: string | undefined, stackId: string, logicalId: string): PhysicalId {
  if (id === undefined || id === '') return { kind: 'none' };
  const marker = MARKER.exec(id);
  if (marker?.[1] === 'nothing-created') return { kind: 'nothing-created', attemptId: marker[2] ?? '' };
  if (marker) return { kind: 'failed-create', attemptId: marker[2] ?? '' };
  const stackName = stackNameOf(stackId);
  const prefix = `${stackName}-${logicalId}-`;
  if (stackName !== '' && id.startsWith(prefix) && /^[A-Za-z0-9]{6,}$/.test(id.slice(prefix.length)))
    return { kind: 'invented' };
  return { kind: 'object', id };
}
