import { failedCreate, nothingCreated, readPhysicalId } from '../../../provider/protocol/physical-id.ts';

const stackId = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/team-orders/1a2b';
const read = (id?: string) => readPhysicalId(id, stackId, 'Action');

test.each([
  [undefined, { kind: 'none' }],
  ['', { kind: 'none' }],
  [nothingCreated('r1'), { kind: 'nothing-created', attemptId: 'r1' }],
  [failedCreate('r1'), { kind: 'failed-create', attemptId: 'r1' }],
  ['team-orders-Action-1M4K6ZP0QX2AB', { kind: 'invented' }],
  ['team-orders-Other-1M4K6ZP0QX2AB', { kind: 'object', id: 'team-orders-Other-1M4K6ZP0QX2AB' }],
  [
    'custom_-_0b8c5a54-7a2e-4b62-9f0c-5a3d3b1f2c11',
    { kind: 'object', id: 'custom_-_0b8c5a54-7a2e-4b62-9f0c-5a3d3b1f2c11' },
  ],
  ['0b8c5a54-7a2e-4b62-9f0c-5a3d3b1f2c11', { kind: 'object', id: '0b8c5a54-7a2e-4b62-9f0c-5a3d3b1f2c11' }],
  ['nothing-created/a\nb', { kind: 'nothing-created', attemptId: 'a\nb' }],
  ['nothing-created/', { kind: 'object', id: 'nothing-created/' }],
  ['x-nothing-created/r1', { kind: 'object', id: 'x-nothing-created/r1' }],
  ['team-orders-Action-1M4K6', { kind: 'object', id: 'team-orders-Action-1M4K6' }],
  ['team-orders-Action-1M4K6Z', { kind: 'invented' }],
  ['team-orders-Action-1M4K6Z-x', { kind: 'object', id: 'team-orders-Action-1M4K6Z-x' }],
  ['team-orders-Action-x-1M4K6Z', { kind: 'object', id: 'team-orders-Action-x-1M4K6Z' }],
  ['x-team-orders-Action-1M4K6Z', { kind: 'object', id: 'x-team-orders-Action-1M4K6Z' }],
])('the id %j names %o', (id, expected) => {
  expect(read(id)).toEqual(expected);
});

test('an id of a stack without a name is that of an object', () => {
  expect(readPhysicalId('-Action-1M4K6ZP0QX2AB', 'no-arn', 'Action')).toMatchObject({ kind: 'object' });
});
