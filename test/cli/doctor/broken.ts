/** A world with exactly one fault, and the finding that has to come of it. */
import type { DoctorWorld } from './world.ts';

export interface Broken {
  name: string;
  /** Of the one finding. */
  id: string;
  /** In its detail. */
  says: RegExp;
  /** In its fix. */
  fix: RegExp;
  /** Arguments of the command, beside the format. */
  args?: string[];
  /** Breaks one thing. @returns the way back */
  break(world: DoctorWorld): Promise<() => Promise<unknown>>;
}

export const nothingToMend = async () => {};
