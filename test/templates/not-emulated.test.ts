/** What MiniStack does not know and no other test asks about; and how templates are deployed without it. */
import { without } from './not-emulated.ts';
import { resolve } from './resolve.ts';
import { scenarios } from './scenarios.ts';
import { readTemplate, type Template } from './template.ts';

test('the web ACL of endpoint-api.yaml protects its stage, and is yours', () => {
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

test('what refers to a resource goes with it, however far; what only waits for it stays', () => {
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
