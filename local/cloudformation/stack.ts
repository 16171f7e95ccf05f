import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './answers.ts';
import { applyTemplate } from './apply.ts';
import { cleanUp, deleteResources } from './deletion.ts';
import type { CustomResourceEvent } from './events.ts';
import { type CloudFormationOptions, type Settings, settle } from './options.ts';
import { Requests, type SentRequest } from './requests.ts';
import type { Operation } from './resource-steps.ts';
import { rollBack } from './rollback.ts';
import { Stack, type StackView, type Update, ValidationError } from './state.ts';
import { declarationOf, type Template, validateTemplate } from './template.ts';

export type { CloudFormationOptions, ReplacementRollback } from './options.ts';
export type { SentRequest } from './requests.ts';
export { type ResourceView, type StackEvent, type StackView, ValidationError } from './state.ts';

/**
 * CloudFormation's side of stacks that hold custom resources. A stack operation resolves when the stack has
 * settled, with the stack as it is then. A failed operation is rolled back, unless `disableRollback` is true.
 */
export class CloudFormation {
  #settings: Settings;
  #requests: Requests;
  #stacks: Stack[] = [];

  constructor(options: CloudFormationOptions) {
    this.#settings = settle(options);
    this.#requests = new Requests(this.#settings);
  }

  // ---- stack operations

  /**
   * @param options `onFailure: 'DELETE'` deletes the stack after a failure, as the CLI's
   * `--on-failure DELETE` does
   * @throws ValidationError when a stack of this name exists, or a hook stops the operation.
   */
  async createStack(
    name: string,
    template: Template,
    { disableRollback = false, onFailure }: { disableRollback?: boolean; onFailure?: 'DELETE' } = {},
  ): Promise<StackView> {
    validateTemplate(template);
    if (this.#living(name) !== undefined) throw new ValidationError(`Stack [${name}] already exists`);
    const stack = new Stack(name, template, this.#settings);
    // Without hooks the stack is there at once, and not a turn later.
    if (this.#settings.hooks.length > 0) await this.#askHooks(stack, 'CREATE', template);
    this.#stacks.push(stack);
    return this.#run(stack, (operation) => createStack(operation, template, disableRollback, onFailure));
  }

  /**
   * @throws ValidationError when the stack's state or the new template does not allow an update, or a hook
   * stops it.
   */
  async updateStack(name: string, template: Template, { disableRollback = false } = {}): Promise<StackView> {
    validateTemplate(template);
    const stack = this.#get(name);
    checkUpdate(stack, template);
    if (this.#settings.hooks.length > 0) await this.#askHooks(stack, 'UPDATE', template);
    const update: Update = {
      old: stack.template,
      created: new Set(),
      changed: new Map(),
      rolledBack: new Set(),
      leftovers: [],
    };
    return this.#run(stack, (operation) => updateStack(operation, template, update, disableRollback));
  }

  /**
   * Tries a failed creation, update or deletion again, with the same template or a corrected one. A request
   * that is sent again keeps its RequestId and gets a new ResponseURL (aws/aws-cdk issue 35957).
   */
  async retry(name: string, template?: Template, { disableRollback = true } = {}): Promise<StackView> {
    const stack = this.#get(name);
    const wanted = template ?? stack.wanted;
    if (stack.status === 'DELETE_FAILED')
      return this.#run(stack, (operation) => deleteStack({ ...operation, retried: true }));
    if (stack.status === 'CREATE_FAILED')
      return this.#run(stack, (operation) =>
        createStack({ ...operation, retried: true }, wanted, disableRollback),
      );
    const update = stack.failedUpdate;
    if (update === undefined || stack.status !== 'UPDATE_FAILED')
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be tried again.`);
    return this.#run(stack, (operation) =>
      updateStack({ ...operation, retried: true }, wanted, update, disableRollback),
    );
  }

  /** Continues a rollback that failed, without the resources to skip. */
  async continueUpdateRollback(name: string, resourcesToSkip: string[] = []): Promise<StackView> {
    const stack = this.#get(name);
    const update = stack.failedUpdate;
    if (update === undefined || !/^UPDATE(_ROLLBACK)?_FAILED$/.test(stack.status))
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    return this.#run(stack, async (operation) => {
      stack.mark('UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
      for (const logicalId of resourcesToSkip) update.rolledBack.add(logicalId);
      await rollBack(operation, update);
    });
  }

  /** `retainResources` is allowed only after a deletion that failed, as in CloudFormation. */
  async deleteStack(name: string, { retainResources = [] as string[] } = {}): Promise<StackView> {
    const stack = this.#get(name);
    if (retainResources.length > 0 && stack.status !== 'DELETE_FAILED')
      throw new ValidationError(
        `Invalid operation on stack [${stack.id}]. RetainResources needs DELETE_FAILED.`,
      );
    return this.#run(stack, async (operation) => {
      for (const logicalId of retainResources) stack.resources.delete(logicalId);
      await deleteStack(operation);
    });
  }

  /**
   * Moves a resource with its declaration to another stack, as stack refactoring does. No request is sent for
   * it.
   * @param as its logical id there
   */
  moveResource(logicalId: string, from: string, to: string, as = logicalId): void {
    const [source, target] = [this.#get(from), this.#get(to)];
    const resource = source.resources.get(logicalId);
    if (source.busy || target.busy || resource === undefined || target.resources.has(as))
      throw new ValidationError(`${logicalId} of ${from} cannot be moved to ${as} of ${to}`);
    const { [logicalId]: declaration = resource.declaration, ...rest } = source.template.Resources;
    source.resources.delete(logicalId);
    source.template = { ...source.template, Resources: rest };
    target.resources.set(as, { ...resource, logicalId: as });
    target.template = { ...target.template, Resources: { ...target.template.Resources, [as]: declaration } };
  }

  // ---- for tests: the state, and deliveries on purpose

  /** The stack as it is now, even during an operation. A deleted stack is found by its id only. */
  describe(nameOrId: string): StackView {
    return this.#get(nameOrId).view();
  }

  /** The template that was applied last. */
  templateOf(nameOrId: string): Template {
    return this.#get(nameOrId).template;
  }

  /** Every stack that is not deleted. */
  living(): StackView[] {
    return this.#stacks.filter(({ isDeleted }) => !isDeleted).map((stack) => stack.view());
  }

  /** Every request so far, in order. */
  get requests(): readonly SentRequest[] {
    return this.#requests.sent;
  }

  /** The requests so far as `Create A`, `Update A old-id`, `Delete A old-id`. */
  sequence(): string[] {
    return this.requests.map(({ event }) =>
      [event.RequestType, event.LogicalResourceId, event.PhysicalResourceId].filter(Boolean).join(' '),
    );
  }

  /**
   * Delivers an event once more, however late; resolves when the invocation has ended. Of a request that was
   * sent several times it is the newest event, or the one at that place: 0 is the first.
   */
  async redeliver(requestId: string, at?: number): Promise<void> {
    await this.#requests.redeliver(requestId, at);
  }

  /**
   * Sends a request again with a new ResponseURL, outside of any stack operation; `changes` are other fields
   * of the event. Resolves to its outcome.
   */
  async sendAgain(
    requestId: string,
    changes: Partial<Omit<CustomResourceEvent, 'ResponseURL'>> = {},
  ): Promise<Outcome> {
    return this.#requests.sendAgain(requestId, changes);
  }

  /**
   * Every rule of the protocol that an answer broke so far. The last line of a provider's test expects none.
   */
  violations(): string[] {
    return this.#settings.responses.violations();
  }

  /** Resolves when no invocation runs and none is to come. Stack operations do not wait for late ones. */
  async idle(): Promise<void> {
    await this.#requests.idle();
  }

  /** Ends invocations. The caller stops the invoker and the response server. */
  async stop(): Promise<void> {
    await this.#requests.stop();
  }

  /** @throws ValidationError with CloudFormation's sentence, before anything of the stack is touched */
  async #askHooks(stack: Stack, action: 'CREATE' | 'UPDATE', template: Template): Promise<void> {
    for (const hook of this.#settings.hooks) {
      const refusal = await hook.ask('STACK', {
        action,
        stackName: stack.name,
        stackId: stack.id,
        template: JSON.stringify(template),
        ...(action === 'UPDATE' ? { previousTemplate: JSON.stringify(stack.template) } : {}),
      });
      if (refusal !== undefined) throw new ValidationError(refusal);
    }
  }

  async #run(stack: Stack, work: (operation: Operation) => Promise<void>): Promise<StackView> {
    if (stack.busy)
      throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be changed.`);
    stack.busy = true;
    try {
      await work({ stack, settings: this.#settings, requests: this.#requests });
    } finally {
      stack.busy = false;
    }
    return stack.view();
  }

  #living(name: string): Stack | undefined {
    return this.#stacks.find((stack) => stack.name === name && !stack.isDeleted);
  }

  #get(nameOrId: string): Stack {
    const stack = this.#stacks.find(({ id }) => id === nameOrId) ?? this.#living(nameOrId);
    if (stack === undefined) throw new ValidationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }
}

async function createStack(
  operation: Operation,
  template: Template,
  disableRollback: boolean,
  onFailure?: 'DELETE',
) {
  const { stack } = operation;
  stack.wanted = template;
  stack.mark('CREATE_IN_PROGRESS', 'User Initiated');
  const failure = await applyTemplate(operation, template, undefined);
  stack.template = template;
  if (failure === undefined) return stack.mark('CREATE_COMPLETE');
  if (disableRollback) return stack.mark('CREATE_FAILED', failure);
  const verb = onFailure === 'DELETE' ? 'DELETE' : 'ROLLBACK';
  stack.mark(`${verb}_IN_PROGRESS`, `${failure} ${verb} requested by user.`);
  const ok = await deleteResources(operation, [...stack.resources.keys()], 'rollback of a creation');
  stack.mark(ok ? `${verb}_COMPLETE` : `${verb}_FAILED`);
}

async function updateStack(
  operation: Operation,
  template: Template,
  update: Update,
  disableRollback: boolean,
) {
  const { stack } = operation;
  stack.wanted = template;
  stack.mark('UPDATE_IN_PROGRESS', 'User Initiated');
  const failure = await applyTemplate(operation, template, update);
  if (failure !== undefined && disableRollback) {
    stack.failedUpdate = update;
    return stack.mark('UPDATE_FAILED', failure);
  }
  if (failure !== undefined) {
    stack.mark('UPDATE_ROLLBACK_IN_PROGRESS', failure);
    return rollBack(operation, update);
  }
  stack.failedUpdate = undefined;
  stack.template = template;
  stack.mark('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  const removed = [...stack.resources.keys()].filter(
    (logicalId) => declarationOf(template, logicalId) === undefined,
  );
  await cleanUp(operation, removed, update.leftovers, 'removal');
  stack.mark('UPDATE_COMPLETE');
}

async function deleteStack(operation: Operation) {
  const { stack } = operation;
  stack.mark('DELETE_IN_PROGRESS', 'User Initiated');
  const ok = await deleteResources(operation, [...stack.resources.keys()], 'removal');
  if (ok) return stack.mark('DELETE_COMPLETE');
  const failed = [...stack.resources.values()].filter(({ status }) => status === 'DELETE_FAILED');
  const names = failed.map(({ logicalId }) => logicalId).join(', ');
  stack.mark('DELETE_FAILED', `The following resource(s) failed to delete: [${names}].`);
}

function checkUpdate(stack: Stack, template: Template): void {
  if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status))
    throw new ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  if (isDeepStrictEqual(stack.template, template))
    throw new ValidationError('No updates are to be performed.');
  for (const [logicalId, { declaration }] of stack.resources) {
    const next = declarationOf(template, logicalId);
    if (next !== undefined && next.Type !== declaration.Type)
      throw new ValidationError(
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
      );
  }
}
