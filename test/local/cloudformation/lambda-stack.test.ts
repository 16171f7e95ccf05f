import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaInvoker } from '../../../local/cloudformation/lambda-invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../../local/cloudformation/stack.ts';

/** A provider in a process of its own: says what it is about to do, waits where told to, answers over TLS. */
const code = `
import { request } from 'node:https';

let calls = 0;
export async function handler(event) {
  calls += 1;
  console.log('begins ' + event.RequestType + ' call ' + calls);
  if (event.ResourceProperties.Hang === event.RequestType && process.env.PATIENT !== 'no') await new Promise(() => setInterval(() => {}, 1000));
  const body = JSON.stringify({
    Status: 'SUCCESS',
    PhysicalResourceId: 'größe-' + event.LogicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  });
  await new Promise((resolve, reject) => {
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    request(event.ResponseURL, { method: 'PUT', headers }, (response) => resolve(response.resume())).on('error', reject).end(body);
  });
  console.log('answered');
}
`;

let folder: string;
let responses: ResponseServer;
let invoker: LambdaInvoker;
let cloudFormation: CloudFormation;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'function-'));
  await writeFile(join(folder, 'index.mjs'), code);
  responses = await ResponseServer.start({ tls: true });
  invoker = await LambdaInvoker.start({
    code: folder,
    timeoutMs: 10_000,
    environment: { NODE_EXTRA_CA_CERTS: responses.caFile ?? '' },
  });
  cloudFormation = new CloudFormation({
    invoker,
    responses,
    retryDelaysMs: [0, 0],
    serviceTimeoutSecondMs: 300,
  });
});
afterEach(async () => {
  await cloudFormation.stop();
  await invoker.stop();
  await responses.stop();
  await rm(folder, { recursive: true });
});

const resource = (Properties: Record<string, unknown> = {}) => ({
  Resources: { A: { Type: 'Custom::Thing', Properties } },
});

test('a function in its own process carries a stack through its life, over TLS', async () => {
  expect((await cloudFormation.createStack('s', resource())).resources['A']?.physicalId).toBe('größe-A');
  await cloudFormation.updateStack('s', resource({ Name: 'x' }));
  expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
  await cloudFormation.idle();
  expect(cloudFormation.violations()).toEqual([]);
  expect(responses.secrets()).toHaveLength(3);
});

test('a process that is killed before its answer is followed by a second delivery, which answers', async () => {
  const creation = cloudFormation.createStack('s', resource({ Hang: 'Create' }));
  while (!invoker.logs().includes('begins Create')) await new Promise((resolve) => setImmediate(resolve));
  await invoker.update({ environment: { NODE_EXTRA_CA_CERTS: responses.caFile ?? '', PATIENT: 'no' } });
  expect(invoker.kill()).toBe(1);
  expect((await creation).status).toBe('CREATE_COMPLETE');
  await cloudFormation.idle();
  expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['crashed', 'returned'] }]);
  expect(cloudFormation.violations()).toEqual([]);
});

test('a process that hangs is killed at its deadline, every time that Lambda tries', async () => {
  await invoker.update({ timeoutMs: 150 });
  const creation = cloudFormation.createStack('s', resource({ Hang: 'Create', ServiceTimeout: 3 }), {
    disableRollback: true,
  });
  await cloudFormation.idle();
  expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['timed out', 'timed out', 'timed out'] }]);
  expect((await creation).status).toBe('CREATE_FAILED');
});
