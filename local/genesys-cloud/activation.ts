import { AwsRefusal } from './aws.ts';
import type { Simulator } from './http.ts';
import type { Integration, Organization } from './store.ts';

/** Begins the change of the reported state to ACTIVE or INACTIVE. */
export function beginActivation(call: Simulator, integration: Integration): void {
  const now = call.fixed.clock.now();
  const enabled = integration.intendedState === 'ENABLED';
  integration.reported = { code: enabled ? 'ACTIVATING' : 'DEACTIVATING', updatedAt: now };
  integration.nextLookAt = now + call.settings.delays.activationMs;
}

/** Brings the reported state up to date. A Lambda integration assumes its role for this (`roleCheckedAt`). */
export async function settleState(
  call: Simulator,
  organization: Organization,
  integration: Integration,
): Promise<void> {
  const now = call.fixed.clock.now();
  if (integration.nextLookAt === undefined || now < integration.nextLookAt) return;
  integration.nextLookAt = undefined;
  if (integration.intendedState !== 'ENABLED') {
    integration.reported = { code: 'INACTIVE', updatedAt: now };
    return;
  }
  const config = integration.config;
  const problem = await activationProblem(call, organization, integration);
  // After a change in the meantime, the next look decides.
  if (integration.config !== config || integration.intendedState !== 'ENABLED') return;
  integration.reported =
    problem === undefined
      ? { code: 'ACTIVE', updatedAt: now }
      : { code: 'ERROR', detail: problem, updatedAt: now };
  if (problem !== undefined) integration.nextLookAt = now + call.settings.delays.roleRecheckMs;
}

async function activationProblem(
  call: Simulator,
  organization: Organization,
  integration: Integration,
): Promise<string | undefined> {
  const type = call.world.integrationTypes.get(integration.typeId);
  for (const [key, specification] of Object.entries(type?.credentials ?? {})) {
    if (specification.required && integration.config.credentials[key] === undefined)
      return `The integration needs the credentials ${key}`;
  }
  if (integration.typeId !== 'aws-lambda-data-actions' || !call.aws.present) return undefined;
  const credential = organization.credentials.get(
    integration.config.credentials['AmazonWebServicesARN'] ?? '',
  );
  if (credential === undefined) return 'The credential was deleted';
  if (call.settings.behaviour.roleCheckedAt === 'execution') return undefined;
  try {
    await call.aws.assumeRole(organization, credential.fields['ARN'] ?? '', call.closing);
    return undefined;
  } catch (error) {
    if (error instanceof AwsRefusal) return error.message;
    throw error;
  }
}
