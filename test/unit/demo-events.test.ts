/** The demo shows the events that matter, and only counts AWS's own resources. */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { EventFilter } from '../../scripts/demo/steps.ts';

const event = (LogicalResourceId: string, ResourceType: string, ResourceStatus: string) =>
  ({ LogicalResourceId, ResourceType, ResourceStatus }) as StackEvent;

test.each([
  ['the stack itself', 'AWS::CloudFormation::Stack', 'UPDATE_IN_PROGRESS', true],
  ['a custom resource', 'Custom::GenesysDataAction', 'UPDATE_COMPLETE', true],
  ['a resource of AWS', 'AWS::IAM::Role', 'UPDATE_COMPLETE', false],
  ['a resource of AWS that fails', 'AWS::IAM::Role', 'UPDATE_FAILED', true],
  ['a resource of AWS that is retained', 'AWS::DynamoDB::Table', 'DELETE_SKIPPED', true],
])('%s', (_what, type, status, shown) => {
  expect(new EventFilter().shows(event('A', type, status))).toBe(shown);
});

test('each resource that is not shown counts once, however many events it has', () => {
  const filter = new EventFilter();
  expect(filter.rest).toBeUndefined();
  for (const status of ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'])
    filter.shows(event('Role', 'AWS::IAM::Role', status));
  expect(filter.rest).toBe('… and 1 resource of AWS');
  filter.shows(event('Policy', 'AWS::IAM::ManagedPolicy', 'CREATE_COMPLETE'));
  expect(filter.rest).toBe('… and 2 resources of AWS');
});
