/**
 * The reference of the sections `stack` and `cost`: a provider of data actions as common tutorials build it.
 * Not for use.
 * It logs in for every request, reads before and after every write, keeps no record, and answers by one PUT.
 * It calls Genesys Cloud by the SDK and retries nothing.
 */

import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import platformClient from 'purecloud-platform-client-v2';

export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  try {
    const id = await carryOut(event);
    await respond(event, { Status: 'SUCCESS', PhysicalResourceId: id });
  } catch (error) {
    await respond(event, {
      Status: 'FAILED',
      PhysicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : 'failed',
      Reason: JSON.stringify(error),
    });
  }
}

async function carryOut(event: CloudFormationCustomResourceEvent): Promise<string> {
  const secrets = new SecretsManagerClient({});
  const { SecretString = '{}' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: process.env['GENESYS_OAUTH_SECRET_ARN'] }),
  );
  const { client_id, client_secret } = JSON.parse(SecretString);
  const client = platformClient.ApiClient.instance;
  const { hostname, port } = new URL(process.env['GENESYS_API_BASE_URL'] ?? '');
  client.setGateway({
    protocol: 'http',
    host: hostname,
    port: Number(port),
    path_params_login: '',
    path_params_api: '',
  });
  await client.loginClientCredentialsGrant(client_id, client_secret);
  const integrations = new platformClient.IntegrationsApi();
  const properties = event.ResourceProperties;

  if (event.RequestType === 'Delete') {
    const id = event.PhysicalResourceId;
    await integrations.getIntegrationsAction(id);
    await integrations.deleteIntegrationsAction(id);
    await integrations.getIntegrationsAction(id).catch(() => undefined);
    return id;
  }
  const config = {
    timeoutSeconds: Number(properties['TimeoutSeconds']),
    request: {
      requestUrlTemplate: properties['Request'].UrlTemplate,
      requestType: properties['Request'].Type,
      requestTemplate: properties['Request'].Template,
      headers: properties['Request'].Headers,
    },
    response: {
      translationMap: properties['Response'].TranslationMap,
      translationMapDefaults: properties['Response'].TranslationMapDefaults,
      successTemplate: '${rawResult}',
    },
  };
  if (event.RequestType === 'Update') {
    const id = event.PhysicalResourceId;
    const { version = 1 } = await integrations.getIntegrationsAction(id);
    await integrations.patchIntegrationsAction(id, {
      name: properties['Name'],
      category: properties['Category'],
      config,
      version,
    });
    await integrations.getIntegrationsAction(id);
    return id;
  }
  const existing = await integrations.getIntegrationsActions({ name: properties['Name'] });
  const same = existing.entities?.find(({ name }) => name === properties['Name']);
  if (same?.id !== undefined) return same.id;
  const { id = '' } = await integrations.postIntegrationsActions({
    name: properties['Name'],
    category: properties['Category'],
    integrationId: properties['IntegrationId'],
    contract: {
      input: { inputSchema: withoutStrings(properties['Contract'].Input) },
      output: { successSchema: withoutStrings(properties['Contract'].Output) },
    },
    config,
  } as never);
  await integrations.getIntegrationsAction(id);
  return id;
}

/** CloudFormation sends every scalar as text. */
function withoutStrings(schema: unknown): unknown {
  return JSON.parse(
    JSON.stringify(schema, (_, value) =>
      value === 'true' ? true : value === 'false' ? false : /^\d+$/.test(value) ? Number(value) : value,
    ),
  );
}

function respond(event: CloudFormationCustomResourceEvent, answer: Record<string, string>): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId });
  const send = event.ResponseURL.startsWith('https:') ? request : plainRequest;
  return new Promise((resolve, reject) => {
    send(
      event.ResponseURL,
      { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } },
      (response) => {
        response.resume().on('end', () => resolve());
      },
    )
      .on('error', reject)
      .end(body);
  });
}
