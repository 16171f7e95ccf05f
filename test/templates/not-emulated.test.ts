/** Templates are deployed without the resources that MiniStack does not know, and other tests check those. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import { readTemplate, type Template, templateFiles } from '../../scripts/build/templates/template.ts';
import { notEmulated, without } from './not-emulated.ts';

const root = join(import.meta.dirname, '../..');

test.each(Object.entries(notEmulated))(
  '%s is used, and another test names each template that uses it',
  (type, tests) => {
    const proofs = tests.map((file) => readFileSync(join(root, file), 'utf8'));
    const users = templateFiles().filter((file) =>
      Object.values(readTemplate(file).Resources).some(({ Type }) => Type === type),
    );
    expect(users).not.toEqual([]);
    expect(users.filter((file) => !proofs.some((proof) => proof.includes(file)))).toEqual([]);
  },
);

test('the web ACL that the parameter names protects the stage of endpoint-api.yaml', () => {
  const file = 'endpoint-api.yaml';
  const { base = {}, variations = {} } = scenarios[file] ?? {};
  const every = variations['every option'] ?? {};
  const { Resources } = resolve(readTemplate(file), { ...base, ...every });
  const { ResourceArn, WebACLArn } = Resources['WebAclAssociation']?.Properties ?? {};
  expect(WebACLArn).toBe(every['WebAclArn']);
  expect(JSON.stringify(ResourceArn)).toMatch(
    /arn:aws:apigateway:[a-z0-9-]+::\/restapis\/\$\{Api\}\/stages\/\$\{Stage\}/,
  );
});

test('a resource goes with everything that refers to it, and leaves what only waits for it', () => {
  const template: Template = {
    Description: '',
    Metadata: {},
    Resources: {
      Nat: { Type: 'AWS::EC2::NatGateway' },
      Route: { Type: 'AWS::EC2::Route', Properties: { NatGatewayId: { Ref: 'Nat' } } },
      Named: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::Sub': 'by ${Route}' } } },
      After: { Type: 'AWS::SNS::Topic', DependsOn: ['Other', 'Named'] },
      Other: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Nat' } },
    },
    Outputs: {
      Address: { Value: { 'Fn::GetAtt': ['Nat', 'Address'] } },
      Topic: { Value: { Ref: 'Other' } },
    },
  };
  const rest = without(template, ['Nat']);
  expect(rest.Resources).toEqual({
    After: { Type: 'AWS::SNS::Topic', DependsOn: ['Other'] },
    Other: template.Resources['Other'],
  });
  expect(Object.keys(rest.Outputs ?? {})).toEqual(['Topic']);
  expect(Object.keys(without(template, []).Resources)).toEqual(Object.keys(template.Resources));
});

test('an output of a nested stack can be missing alone', () => {
  const template: Template = {
    Description: '',
    Metadata: {},
    Resources: { Network: { Type: 'AWS::CloudFormation::Stack' } },
    Outputs: {
      A: { Value: { 'Fn::GetAtt': ['Network', 'Outputs.A'] } },
      B: { Value: { 'Fn::GetAtt': ['Network', 'Outputs.B'] } },
    },
  };
  const rest = without(template, ['Network.Outputs.A']);
  expect(Object.keys(rest.Resources)).toEqual(['Network']);
  expect(Object.keys(rest.Outputs ?? {})).toEqual(['B']);
});
