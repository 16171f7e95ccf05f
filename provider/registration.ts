/**
 * `Custom::GenesysLedgerRegistration`: the resource by which the provider's own stack registers the provider
 * in its ledger. It is created once, by the first installation. No other stack has such a resource.
 */
import type { Clock } from '../common/clock.ts';
import type { Deadline } from '../common/deadline.ts';
import type { Registration } from './ledger/index.ts';
import type { Application, CustomResourceRequest, Verdict } from './protocol/index.ts';
import { isAccessDenied } from './runtime/aws.ts';

export const REGISTRATION_TYPE = 'Custom::GenesysLedgerRegistration';

/** Time in which the permissions of a role that was just made, or admitted, take effect. */
const YOUNG_MILLISECONDS = 60_000;
const PAUSE_MILLISECONDS = 3_000;

interface RegistrationParts {
  registration: Registration;
  /** The id of the provider's own stack. */
  stackId: string;
  clock: Clock;
}

/** The application, with the registration beside its resource types. */
export function withRegistration(application: Application, parts: RegistrationParts): Application {
  const isOurs = ({ resourceType, stackId }: CustomResourceRequest) =>
    resourceType === REGISTRATION_TYPE && stackId === parts.stackId;
  return {
    handle: (request, invocation) =>
      isOurs(request) ? handle(request, parts, invocation.deadline) : application.handle(request, invocation),
    recall: async (request, invocation) =>
      isOurs(request) ? undefined : application.recall(request, invocation),
    leftSomething: async (createRequestId, request, deadline) =>
      isOurs(request) ? false : application.leftSomething(createRequestId, request, deadline),
    async answered(request, deadline) {
      if (!isOurs(request)) await application.answered(request, deadline);
    },
  };
}

async function handle(
  { type, physicalId }: CustomResourceRequest,
  { registration, clock }: RegistrationParts,
  deadline: Deadline,
): Promise<Verdict> {
  if (type === 'Create') await registerWhenAdmitted(registration, clock, deadline);
  if (type === 'Update') await registration.check(deadline);
  // A deleted stack leaves the registration with the ledger, which is retained as well.
  return { status: 'SUCCESS', physicalId: physicalId ?? 'ledger-registration' };
}

async function registerWhenAdmitted(
  registration: Registration,
  clock: Clock,
  deadline: Deadline,
): Promise<void> {
  const until = clock.now() + YOUNG_MILLISECONDS;
  for (;;) {
    try {
      await registration.register(deadline);
      return;
    } catch (error) {
      if (!isAccessDenied(error) || clock.now() >= until) throw error;
      await clock.sleep(PAUSE_MILLISECONDS, deadline.signal);
    }
  }
}
