import { resourceTypes } from '../../../provider/resources/index.ts';
import { type Sample, samples } from '../../../scripts/bench/resources.ts';

test('the bench measures the calls of every resource type', () => {
  const measured = Object.values(samples).map(({ typeName }) => typeName);
  expect(measured.sort()).toEqual(resourceTypes.map(({ typeName }) => typeName).sort());
});

test.each(Object.entries<Sample>(samples))(
  'the sample of a %s declares a resource of its type',
  (_, sample) => {
    expect(sample.declare('A', 'integration').Type).toBe(sample.typeName);
  },
);
