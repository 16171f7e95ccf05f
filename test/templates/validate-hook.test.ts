/** The resources of validate-hook.yaml. MiniStack knows no hooks, so the resource itself is judged here. */
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';

const file = 'validate-hook.yaml';
const { base = {}, variations = {} } = scenarios[file] ?? {};
const stack = (change: Record<string, string> = {}) =>
  resolve(readTemplate(file), { ...base, ...change }, { stackName: 'the-hook' });
const properties = (id: string, change: Record<string, string> = {}) =>
  stack(change).Resources[id]?.Properties ?? {};

test('the hook warns by default, and judges stacks and change sets that are created or updated', () => {
  expect(properties('Hook')).toEqual({
    Alias: 'GenesysCloud::Templates::Validate',
    HookStatus: 'ENABLED',
    FailureMode: 'WARN',
    LambdaFunction: { 'Fn::GetAtt': ['Function', 'Arn'] },
    ExecutionRole: { 'Fn::GetAtt': ['ExecutionRole', 'Arn'] },
    TargetOperations: ['STACK', 'CHANGE_SET'],
    TargetFilters: { Actions: ['CREATE', 'UPDATE'] },
    StackFilters: {
      FilteringCriteria: 'ALL',
      StackNames: { Exclude: ['the-hook', 'genesys-cloud-provider'] },
    },
  });
  expect(properties('Hook', variations['every option'])).toMatchObject({
    Alias: 'Contact::Centre::Templates',
    FailureMode: 'FAIL',
    StackFilters: {
      StackNames: { Exclude: ['the-hook', 'genesys-cloud-provider', 'genesys-operations'] },
    },
  });
  expect(properties('Hook', variations['buckets by prefix, switched off'])['HookStatus']).toBe('DISABLED');
});

test('the function has one processor, and ends before CloudFormation stops waiting after 30 seconds', () => {
  expect(properties('Function')).toMatchObject({
    Handler: 'validate-hook.handler',
    Code: { S3Bucket: 'packages', S3Key: 'v1/operations.zip' },
    MemorySize: 1769,
  });
  expect(Number(properties('Function')['Timeout'])).toBeLessThan(30);
  // The variable that admits addresses of a local world is set by no template.
  expect(properties('Function')).not.toHaveProperty('Environment');
});
