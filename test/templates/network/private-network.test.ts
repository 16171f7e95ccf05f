/** The example that joins the network templates, and the values that its nested stacks pass to each other. */
import { resolve } from '../../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../../scripts/build/templates/scenarios.ts';
import { type Json, type JsonObject, readTemplate } from '../../../scripts/build/templates/template.ts';
import { ofType, stack, variation } from '../resolved.ts';

describe('examples/private-network.yaml', () => {
  const file = 'examples/private-network.yaml';
  const nested = (change: Record<string, string>) =>
    ofType(stack(file, change), 'AWS::CloudFormation::Stack').map(([id, { Properties }]) => {
      const url = Properties?.['TemplateURL'] as string;
      const child = url.slice(url.indexOf('/templates/') + '/templates/'.length);
      return { id, child, parameters: Properties?.['Parameters'] as JsonObject };
    });
  const three = variation(file, 'three zones and a private endpoint');

  test.each([
    ['without a private endpoint', {}],
    ['with one that is not accepted yet', variation(file, 'an endpoint that is not accepted yet')],
    ['with one', three],
  ])(
    '%s, each stack takes the parameters it is given and gives the outputs that others take',
    (_name, change) => {
      const stacks = nested(change);
      const outputs = (id: string): Record<string, unknown> => {
        const one = stacks.find((each) => each.id === id);
        if (one === undefined) throw new Error(`no stack ${id}`);
        return resolve(readTemplate(one.child), sample(one)).Outputs;
      };
      /** Sample values for references to the outputs of another stack. */
      const sample = ({ child, parameters }: (typeof stacks)[number]): Record<string, string> =>
        Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [
            name,
            typeof value === 'object' ? (samples[child]?.[name] ?? '') : String(value),
          ]),
        );
      const samples: Record<string, Record<string, string>> = Object.fromEntries(
        Object.entries(scenarios).map(([name, { base }]) => [
          name,
          {
            ...base,
            SubnetIdC: 'subnet-0cccccccccccccccc',
            SubnetIdA: 'subnet-0aaaaaaaaaaaaaaaa',
            SubnetIdB: 'subnet-0bbbbbbbbbbbbbbbb',
            SecurityGroupId: 'sg-0aaaaaaaaaaaaaaaa',
          },
        ]),
      );
      for (const one of stacks) {
        expect(() => resolve(readTemplate(one.child), sample(one))).not.toThrow();
        for (const value of Object.values(one.parameters)) {
          const [source, output] = ((value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? []) as string[];
          if (source !== undefined)
            expect(outputs(source)).toHaveProperty((output ?? '').replace('Outputs.', ''));
        }
      }
      for (const { Value } of Object.values(stack(file, change).Outputs)) {
        const [source, output] = ((Value as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? []) as string[];
        if (source !== undefined)
          expect(outputs(source)).toHaveProperty((output ?? '').replace('Outputs.', ''));
      }
    },
  );

  test('the provider is deployed after the check, which expects private addresses only behind an endpoint', () => {
    expect(stack(file).Resources['Provider']?.DependsOn).toBe('ConnectivityCheck');
    const expects = (change: Record<string, string>): Json | undefined =>
      nested(change).find(({ id }) => id === 'ConnectivityCheck')?.parameters['ExpectPrivateAddresses'];
    expect(expects({})).toBe('false');
    expect(expects(three)).toBe('true');
    // Connections go through the NAT gateways until the endpoint is accepted. Names and their check come with
    // the second update.
    const pending = variation(file, 'an endpoint that is not accepted yet');
    expect(expects(pending)).toBe('false');
    expect(nested(pending).map(({ id }) => id)).toEqual([
      'Network',
      'GenesysEndpoint',
      'ConnectivityCheck',
      'Provider',
    ]);
    expect(nested({}).map(({ id }) => id)).toEqual(['Network', 'ConnectivityCheck', 'Provider']);
  });
});
