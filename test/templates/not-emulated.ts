/**
 * Resource types that MiniStack 1.5.33 refuses ("Unrecognized resource types"), each with the tests that
 * check what the templates say of them. Nothing stands in for such a resource. Its template is deployed
 * without it, and without every resource and output that refers to it. test/e2e/templates.test.ts checks that
 * MiniStack refuses each of them.
 */
import {
  type Json,
  readTemplate,
  references,
  type Template,
  templateFiles,
} from '../../scripts/build/templates/template.ts';

export const notEmulated: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudFormation::LambdaHook': ['test/templates/validate-hook.test.ts'],
  'AWS::CloudFormation::StackSet': ['test/templates/rollout.test.ts'],
  'AWS::EC2::EIP': ['test/templates/network/vpc.test.ts'],
  'AWS::EC2::FlowLog': ['test/templates/network/vpc.test.ts'],
  'AWS::EC2::NatGateway': ['test/templates/network/vpc.test.ts'],
  'AWS::EC2::SecurityGroupIngress': [
    'test/templates/network/endpoints.test.ts',
    'test/endpoint/ways.test.ts',
  ],
  'AWS::EC2::VPCEndpointConnectionNotification': ['test/templates/network/endpoints.test.ts'],
  'AWS::EC2::VPCEndpointService': ['test/templates/network/endpoints.test.ts'],
  'AWS::EC2::VPCEndpointServicePermissions': ['test/templates/network/endpoints.test.ts'],
  'AWS::KMS::ReplicaKey': ['test/templates/policies/recording-keys.ts'],
  'AWS::SecretsManager::ResourcePolicy': [
    'test/templates/policies/rollout.ts',
    'test/templates/policies/oauth-rotation.ts',
  ],
  'AWS::WAFv2::WebACLAssociation': ['test/templates/not-emulated.test.ts'],
};

/**
 * The template without some resources, and without every resource and output that refers to a missing one. A
 * resource that only waits for a missing one (DependsOn) stays, and waits for the others. `gone`: names of
 * resources, or of a nested stack's outputs as `Network.Outputs.NatAddresses`.
 */
export function without(template: Template, gone: Iterable<string>): Template {
  const missing = new Set(gone);
  const dangles = (json: Json | undefined) => [...references(json)].some((name) => missing.has(name));
  let resources = Object.entries(template.Resources);
  for (let before = -1; before !== resources.length; ) {
    before = resources.length;
    for (const [id, { Properties }] of resources) if (dangles(Properties)) missing.add(id);
    resources = resources.filter(([id]) => !missing.has(id));
  }
  const freed = resources.map(([id, { DependsOn = [], ...rest }]) => {
    const waitsFor = [DependsOn].flat().filter((other) => !missing.has(other));
    return [id, waitsFor.length === 0 ? rest : { ...rest, DependsOn: waitsFor }] as const;
  });
  const outputs = Object.entries(template.Outputs ?? {}).filter(([, { Value }]) => !dangles(Value));
  return { ...template, Resources: Object.fromEntries(freed), Outputs: Object.fromEntries(outputs) };
}

/** Templates that a template nests, by the ends of their addresses. */
const nestedIn = (file: string): string[] =>
  Object.values(readTemplate(file).Resources)
    .filter(({ Type }) => Type === 'AWS::CloudFormation::Stack')
    .map(({ Properties }) => JSON.stringify(Properties?.['TemplateURL'] ?? ''))
    .flatMap((address) => templateFiles().filter((other) => address.includes(`}/${other}"`)));

/** Whether a resource of the template, or of one that it nests, has a type that MiniStack refuses. */
export function needsAccount(file: string): boolean {
  const { Resources } = readTemplate(file);
  return (
    Object.values(Resources).some(({ Type }) => Type in notEmulated) || nestedIn(file).some(needsAccount)
  );
}
