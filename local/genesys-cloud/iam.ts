import type { PolicyDocument } from './policy.ts';

/** The parts of a role that decide on a request of Genesys Cloud. */
export interface Role {
  arn: string;
  trustPolicy: PolicyDocument;
  /** Inline and attached. */
  policies: { name: string; policy: PolicyDocument }[];
}

/**
 * Reads a role and its policies by IAM's Query protocol. It works only with a local emulator, because the
 * request has an account instead of credentials and is not signed.
 * @throws Error with IAM's code and message, such as NoSuchEntity
 */
export async function readRole(endpoint: string, roleArn: string, signal: AbortSignal): Promise<Role> {
  const account = roleArn.split(':')[4] ?? '';
  const RoleName = roleArn.split('/').at(-1) ?? '';
  const ask = (action: string, parameters: Record<string, string>) =>
    query(endpoint, account, action, parameters, signal);

  const role = await ask('GetRole', { RoleName });
  const arn = elements(role, 'Arn')[0] ?? '';
  const inline = elements(await ask('ListRolePolicies', { RoleName }), 'member');
  const attached = elements(await ask('ListAttachedRolePolicies', { RoleName }), 'PolicyArn');
  // All of these begin together, so that none can fail while nobody waits for it.
  const policies = await Promise.all([
    ...inline.map(async (PolicyName) => ({
      name: PolicyName,
      policy: document(await ask('GetRolePolicy', { RoleName, PolicyName }), 'PolicyDocument'),
    })),
    ...attached.map(async (PolicyArn) => {
      const [VersionId = 'v1'] = elements(await ask('GetPolicy', { PolicyArn }), 'DefaultVersionId');
      return {
        name: PolicyArn,
        policy: document(await ask('GetPolicyVersion', { PolicyArn, VersionId }), 'Document'),
      };
    }),
  ]);
  return {
    arn,
    trustPolicy: document(role, 'AssumeRolePolicyDocument'),
    policies,
  };
}

async function query(
  endpoint: string,
  account: string,
  action: string,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization:
        `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/iam/aws4_request, ` +
        'SignedHeaders=host, Signature=none',
    },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }),
    signal,
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(
    `${elements(text, 'Code')[0] ?? response.status}: ${elements(text, 'Message')[0] ?? `IAM refused ${action}`}`,
  );
}

/** The texts of all elements of a name. The elements read here have no CDATA and no attributes. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  );
}

function document(xml: string, name: string): PolicyDocument {
  const [text] = elements(xml, name);
  if (text === undefined) throw new Error(`IAM's answer has no ${name}`);
  return JSON.parse(text.trimStart().startsWith('{') ? text : decodeURIComponent(text));
}
