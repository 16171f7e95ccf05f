/**
 * Policy of the shared ledger: the providers of the listed accounts keep records, and the named readers look
 * at them. Nobody else may do either.
 */
import { account, scenarios } from '../../../scripts/build/templates/scenarios.ts';
import { arn, type Court, deployed, document, everything, type Row } from './court.ts';

const variations = scenarios['ledger.yaml']?.variations ?? {};
const ledger = deployed('ledger.yaml', variations['other accounts with readers'] ?? {});
const policy = (ledger.Resources['Ledger']?.Properties?.['ResourcePolicy'] ?? {}) as Record<string, never>;
const policyDocument = document(
  { ...ledger, Resources: { Ledger: { Type: 'AWS::DynamoDB::Table', Properties: policy } } },
  'Ledger',
);
const table = arn('dynamodb', 'table/genesys-cloud-shared-ledger');
const provider = 'arn:aws:iam::444455556666:role/provider-ProviderRole-1A2B3C';
const reader = 'arn:aws:iam::444455556666:role/operations-DriftCheckRole-1A2B3C';
const developer = 'arn:aws:iam::444455556666:role/developer';
const unlisted = 'arn:aws:iam::999988887777:role/provider-ProviderRole-1A2B3C';

const l = (allowed: boolean, principal: string, action: string, resource = table): Row => ({
  statement: 'ProvidersOfOtherAccounts',
  allowed,
  principal,
  action,
  resource,
});

const r = (allowed: boolean, principal: string, action: string, resource = table): Row => ({
  ...l(allowed, principal, action, resource),
  statement: 'ReadersOfOtherAccounts',
});

export const ledgerCourts: Court[] = [
  {
    name: 'the policy of the shared ledger',
    policies: { identity: [everything], resource: policyDocument },
    judged: [{ policy: policyDocument }],
    owner: account,
    rows: [
      l(true, provider, 'dynamodb:GetItem'),
      l(true, provider, 'dynamodb:PutItem'),
      l(true, provider, 'dynamodb:UpdateItem'),
      l(true, provider, 'dynamodb:DeleteItem'),
      l(true, provider, 'dynamodb:ConditionCheckItem'),
      l(false, provider, 'dynamodb:Scan'),
      l(false, provider, 'dynamodb:DeleteTable'),
      l(false, provider, 'dynamodb:PutResourcePolicy'),
      l(false, provider, 'dynamodb:GetItem', arn('dynamodb', 'table/another')),
      l(false, developer, 'dynamodb:GetItem'),
      l(false, unlisted, 'dynamodb:GetItem'),
      r(true, reader, 'dynamodb:Scan'),
      r(true, reader, 'dynamodb:GetItem'),
      r(false, reader, 'dynamodb:PutItem'),
      r(false, reader, 'dynamodb:Scan', arn('dynamodb', 'table/another')),
      r(false, provider, 'dynamodb:Scan'),
      r(false, developer, 'dynamodb:Scan'),
      r(false, unlisted.replace('ProviderRole', 'DriftCheckRole'), 'dynamodb:Scan'),
    ],
  },
];
