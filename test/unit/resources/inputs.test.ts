/** The tests of the protocol run for every resource type that has inputs, so every type has to have them. */
import { missingInputs } from '../../../local/provider/inputs.ts';
import { resourceTypes } from '../../../provider/resources/index.ts';

test('every resource type has inputs for a Create, an Update and an invalid request', () => {
  expect(missingInputs()).toEqual([]);
});

test('a type without inputs is named, with the files that it needs', () => {
  const names = resourceTypes.map(({ typeName }) => typeName);
  expect(missingInputs([...names, 'Custom::GenesysQueue'])).toEqual([
    'local/provider/inputs/GenesysQueue/inputs_1_create.json is missing',
    'local/provider/inputs/GenesysQueue/inputs_1_update.json is missing',
    'local/provider/inputs/GenesysQueue/inputs_1_invalid.json is missing',
  ]);
});

test('inputs of no resource type are named', () => {
  const [first = '', ...others] = resourceTypes.map(({ typeName }) => typeName);
  const folder = first.replace('Custom::', '');
  expect(missingInputs(others)).toEqual([`local/provider/inputs/${folder} is of no resource type`]);
});
