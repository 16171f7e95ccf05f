/** The source of time of the local world: the machine's, or a virtual one in tests. */
export { type Clock, systemClock } from './genesys-cloud/clock.ts';
