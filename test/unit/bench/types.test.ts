import { resourceTypes } from '../../../provider/resources/index.ts';
import { type Sample, samples } from '../../../scripts/bench/resources.ts';

test('the bench measures the calls of types that the provider has', () => {
  const known = resourceTypes.map(({ typeName }) => typeName);
  for (const { typeName } of Object.values(samples)) expect(known).toContain(typeName);
});

test.each(Object.entries<Sample>(samples))(
  'the sample of a %s declares a resource of its type',
  (_, sample) => {
    expect(sample.declare('A', 'integration').Type).toBe(sample.typeName);
  },
);
