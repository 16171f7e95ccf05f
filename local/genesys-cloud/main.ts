/**
 * Runs a local Genesys Cloud until SIGTERM or SIGINT: `npm start -- --port 8080`.
 * Prints address, client and organization as `name=value` lines.
 */
import { parseArgs } from 'node:util';
import { type GenesysCloudOptions, realisticDelays, startGenesysCloud } from './index.ts';

const usage = `Options:
  --port <number>               default: a free port
  --aws-endpoint-url <url>      the local AWS; default: none, then roles and keys are not checked
  --aws-region <region>         home region of the organization; default us-east-1
  --organization-id <uuid>      default: a new id
  --client-id <id> --client-secret <secret>   default: random values
  --token-seconds <number>      lifetime of a token; default 86400
  --rate-limit <number>         requests a minute and token; default 300
  --realistic-delays            new names, integrations, roles and key policies become visible late`;

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'aws-endpoint-url': { type: 'string' },
    'aws-region': { type: 'string' },
    'organization-id': { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'token-seconds': { type: 'string' },
    'rate-limit': { type: 'string' },
    'realistic-delays': { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

if (values.help === true) {
  console.log(usage);
} else {
  const id = values['client-id'];
  const options: GenesysCloudOptions = {
    port: Number(values.port ?? 0),
    ...(values['aws-endpoint-url'] === undefined ? {} : { awsEndpointUrl: values['aws-endpoint-url'] }),
    ...(values['aws-region'] === undefined ? {} : { awsRegion: values['aws-region'] }),
    ...(values['organization-id'] === undefined ? {} : { organizationId: values['organization-id'] }),
    ...(id === undefined ? {} : { clients: [{ id, secret: values['client-secret'] ?? id }] }),
    ...(values['token-seconds'] === undefined ? {} : { tokenSeconds: Number(values['token-seconds']) }),
    ...(values['rate-limit'] === undefined ? {} : { rateLimitPerMinute: Number(values['rate-limit']) }),
    ...(values['realistic-delays'] === true ? { delays: realisticDelays } : {}),
  };
  const server = await startGenesysCloud(options);
  console.log(
    [
      `url=${server.url}`,
      `client_id=${server.clientId}`,
      `client_secret=${server.clientSecret}`,
      `organization_id=${server.organizationId}`,
    ].join('\n'),
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      void server.close();
    });
}
