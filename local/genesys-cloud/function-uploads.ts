import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Call, Reply, Simulator } from './http.ts';
import type { JsonObject } from './json.ts';
import type { Action, FunctionZip } from './store.ts';

/** Where packages of functions are sent. Its URLs are signed, so they need no token. */
export const uploadTemplate = '/_uploads/{key}';
const uploadsPath = '/_uploads/';

export const isUpload = (path: string): boolean => path.startsWith(uploadsPath);

/** A place for the package of an action's draft, and the headers that its PUT must have. */
export function newUpload({ world, organization, fixed, host, body }: Call, action: Action): JsonObject {
  const { fileName, signedUrlTimeoutSeconds = 900 } = body as {
    fileName: string;
    signedUrlTimeoutSeconds?: number;
  };
  const key = randomBytes(16).toString('hex');
  const requestId = randomUUID();
  // The names that Genesys' Terraform provider expects (integration_action, proxy).
  const headers = {
    'x-amz-meta-correlationid': requestId,
    'x-amz-meta-filename': fileName,
    'x-amz-meta-functionid': action.draft?.function?.id ?? '',
    'x-amz-meta-organizationid': organization.id,
    'x-amz-tagging': `organizationId=${organization.id}`,
  };
  world.uploads.set(key, {
    action,
    fileName,
    requestId,
    headers,
    expiresAt: fixed.clock.now() + signedUrlTimeoutSeconds * 1000,
  });
  return { url: `http://${host}${uploadsPath}${key}`, headers, signedUrlTimeoutSeconds };
}

/** Takes a package in. Like S3, it answers 403 for an unknown or old URL and for other headers. */
export function receiveUpload(
  { world, fixed }: Simulator,
  path: string,
  given: IncomingHttpHeaders,
  content: string,
): Reply {
  const upload = world.uploads.get(path.slice(uploadsPath.length));
  const now = fixed.clock.now();
  const isSigned =
    upload !== undefined &&
    now <= upload.expiresAt &&
    Object.entries(upload.headers).every(([name, value]) => given[name] === value);
  if (!isSigned) return { status: 403, text: '<Error><Code>AccessDenied</Code></Error>' };
  const state = upload.action.draft?.function;
  // The draft was deleted or published in the meantime.
  if (state === undefined) return { status: 200 };
  const zip = { id: randomUUID(), name: upload.fileName, createdAt: now, requestId: upload.requestId };
  if (content.startsWith('PK')) {
    state.zip = { ...zip, status: 'Available' };
  } else {
    const failure: FunctionZip = {
      ...zip,
      status: 'InvalidFormat',
      errorMessage: 'The package is no ZIP file',
    };
    // "Contains no more than last ten failures" (SDKs, FunctionConfig.uploadExceptionHistory).
    state.failures = [failure, ...state.failures].slice(0, 10);
  }
  return { status: 200 };
}
