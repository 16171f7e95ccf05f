/**
 * A small Lambda runtime for Node in a process of its own: it loads the handler, then asks the Runtime API
 * for one event after the other. It replaces AWS's runtime client on machines where that is not installed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { done, error, next } from './runtime-client.ts';

const { LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;

function asReport(thrown: unknown): string {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] });
}

async function loadHandler(): Promise<(event: unknown, context: unknown) => unknown> {
  const [module, name] = _HANDLER.split('.');
  const file = ['.mjs', '.js', '.cjs'].map((ext) => join(LAMBDA_TASK_ROOT, module + ext)).find(existsSync);
  if (file === undefined) throw new Error(`Cannot find module '${module}'`);
  const handler = (await import(pathToFileURL(file).href))[name ?? ''];
  if (typeof handler !== 'function') throw new Error(`${_HANDLER} is undefined or not exported`);
  return handler;
}

process.chdir(LAMBDA_TASK_ROOT);
const handler = await loadHandler().catch(async (thrown) => {
  console.error('Init Error', thrown);
  await error(undefined, asReport(thrown));
  process.exit(1);
});

process.on('uncaughtException', (thrown) => {
  console.error('Uncaught Exception', thrown);
  process.exit(128);
});

for (;;) {
  const { bodyJson, headers } = await next();
  const id = headers['lambda-runtime-aws-request-id'];
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  try {
    const result = await handler(JSON.parse(bodyJson), {
      callbackWaitsForEmptyEventLoop: true,
      functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
      functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
      invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
      memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
      awsRequestId: id,
      logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
      logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
      getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    });
    await done(id, JSON.stringify(result ?? null));
  } catch (thrown) {
    console.error('Invoke Error', thrown);
    await error(id, asReport(thrown));
  }
}
