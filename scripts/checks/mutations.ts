/** The deliberate defects of `make mutants`. */
export interface Mutant {
  /** The fault of the provider. */
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** The tests that have to notice it run the packaged provider. Default: the fast suite. */
  isOfUpgrades?: boolean;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'drops the ledger write before a POST',
    file: 'provider/lifecycle/making.ts',
    find: '(await attempt.intend(step, organization.id))',
    replace: '0',
  },
  {
    name: 'counts characters instead of bytes',
    file: 'provider/protocol/deliver.ts',
    find: "'content-length': String(body.length)",
    replace: "'content-length': String(body.toString().length)",
  },
  {
    name: 'resends a POST blindly',
    file: 'provider/genesys/transport.ts',
    find: "return method !== 'POST' || harmlessPosts.includes(template);",
    replace: 'return harmlessPosts.includes(template) || method.length > 0;',
  },
  {
    name: 'answers a new id on update',
    file: 'provider/lifecycle/outcome.ts',
    find: 'return answer(operation.attempt, id, attributes, { leftover, object, before });',
    replace:
      "return answer(operation.attempt, request.type === 'Update' ? id.concat('-2') : id, attributes, { leftover, object, before });",
  },
  {
    name: 'logs the event',
    file: 'provider/protocol/serve.ts',
    find: 'const address = readAnswerAddress(event);',
    replace: "const address = readAnswerAddress(event);\n  options.log.info('event', { event });",
  },
  {
    name: 'repeats on a 403 of the ResponseURL',
    file: 'provider/protocol/deliver.ts',
    find: 'response.status < 500 && response.status !== 429',
    replace: 'response.status < 500 && response.status !== 403 && response.status !== 429',
  },
  {
    name: 'logs in for ever',
    file: 'provider/genesys/session.ts',
    find: 'return await attempt(second);',
    replace: 'return await send(container, scope, call, second, before);',
  },
  {
    name: 'retries past the deadline',
    file: 'provider/genesys/retry.ts',
    find: 'if (clock.now() + waitMs >= end) throw error;',
    replace: '',
  },
  {
    name: 'replays a result across RequestIds',
    file: 'provider/ledger/records.ts',
    find: '`ATTEMPT#${stackId}#${attemptId}`',
    replace: '`ATTEMPT#${stackId}#${attemptId.slice(0, 0)}`',
  },
  {
    name: 'deletes what another owns',
    file: 'provider/lifecycle/plan.ts',
    find: 'if (record && !isOurs) {',
    replace: "if (record?.id === '') {",
  },
  {
    name: 'deletes an object that is believed gone',
    file: 'provider/lifecycle/plan.ts',
    find: 'if (isFollowedByAnother || known.isRollingBack !== false)',
    replace: "if (object.id === '')",
  },
  {
    name: 'leaves a write out by the ledger alone',
    file: 'provider/lifecycle/plan.ts',
    find: 'isAsWanted(object, form) && isInStep(facts)',
    replace: 'isAsWanted(object, form)',
  },
  {
    name: 'writes again in a rollback after a refusal',
    file: 'provider/lifecycle/changing.ts',
    find: 'record.dirty || session.mayHaveWritten',
    replace: 'record.dirty || session !== undefined',
  },
  {
    name: "treats another organization's 404 as deleted",
    file: 'provider/lifecycle/job.ts',
    find: 'if (known === organization.id) return;',
    replace: 'if (known !== undefined) return;',
  },
  {
    name: 'takes another resource of the stack for the owner',
    file: 'provider/ledger/records.ts',
    find: 'a.stackId === b.stackId && a.logicalId === b.logicalId',
    replace: 'a.stackId === b.stackId',
  },
  {
    name: 'undoes what another stack has adopted',
    file: 'provider/lifecycle/undo.ts',
    find: 'if (record && !sameOwner(record.owner, request)) return;',
    replace: '',
  },
  {
    name: 'answers the new id of a failed update',
    file: 'provider/protocol/failure.ts',
    find: "(type === 'Update' && isOfObject)",
    replace: "(type === 'Update' && isOfObject && progress.objectId === undefined)",
  },
  {
    name: 'answers that a failed create sent no write',
    file: 'provider/protocol/failure.ts',
    find: 'if (progress.wroteSomething) return failedCreate(attemptId);',
    replace: '',
  },
  {
    name: 'writes on after its lease was taken',
    file: 'provider/ledger/attempt.ts',
    find: 'if (read?.body.lease.holder !== lease.holder) {',
    replace: "if (lease.holder === '') {",
  },
  {
    name: 'undoes a request that somebody still works on',
    file: 'provider/ledger/ledger.ts',
    find: 'if (!isAtWork(read.body, this.#now())) return await this.#openToUndo(read, by, deadline);',
    replace: 'return await this.#openToUndo(read, by, deadline);',
  },
  {
    name: 'does a failed request again',
    file: 'provider/ledger/verdict.ts',
    find: "if (attempt?.state === 'failed')",
    replace: "if (attempt?.state === 'failed' && attempt.reason === '')",
  },
  {
    name: 'does an undone request again',
    file: 'provider/ledger/verdict.ts',
    find: "if (attempt && isTakenBack(attempt)) return { verdict: 'superseded' };",
    replace: '',
  },
  {
    name: 'obeys an update that is older than the newest',
    file: 'provider/ledger/verdict.ts',
    find: 'signedAt + SIGNERS_DIFFER_MILLISECONDS < newest',
    replace: 'signedAt < 0',
  },
  {
    name: 'sorts the keys of a fingerprint otherwise',
    file: 'common/canonical-json.ts',
    find: '(a < b ? -1 : a > b ? 1 : 0)',
    replace: '(a < b ? 1 : a > b ? -1 : 0)',
    isOfUpgrades: true,
  },
  {
    name: 'has one more property in the identity',
    file: 'provider/lifecycle/form.ts',
    find: 'fingerprint(untyped(type.replacement.map((name) => fixedValue(type, properties as RawProperties, name))));',
    replace:
      "fingerprint(untyped([...type.replacement, 'Region'].map((name) => fixedValue(type, properties as RawProperties, name as never))));",
    isOfUpgrades: true,
  },
];
