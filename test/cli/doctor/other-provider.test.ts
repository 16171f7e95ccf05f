/** The settings of another provider are compared as they are; unreadable ones are not looked at. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Aws } from '../../../cli/doctor/aws.ts';
import { environmentOf, tableArn } from '../../../cli/doctor/ledger.ts';

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:second-provider';
const before = { ...process.env };
/** The answer of Lambda (EnvironmentResponse of its API). */
let answer: { Environment?: object };
let lambda: Server;

beforeAll(async () => {
  lambda = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ FunctionArn: ARN, ...answer }));
  });
  await new Promise<void>((done) => lambda.listen(0, '127.0.0.1', done));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
afterAll(() => {
  lambda.close();
  process.env = before;
});

const read = () => environmentOf(ARN, new Aws('us-east-1'));

test('an environment whose key the caller may not use is not looked at', async () => {
  answer = { Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'kms:Decrypt' } } };
  await expect(read()).rejects.toMatchObject({
    because: 'permission',
    message: `needs kms:Decrypt for the environment of ${ARN}`,
  });
});

test('a function without variables has none', async () => {
  answer = {};
  await expect(read()).resolves.toEqual({});
});

test('tables of one name in two accounts are two ledgers', () => {
  const own = tableArn('ledger', ARN);
  expect(own).toBe('arn:aws:dynamodb:us-east-1:111122223333:table/ledger');
  expect(tableArn(own.replace('111122223333', '444455556666'), ARN)).not.toBe(own);
  expect(tableArn(own, ARN)).toBe(own);
});
