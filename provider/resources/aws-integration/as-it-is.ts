/** Whether an integration can be taken over as it is. No other request loads this file. */
import { fingerprint } from '../../../common/canonical-json.ts';
import type { configurationOf, IntegrationState } from './mapping.ts';

/** Whether writing the configuration and the state would change nothing. */
export const isAsWanted = (
  { intendedState, ...configuration }: IntegrationState,
  wanted: ReturnType<typeof configurationOf>,
  isEnabled: boolean,
): boolean =>
  (intendedState === 'ENABLED') === isEnabled &&
  fingerprint(comparable(configuration)) === fingerprint(comparable(wanted));

const comparable = ({
  name,
  notes,
  properties,
  advanced,
  credentials,
}: Partial<ReturnType<typeof configurationOf>>) => [
  name,
  notes ?? '',
  properties ?? {},
  advanced ?? {},
  credentials ?? {},
];
