import type { Models } from 'purecloud-platform-client-v2';
import { ProviderError } from '../../../common/errors.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { onExisting, patienceEnd, unlessMissing, YOUNG_MILLISECONDS } from '../../lifecycle/waiting.ts';
import { stateDetail } from './mapping.ts';
import type { IntegrationProperties } from './schema.ts';

const POLL_MILLISECONDS = 2_000;
/** How often an integration in ERROR is enabled again: Genesys Cloud may not look at a new role by itself. */
const ENABLE_AGAIN_MILLISECONDS = 15_000;
/** For a rollback: as long as enabling once again takes to show. */
const ROLLBACK_MILLISECONDS = ENABLE_AGAIN_MILLISECONDS + 2 * POLL_MILLISECONDS;

/**
 * Sets ENABLED or DISABLED and waits until the reported state settles. Properties that were applied before
 * are not refused for a state that the integration may have had then.
 * @returns the reported state
 * @throws IntegrationStateError where it is enabled, and not active in the end
 */
export async function setState(
  id: string,
  { Enabled = true, ServiceTimeout }: IntegrationProperties,
  before: Models.Integration | undefined,
  operation: Operation,
): Promise<string> {
  const { session, clock, deadline, log, appliedBefore, organization } = operation;
  const { integrations } = session;
  const intendedState = Enabled ? 'ENABLED' : 'DISABLED';
  const patch = () =>
    onExisting(id, () => integrations.patchIntegration(id, { body: { intendedState } }), operation);
  // No source says in which state a new integration is, so the state is always written then.
  let integration = before?.intendedState === 'DISABLED' && !Enabled ? before : await patch();
  if (!Enabled) return integration?.reportedState?.code ?? 'INACTIVE';
  const begunAt = clock.now();
  const end = patienceEnd(appliedBefore ? ROLLBACK_MILLISECONDS : YOUNG_MILLISECONDS, operation);
  let enableAgainAt = clock.now() + ENABLE_AGAIN_MILLISECONDS;
  for (;;) {
    const code = integration?.reportedState?.code;
    if (code === 'ACTIVE') return code;
    if (clock.now() + POLL_MILLISECONDS > end) {
      const detail = stateDetail(integration);
      if (appliedBefore) {
        log.warn('the integration is as it was before, and not active', { id, code, detail });
        return code ?? '';
      }
      const state = `${code ?? 'no state'} for it${detail === '' ? '.' : `: ${detail}`}`;
      if (end - begunAt < YOUNG_MILLISECONDS && code !== 'ERROR') {
        const seconds = Math.round((end - begunAt) / 1000);
        throw new IntegrationStateError(
          `Integration ${id} is enabled, but Genesys Cloud still reports ${state} It may take 90 seconds, and ${seconds} were left (ServiceTimeout: ${ServiceTimeout ?? 3600}). Set ServiceTimeout: 1200, and deploy again.`,
        );
      }
      throw new IntegrationStateError(
        `Integration ${id} is enabled, but Genesys Cloud reports ${state} Check that the role trusts Genesys Cloud's account with the organization id ${organization.id} as ExternalId.`,
      );
    }
    await clock.sleep(POLL_MILLISECONDS, deadline.signal);
    if (code === 'ERROR' && clock.now() >= enableAgainAt) {
      enableAgainAt = clock.now() + ENABLE_AGAIN_MILLISECONDS;
      await patch();
    }
    // A new integration may be 404 for a while; its last state stands then.
    const [seen] = (await unlessMissing(() => integrations.getIntegration(id, {}))) ?? [];
    integration = seen ?? integration;
  }
}

/** Enabled, but not active. */
class IntegrationStateError extends ProviderError {}
