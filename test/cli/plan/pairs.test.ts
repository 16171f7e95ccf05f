/**
 * Generated pairs of templates: what the plan says of each deployment is what the deployment does. A failure
 * prints the pair; the seed makes the same ones each time.
 */
import fc from 'fast-check';
import { connect } from '../../../cli/connection/connect.ts';
import { failuresOf } from '../../../cli/plan/planned.ts';
import { planOf } from '../../../cli/plan/run.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { installed } from '../../../local/provider/installed-provider.ts';
import { ACTION, action, INTEGRATION, KEY } from '../../../local/provider/stacks.ts';
import { inWorld, KEY_ALIAS, OTHER_KEY_ALIAS, reasons, type World } from '../../../local/provider/world.ts';
import { personOf } from '../drift/running.ts';
import { actionsOf, deploy, withFile } from './running.ts';

const PAIRS = 200;
const SEED = 16;
const { PROVIDER_ARN } = installed();

// ---- templates

/** The choices of one resource. */
interface ActionForm {
  name: string;
  seconds: number | undefined;
  category: string;
  isSecure: boolean;
  input: string;
  isOnOwn: boolean;
  isAdopting: boolean;
  onDelete: string | undefined;
  guard: string | undefined;
  nonce: string | undefined;
  deletionPolicy: string | undefined;
  replacePolicy: string | undefined;
}

interface IntegrationForm {
  notes: string | undefined;
  isEnabled: boolean;
  onDelete: string | undefined;
}

interface Form {
  actions: Record<string, ActionForm | undefined>;
  integration: IntegrationForm | undefined;
  key: string | undefined;
  /** Missing resources stand in the template all the same, under a condition that does not hold. */
  hasConditions: boolean;
}

/** Missing in three of four cases. */
const seldom = (...values: string[]) =>
  fc.nat(3).chain((nth) => (nth > 0 ? fc.constant(undefined) : fc.constantFrom(...values)));

/** Missing in a quarter of the cases. */
const mostly = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });

/** @param name that the action has in most cases; now and then it is one that another resource may have */
const actionForm = (name: string): fc.Arbitrary<ActionForm> =>
  fc.record({
    name: fc.constantFrom(name, name, name, name, name, 'One'),
    seconds: fc.constantFrom(undefined, 10, 60),
    category: fc.constantFrom('Orders', 'Orders', 'Other'),
    isSecure: fc.constantFrom(false, false, false, true),
    input: fc.constantFrom('', '', 'x'),
    isOnOwn: fc.boolean(),
    isAdopting: fc.constantFrom(false, false, true),
    onDelete: seldom('Delete', 'Retain'),
    guard: seldom('All', 'None'),
    nonce: seldom('1', '2'),
    deletionPolicy: seldom('Retain'),
    replacePolicy: seldom('Retain'),
  });

const integrationForm: fc.Arbitrary<IntegrationForm> = fc.record({
  notes: fc.constantFrom(undefined, 'one', 'two'),
  isEnabled: fc.constantFrom(true, true, false),
  onDelete: seldom('Delete', 'Retain'),
});

const form: fc.Arbitrary<Form> = fc.record({
  actions: fc.record({ A: mostly(actionForm('A')), B: mostly(actionForm('B')), C: mostly(actionForm('C')) }),
  integration: fc.option(integrationForm, { nil: undefined, freq: 1 }),
  key: fc.option(fc.constantFrom(KEY_ALIAS, OTHER_KEY_ALIAS), { nil: undefined, freq: 1 }),
  hasConditions: fc.boolean(),
});

/** The next form: most resources stay, or change in one choice. */
type Move =
  | { do: 'free'; to: Form }
  | { do: 'change'; which: string; to: Partial<ActionForm> }
  | { do: 'rename'; from: string; to: string }
  | { do: 'add or remove'; which: string; to: ActionForm };

const which = fc.constantFrom('A', 'B', 'C');

/** One or two choices of a form. */
const someChoices: fc.Arbitrary<Partial<ActionForm>> = actionForm('Next').chain((whole) =>
  fc
    .subarray(Object.keys(whole) as (keyof ActionForm)[], { minLength: 1, maxLength: 2 })
    .map((names) => Object.fromEntries(names.map((name) => [name, whole[name]])) as Partial<ActionForm>),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('free' as const), to: form }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), which, to: someChoices }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), from: which, to: which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('add or remove' as const), which, to: actionForm('New') }),
  },
);

function moved(before: Form, by: Move): Form {
  const { actions } = before;
  switch (by.do) {
    case 'free':
      return by.to;
    case 'change': {
      const changed = actions[by.which];
      return changed ? { ...before, actions: { ...actions, [by.which]: { ...changed, ...by.to } } } : before;
    }
    case 'rename': {
      const renamed = actions[by.from];
      if (renamed === undefined || by.from === by.to) return before;
      const to = { ...renamed, isAdopting: true };
      return { ...before, actions: { ...actions, [by.from]: undefined, [by.to]: to } };
    }
    case 'add or remove': {
      const to = actions[by.which] === undefined ? by.to : undefined;
      return { ...before, actions: { ...actions, [by.which]: to } };
    }
  }
}

interface Written {
  /** As an author writes it: with parameters, conditions, mappings and an export. */
  source: object;
  /** As the driver takes it. */
  resolved: Template;
  parameters: Record<string, string>;
}

/** The template of a form. Names belong to the pair alone. */
function written(world: World, of: Form, pair: number): Written {
  const parameters: Record<string, string> = {};
  const Conditions: Record<string, object> = {};
  const Resources: Record<string, object> = {};
  const resolved: Template['Resources'] = {};
  const add = (logicalId: string, isThere: boolean, inSource: object, plain: object) => {
    if (isThere) resolved[logicalId] = plain as never;
    if (!isThere && !of.hasConditions) return;
    parameters[`Has${logicalId}`] = isThere ? 'yes' : 'no';
    Conditions[`Has${logicalId}`] = { 'Fn::Equals': [{ Ref: `Has${logicalId}` }, 'yes'] };
    Resources[logicalId] = { ...inSource, Condition: `Has${logicalId}` };
  };
  const token = { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' };
  const hasOwn = of.integration !== undefined;
  for (const [logicalId, form] of Object.entries(of.actions)) {
    const properties = form && actionProperties(world, form, hasOwn);
    parameters[`Name${logicalId}`] = `${form?.name ?? 'Nobody'} ${pair}`;
    const inSource = { ...properties, Name: { Ref: `Name${logicalId}` }, ServiceToken: token };
    const plain = { ...properties, Name: parameters[`Name${logicalId}`], ServiceToken: PROVIDER_ARN };
    const policies = policiesOf(form);
    add(
      logicalId,
      form !== undefined,
      { Type: ACTION, ...policies, Properties: inSource },
      { Type: ACTION, ...policies, Properties: plain },
    );
  }
  const { notes, isEnabled = true, onDelete } = of.integration ?? {};
  const integration = withoutUndefined({
    RoleArn: 'arn:aws:iam::123456789012:role/genesys',
    Notes: notes,
    Enabled: isEnabled,
    OnDelete: onDelete,
  });
  add(
    'Own',
    hasOwn,
    {
      Type: INTEGRATION,
      Properties: {
        ...integration,
        Name: { 'Fn::Sub': `Own ${pair} of \${AWS::StackName}` },
        ServiceToken: token,
      },
    },
    {
      Type: INTEGRATION,
      Properties: { ...integration, Name: `Own ${pair} of ${stackName(pair)}`, ServiceToken: PROVIDER_ARN },
    },
  );
  const Mappings = { Keys: { aliases: { one: KEY_ALIAS, two: OTHER_KEY_ALIAS } } };
  const key = { 'Fn::FindInMap': ['Keys', 'aliases', of.key === KEY_ALIAS ? 'one' : 'two'] };
  add(
    'Key',
    of.key !== undefined,
    { Type: KEY, Properties: { KeyAliasArn: key, Takeover: true, ServiceToken: token } },
    { Type: KEY, Properties: { KeyAliasArn: of.key, Takeover: true, ServiceToken: PROVIDER_ARN } },
  );
  const Parameters = Object.fromEntries(Object.keys(parameters).map((name) => [name, { Type: 'String' }]));
  return {
    source: { Parameters, Conditions, Mappings, Resources },
    resolved: { Resources: resolved },
    parameters,
  };
}

function actionProperties(world: World, form: ActionForm, hasOwn: boolean): Record<string, unknown> {
  const { Contract, ...rest } = action(world) as { Contract: { Input: { properties: object } } };
  const { Input, ...contract } = Contract;
  const added = form.input === '' ? {} : { [form.input]: { type: 'string' } };
  return withoutUndefined({
    ...rest,
    Contract: { ...contract, Input: { ...Input, properties: { ...Input.properties, ...added } } },
    IntegrationId: form.isOnOwn && hasOwn ? { Ref: 'Own' } : world.integrationId,
    TimeoutSeconds: form.seconds,
    Category: form.category,
    Secure: form.isSecure,
    AdoptExisting: form.isAdopting ? true : undefined,
    OnDelete: form.onDelete,
    DeletionGuard: form.guard,
    Nonce: form.nonce,
  });
}

const policiesOf = (form: ActionForm | undefined) =>
  withoutUndefined({ DeletionPolicy: form?.deletionPolicy, UpdateReplacePolicy: form?.replacePolicy });

const withoutUndefined = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));

const stackName = (pair: number) => `stack${pair}`;

// ---- plan and deployment

const counted = new Map<string, number>();
const count = (what: string) => counted.set(what, (counted.get(what) ?? 0) + 1);

/** Plans, deploys, and compares. @returns whether the deployment succeeded */
async function compared(
  world: World,
  connection: Awaited<ReturnType<typeof connect>>,
  { source, resolved, parameters }: Written,
  name: string,
): Promise<boolean> {
  const given = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  const plan = await withFile(source, (path) =>
    planOf(
      {
        search: { exportPrefix: 'genesys-cloud' },
        template: path,
        stack: name,
        parameters: given,
        format: 'json',
      },
      connection,
      () => {},
    ),
  );
  const failures = failuresOf(plan);
  const isSame = world.stacks.sources.get(name)?.body === JSON.stringify(source);
  const deployed = await deploy(world, resolved, name).catch((error: Error) => {
    if (/No updates/.test(error.message)) return undefined;
    throw error;
  });
  if (deployed === undefined) {
    expect({ isSame, actions: new Set(Object.values(actionsOf(plan))) }).toMatchObject({
      actions: new Set(isSame ? ['nothing'] : Object.values(actionsOf(plan))),
    });
    return true;
  }
  const isComplete = /^(CREATE|UPDATE)_COMPLETE$/.test(deployed.status);
  const why = isComplete ? failures : reasons(deployed.stack);
  expect({ fails: failures.length > 0, why }).toEqual({ fails: !isComplete, why });
  if (!isComplete) {
    count('fails');
    return false;
  }
  expect(plan.resources.filter(({ isCertain }) => !isCertain)).toEqual([]);
  expect(actionsOf(plan)).toEqual(deployed.done);
  for (const action of Object.values(deployed.done)) count(action);
  const values = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, { value }]));
  world.stacks.sources.set(name, { body: JSON.stringify(source), parameters: values });
  return true;
}

test(`${PAIRS} pairs: plan and deployment say the same`, async () => {
  await inWorld({}, async (world) => {
    Object.assign(process.env, personOf(world));
    const connection = await connect({ search: { exportPrefix: 'genesys-cloud' } });
    let pair = 0;
    const property = fc.asyncProperty(
      form,
      move,
      fc.subarray(['A', 'B', 'C']),
      fc.boolean(),
      async (before, by, used, isAdoptable) => {
        pair += 1;
        const name = stackName(pair);
        // Somebody has made an action by hand.
        if (isAdoptable) await byHand(world, pair);
        const first = written(world, before, pair);
        const isThere = Object.keys(first.resolved.Resources).length > 0;
        if (!isThere || !(await compared(world, connection, first, name))) return;
        const { resources } = world.cloudFormation.describe(name);
        const ids = used.flatMap((logicalId) => resources[logicalId]?.physicalId ?? []);
        const flows = ids.map((actionId) => ({
          id: `flow-${actionId}`,
          name: 'Menu',
          actionId,
          version: '7',
        }));
        world.genesys.seed({ flows });
        world.clock.advance(60_000);
        const second = written(world, moved(before, by), pair);
        if (Object.keys(second.resolved.Resources).length > 0)
          await compared(world, connection, second, name);
        world.genesys.seed({ flows: flows.map((flow) => ({ ...flow, deleted: true })) });
        world.clock.advance(60_000);
        await world.cloudFormation.deleteStack(name);
        await world.cloudFormation.idle();
      },
    );
    await fc.assert(property, { numRuns: PAIRS, seed: SEED, endOnFailure: true });
  });
  // Every kind of change has come up, and not once alone.
  expect(Math.min(...counted.values())).toBeGreaterThan(3);
  expect(new Set(counted.keys())).toEqual(
    new Set(['create', 'adopt', 'change', 'replace', 'delete', 'leave', 'nothing', 'fails']),
  );
}, 300_000);

/** An action of the name One in the shared integration, like that of a form. */
async function byHand(world: World, pair: number): Promise<void> {
  const { Contract } = action(world) as { Contract: { Input: object; Output: object } };
  world.genesys.seed({
    actions: [
      {
        name: `One ${pair}`,
        category: 'By hand',
        integrationId: world.integrationId,
        contract: {
          input: { inputSchema: Contract.Input },
          output: { successSchema: Contract.Output },
        } as never,
      },
    ],
  });
}
