/** The tests of the protocol run for every resource type that has inputs, so every type has to have them. */
import { resourceTypes } from '../../../provider/resources/index.ts';
import { missingInputs } from '../../protocol/inputs.ts';

test('every resource type has inputs for a Create, an Update and an invalid request', () => {
  expect(missingInputs()).toEqual([]);
});

test('a type without inputs is named, with the files that it needs', () => {
  const names = resourceTypes.map(({ typeName }) => typeName);
  expect(missingInputs([...names, 'Custom::GenesysQueue'])).toEqual([
    'test/protocol/inputs/GenesysQueue/inputs_1_create.json is missing',
    'test/protocol/inputs/GenesysQueue/inputs_1_update.json is missing',
    'test/protocol/inputs/GenesysQueue/inputs_1_invalid.json is missing',
  ]);
});

test('inputs of no resource type are named', () => {
  const [first = '', ...others] = resourceTypes.map(({ typeName }) => typeName);
  const folder = first.replace('Custom::', '');
  expect(missingInputs(others)).toEqual([`test/protocol/inputs/${folder} is of no resource type`]);
});
