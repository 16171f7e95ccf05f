/** Differences that show only where permissions count. */
import {
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { signedCall } from '../../../cli/doctor/signed-call.ts';
import { divergence, type Side, startSides, stopSides } from './divergence.ts';
import { refusal } from './world.ts';

beforeAll(() => startSides({ enforceIam: true }));
afterAll(stopSides);

const root = { accessKeyId: 'test', secretAccessKey: 'test' };

const iam = ({ server: { url } }: Side, Action: string, parameters: Record<string, string>) =>
  signedCall({
    service: 'iam',
    region: 'us-east-1',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: String(new URLSearchParams({ Action, Version: '2010-05-08', ...parameters })),
    credentials: root,
  });

divergence(
  'lambda_actions',
  'the reads of concurrency and of settings for events have permissions of their own',
  async (side) => {
    await iam(side, 'CreateUser', { UserName: 'reader' });
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: ['lambda:GetFunctionC*', 'lambda:GetFunctionE*'], Resource: '*' },
    ];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam(side, 'PutUserPolicy', { UserName: 'reader', PolicyName: 'reads', PolicyDocument });
    const key = await iam(side, 'CreateAccessKey', { UserName: 'reader' });
    const of = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(key)?.[1] ?? '';
    const lambda = new LambdaClient({
      endpoint: side.server.url,
      region: side.server.region,
      credentials: { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') },
    });
    const FunctionName = side.token;
    return Promise.all([
      refusal(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).then(codeOf),
      refusal(lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))).then(codeOf),
    ]);
  },
  {
    stock: ['accepted', 'ResourceNotFoundException'],
    patched: ['AccessDeniedException', 'AccessDeniedException'],
  },
);

const codeOf = (said: string) => said.split(':')[0];
