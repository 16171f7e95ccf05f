/**
 * Judges a world through the packaged provider: after each operation of a stack Genesys Cloud has to hold
 * exactly the objects of the stack, and at the end nothing, with every request answered.
 */
import type { StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import type { Input } from './inputs.ts';
import { isThere, remoteObjects } from './remote.ts';
import type { Finding } from './verdicts.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS, OTHER_KEY_ALIAS, only } from './world.ts';
import type { ZipWorld } from './zip-world.ts';

export class ZipVerdicts {
  readonly findings: Finding[] = [];
  readonly #world: ZipWorld;
  /** Keys of the objects that no stack has made. */
  readonly #before: ReadonlySet<string>;

  constructor(world: ZipWorld) {
    this.#world = world;
    this.#before = new Set(remoteObjects(world.genesys).keys());
  }

  /** A template of one resource, with the ids and ARNs of this world filled in. */
  template(type: string, { properties }: Input, more: Record<string, unknown> = {}): Template {
    const known: Record<string, string> = {
      integrationId: this.#world.integrationId,
      credentialsSecretArn: CREDENTIALS_SECRET,
      keyAliasArn: KEY_ALIAS,
      otherKeyAliasArn: OTHER_KEY_ALIAS,
    };
    const text = JSON.stringify(properties);
    const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => known[name] ?? '');
    return only(type, { ...(JSON.parse(filled) as Record<string, unknown>), ...more });
  }

  /** Ids of the objects that stacks have made. */
  made(): string[] {
    return [...remoteObjects(this.#world.genesys)]
      .filter(([key, object]) => !this.#before.has(key) && isThere([key, object]))
      .map(([, { id }]) => String(id));
  }

  /** Waits until nothing runs. Genesys Cloud has to hold exactly the objects of the stack. */
  async settle(stackOperation: Promise<StackView>): Promise<StackView> {
    const stack = await stackOperation;
    await this.#world.cloudFormation.idle();
    const { physicalId = '', status = '', attributes = {} } = stack.resources['Thing'] ?? {};
    const gone = /DELETE_COMPLETE/.test(status) || !/COMPLETE/.test(stack.status);
    if (/FAILED/.test(stack.status)) return stack;
    const believed = gone ? [] : [physicalId, attributes['CredentialId'] ?? ''].filter((id) => id !== '');
    const now = this.made();
    for (const id of now) {
      if (!believed.includes(id))
        this.findings.push({ kind: now.length > believed.length + 1 ? 'duplicates' : 'orphans', what: id });
    }
    for (const id of believed) {
      if (!now.includes(id)) this.findings.push({ kind: 'wrongIds', what: id });
    }
    return stack;
  }

  expectStatus(stack: StackView, status: string): void {
    if (stack.status === status) return;
    const why = stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join(' ');
    this.findings.push({ kind: 'untrue', what: `${stack.status} instead of ${status}: ${why}` });
  }

  /** Judges the end: nothing is left, every request was answered once, and no secret stands in the log. */
  judge(): void {
    for (const left of this.made()) this.findings.push({ kind: 'orphans', what: left });
    for (const { event, uploads } of this.#world.cloudFormation.requests) {
      if (!uploads.some(({ kept }) => kept))
        this.findings.push({ kind: 'unanswered', what: event.RequestType });
    }
    for (const violation of this.#world.cloudFormation.violations()) {
      // The process died after its answer was taken. The second delivery does not know that, and answers the
      // same again.
      if (!/answered \d+ times/.test(violation)) this.findings.push({ kind: 'violations', what: violation });
    }
    const output = this.#world.invoker.logs();
    for (const secret of this.#world.secrets()) {
      if (output.includes(secret)) this.findings.push({ kind: 'leaks', what: 'a secret in the log' });
    }
  }
}
