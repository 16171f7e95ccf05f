/** Both sides of a deployment: the template that was deployed last, and the one that is to be deployed. */
import type { ObjectRecord } from '../../provider/ledger/index.ts';
import { member, textOf, type Value } from '../templates/template.ts';
import { conditionHolds, evaluateProperties, type Scope, type Truth } from './evaluate.ts';
import type { DeployedStack } from './stack.ts';
import { type Evaluated, isSame, Unknown } from './values.ts';

/** The answers of a resource of the provider. */
export interface Outcome {
  ref: Evaluated;
  /** A missing attribute is known at deployment only. */
  attributes: Readonly<Record<string, string>>;
  /** The reason for which the other attributes are not known. */
  why: string;
}

/** A resource of a template, as far as its condition lets it be there. */
export interface Declared {
  type: string;
  value: Value;
  /** Undefined where the condition holds, or there is none. */
  openCondition: Unknown | undefined;
}

export type Declarations = ReadonlyMap<string, Declared>;

interface Inputs {
  template: Value;
  parameters: ReadonlyMap<string, Evaluated>;
  pseudo: Readonly<Record<string, string>>;
  exports: ReadonlyMap<string, string>;
  fault(message: string): void;
}

const nothing = () => {};

function scopeOf(
  { template, parameters, pseudo, exports, fault }: Inputs,
  resources: Pick<Scope, 'ref' | 'attribute'>,
): Scope {
  return {
    template,
    parameters: new Map([...Object.entries(pseudo), ...parameters]),
    conditions: new Map(),
    exported: (name) => exports.get(name),
    fault,
    ...resources,
  };
}

/** The resources of a template whose conditions hold, or may hold. */
export function declarationsIn(scope: Scope): Declarations {
  const resources = member(scope.template, 'Resources');
  const declared = new Map<string, Declared>();
  for (const [logicalId, { value }] of resources?.kind === 'map' ? resources.entries : []) {
    const type = textOf(member(value, 'Type'));
    const condition = textOf(member(value, 'Condition'));
    const holds: Truth = condition === undefined ? true : conditionHolds(condition, scope);
    if (type === undefined || holds === false) continue;
    declared.set(logicalId, { type, value, openCondition: holds instanceof Unknown ? holds : undefined });
  }
  return declared;
}

export interface SidesOptions {
  deployed: DeployedStack | undefined;
  template: Value;
  parameters: { before: ReadonlyMap<string, Evaluated>; after: ReadonlyMap<string, Evaluated> };
  pseudo: Readonly<Record<string, string>>;
  exports: ReadonlyMap<string, string>;
  /** Records of the deployed resources of the provider, by logical id. */
  records: ReadonlyMap<string, ObjectRecord>;
  /** Takes up a fault by which CloudFormation refuses the new template. */
  fault(message: string): void;
}

export class Sides {
  readonly before: Scope;
  readonly after: Scope;
  readonly declaredBefore: Declarations;
  readonly declaredAfter: Declarations;
  /** The outcomes that were foreseen so far, by logical id. */
  readonly outcomes = new Map<string, Outcome>();
  readonly #options: SidesOptions;
  readonly #changed = new Map<string, boolean>();

  constructor(options: SidesOptions) {
    this.#options = options;
    const { deployed, template, parameters } = options;
    const old = { ...options, template: deployed?.template ?? template, parameters: parameters.before };
    this.before = scopeOf(
      { ...old, fault: nothing },
      {
        ref: (logicalId) => this.#refBefore(logicalId),
        attribute: (logicalId, name) => this.#attributeBefore(logicalId, name),
      },
    );
    this.after = scopeOf(
      { ...options, template, parameters: parameters.after },
      {
        ref: (logicalId) => this.#refAfter(logicalId),
        attribute: (logicalId, name) => this.#attributeAfter(logicalId, name),
      },
    );
    this.declaredBefore = deployed === undefined ? new Map() : declarationsIn(this.before);
    this.declaredAfter = declarationsIn(this.after);
  }

  propertiesBefore(logicalId: string): { [name: string]: Evaluated } {
    const declared = this.declaredBefore.get(logicalId);
    return declared
      ? evaluateProperties(declared.type, member(declared.value, 'Properties'), this.before)
      : {};
  }

  propertiesAfter(logicalId: string): { [name: string]: Evaluated } {
    const declared = this.declaredAfter.get(logicalId);
    return declared
      ? evaluateProperties(declared.type, member(declared.value, 'Properties'), this.after)
      : {};
  }

  #refBefore(logicalId: string): Evaluated {
    const physicalId = this.#options.deployed?.resources.get(logicalId)?.physicalId;
    return physicalId ? physicalId : unknownId(logicalId, 'which is not deployed');
  }

  #attributeBefore(logicalId: string, name: string): Evaluated {
    const known = this.#options.records.get(logicalId)?.attributes[name];
    return (
      known ?? new Unknown({ key: `${logicalId}.${name}`, why: `the attribute ${name} of ${logicalId}` })
    );
  }

  #refAfter(logicalId: string): Evaluated {
    const outcome = this.outcomes.get(logicalId);
    if (outcome) return outcome.ref;
    return this.#isChanged(logicalId)
      ? unknownId(logicalId, this.#howChanged(logicalId))
      : this.#refBefore(logicalId);
  }

  #attributeAfter(logicalId: string, name: string): Evaluated {
    const outcome = this.outcomes.get(logicalId);
    if (outcome) {
      const known = Object.hasOwn(outcome.attributes, name) ? outcome.attributes[name] : undefined;
      return known ?? unknownAttribute(logicalId, name, outcome.why);
    }
    return this.#isChanged(logicalId)
      ? unknownAttribute(logicalId, name, this.#howChanged(logicalId))
      : this.#attributeBefore(logicalId, name);
  }

  /** Whether a resource of another type changes, so that its id and attributes may. */
  #isChanged(logicalId: string): boolean {
    const known = this.#changed.get(logicalId);
    if (known !== undefined) return known;
    // CloudFormation refuses a circle.
    this.#changed.set(logicalId, true);
    const before = this.declaredBefore.get(logicalId);
    const after = this.declaredAfter.get(logicalId);
    const isSameResource =
      before !== undefined &&
      before.type === after?.type &&
      this.#options.deployed?.resources.has(logicalId) === true &&
      isSame(this.propertiesBefore(logicalId), this.propertiesAfter(logicalId));
    this.#changed.set(logicalId, !isSameResource);
    return !isSameResource;
  }

  #howChanged(logicalId: string): string {
    if (this.declaredAfter.get(logicalId) === undefined) return 'which the template does not have';
    return this.declaredBefore.has(logicalId) ? 'which changes' : 'which is new';
  }
}

const unknownId = (logicalId: string, how: string) =>
  new Unknown({ key: `${logicalId} ${how}`, why: `the id of ${logicalId}, ${how}` });

const unknownAttribute = (logicalId: string, name: string, how: string) =>
  new Unknown({ key: `${logicalId}.${name} ${how}`, why: `the attribute ${name} of ${logicalId}, ${how}` });
