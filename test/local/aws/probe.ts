/**
 * A custom resource whose behaviour a test writes: its Lambda function sends every event here and does what
 * the answer says. So a test sees what CloudFormation sent, in order, and decides what comes back.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The event that CloudFormation sent, with the function's context. */
export interface ProbeEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  RequestId: string;
  StackId: string;
  ResponseURL: string;
  ResourceType: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ServiceToken?: string;
  ResourceProperties: Record<string, unknown>;
  OldResourceProperties?: Record<string, unknown>;
  context: { functionName: string; invokedFunctionArn: string; awsRequestId: string; remainingMs: number };
}

/** The answer that the function puts to the ResponseURL; or it fails, or says nothing. */
export type ProbeAnswer =
  | { Status: 'SUCCESS' | 'FAILED'; PhysicalResourceId?: string; Reason?: string; Data?: object }
  | { crash: true }
  | { silent: true };

export type ProbeHandler = (event: ProbeEvent) => ProbeAnswer | Promise<ProbeAnswer>;

/** Create answers `<logical id>-1`, Update and Delete keep the id. */
export const succeed: ProbeHandler = (event) => ({
  Status: 'SUCCESS',
  PhysicalResourceId: event.PhysicalResourceId ?? `${event.LogicalResourceId}-1`,
});

export interface Probe {
  /** For the property `Probe` of the custom resource. */
  url: string;
  /** Events of one stack of one server, oldest first. */
  events(stackId: string): ProbeEvent[];
  /** Says how a stack's custom resources behave, by the stack's name; default `succeed`. */
  behave(stackName: string, handler: ProbeHandler): void;
  stop(): Promise<void>;
}

export async function startProbe(): Promise<Probe> {
  const seen: ProbeEvent[] = [];
  const handlers = new Map<string, ProbeHandler>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const event: ProbeEvent = JSON.parse(body);
    seen.push(event);
    const stackName = event.StackId.split('/')[1] ?? '';
    response.end(JSON.stringify(await (handlers.get(stackName) ?? succeed)(event)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events: (stackId) => seen.filter((event) => event.StackId === stackId),
    behave: (stackName, handler) => void handlers.set(stackName, handler),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The function behind the ServiceToken; its ARN is the output and export `ProbeToken`. */
export const probeTemplate = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
          ],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 20,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: {
          ZipFile: `
exports.handler = async (event, { functionName, invokedFunctionArn, awsRequestId, getRemainingTimeInMillis }) => {
  const context = { functionName, invokedFunctionArn, awsRequestId, remainingMs: getRemainingTimeInMillis() };
  const said = await fetch(event.ResourceProperties.Probe, { method: 'POST', body: JSON.stringify({ ...event, context }) });
  const answer = await said.json();
  if (answer.crash) throw new Error('crashed as told');
  if (answer.silent) return;
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer });
  await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body });
};`,
        },
      },
    },
  },
  Outputs: {
    ProbeToken: { Value: { 'Fn::GetAtt': ['Function', 'Arn'] }, Export: { Name: 'ProbeToken' } },
  },
};
