/** A resource is made after the permissions that AWS checks when it makes it. */
import { readFileSync } from 'node:fs';
import { resolve as path } from 'node:path';
import { account } from '../../scripts/build/templates/scenarios.ts';
import type { JsonObject } from '../../scripts/build/templates/template.ts';
import { creationChecks, type Need } from './creation-checks.ts';
import { allows } from './judge.ts';
import { ancestors, type Resources } from './order.ts';
import { attachedTo, deployedResources } from './roles.ts';

const deployments = deployedResources();

const cases = deployments.flatMap(({ file, scenario, resources }) =>
  Object.entries(resources).flatMap(([id, resource]) =>
    creationChecks
      .filter(({ type }) => type === resource.Type)
      .flatMap(({ check, needs }) =>
        needs(resource, resources).map(
          (need) => [`${file} ${id}`, scenario, check, need, id, resources] as const,
        ),
      ),
  ),
);

const policyOf = (resources: Resources, id: string, property: string) =>
  resources[id]?.Properties?.[property] as JsonObject;

async function isAllowed({ role = '', service, action, resource }: Need, resources: Resources) {
  const roleArn = `arn:aws:iam::${account}:role/${role}`;
  if (service !== undefined) {
    const trust = { resource: policyOf(resources, role, 'AssumeRolePolicyDocument') };
    const request = { principal: service, action: 'sts:AssumeRole', resource: roleArn };
    return allows({ ...request, context: { 'aws:SourceAccount': account } }, trust, account);
  }
  if (action === undefined || resource === undefined) return true;
  const identity = attachedTo(resources, role).map((id) => policyOf(resources, id, 'PolicyDocument'));
  return allows({ principal: roleArn, action, resource }, { identity }, account);
}

test.each(cases)('%s (%s): %s', async (_name, _scenario, _check, need, id, resources) => {
  expect(await isAllowed(need, resources)).toBe(true);
  const earlier = ancestors(resources, id);
  const wanted = [...(need.before ?? [])];
  if (need.role !== undefined) wanted.push(need.role);
  if (need.role !== undefined && need.action !== undefined) wanted.push(...attachedTo(resources, need.role));
  expect(wanted.filter((other) => !earlier.has(other))).toEqual([]);
});

test('every check is met by some template', () => {
  const met = new Set(cases.map(([, , check]) => check));
  expect(creationChecks.filter(({ check }) => !met.has(check))).toEqual([]);
});

test('no template has a type whose check is not in the table', () => {
  // Lambda checks at its creation that the role may read the source.
  const types = deployments.flatMap(({ resources }) => Object.values(resources).map(({ Type }) => Type));
  expect(types).not.toContain('AWS::Lambda::EventSourceMapping');
});

test('the page has every check with its source', () => {
  const page = readFileSync(path(import.meta.dirname, '../../docs/templates/creation-checks.md'), 'utf8');
  for (const { type, check, source } of creationChecks) {
    expect(page).toContain(`| \`${type}\` | ${check} | [source](${source}) |`);
  }
});
