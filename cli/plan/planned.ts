/** The content of a plan. Nothing in it is secret: it has paths of properties, and no value of one. */
import type { Open } from './stand-ins.ts';

/**
 * `nothing`: no write in Genesys Cloud. `leave`: the object stays there, and no stack owns it. `put back`: an
 * adopted object becomes again what it was before.
 */
export type Action = 'create' | 'adopt' | 'change' | 'replace' | 'delete' | 'leave' | 'put back' | 'nothing';

export interface PlannedResource {
  logicalId: string;
  type: string;
  action: Action;
  /** False where a value that is known at deployment only decides. */
  isCertain: boolean;
  /** A condition that is known at the deployment only may take the deployed resource out of the stack. */
  mayLeave?: true;
  /** The object of before. */
  id?: string;
  /** The object that is taken over. */
  adopts?: string;
  /** Whether taking over writes to that object; missing where that is not known. */
  overwrites?: boolean;
  /** Paths of the properties that change. */
  changes: string[];
  /** Reasons of a replacement: paths of properties, or a sentence. */
  because: string[];
  /** The users of an object that is replaced or deleted. */
  users: string[];
  /** The end of an object that is replaced. */
  formerObject?: 'deleted' | 'stays' | 'put back';
  /** The properties that are known at deployment only. */
  open: Open[];
  /** The deployment fails by these. */
  failures: string[];
  /** Things worth knowing. */
  notes: string[];
}

export interface Plan {
  stack: string;
  /** The stack is there already. */
  isUpdate: boolean;
  organization: { id: string; name?: string };
  /** In the order in which CloudFormation works on them. */
  resources: PlannedResource[];
  /** The deployment fails by these, whatever its resources are. */
  failures: string[];
  notes: string[];
}

/** Whether the id of an object that is there ends, or may end. */
export const endsAnId = ({ action, mayLeave }: PlannedResource): boolean =>
  action === 'replace' || action === 'delete' || mayLeave === true;

export const failuresOf = ({ failures, resources }: Plan): string[] => [
  ...failures,
  ...resources.flatMap((one) => one.failures),
];
