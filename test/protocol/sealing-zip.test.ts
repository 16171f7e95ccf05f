/** The packaged provider puts an adopted object back although its OAuth secret was rotated in between. */
import { join } from 'node:path';
import { INTEGRATION, withFailure } from '../../local/provider/stacks.ts';
import { OAUTH_SECRET, only } from '../../local/provider/world.ts';
import { ZipWorld } from '../../local/provider/zip-world.ts';

const code = join(import.meta.dirname, '../../dist/provider.zip');
test('the zip puts back after a rotation of the client secret what it sealed before', async () => {
  const world = await ZipWorld.start(code, { timeoutMs: 60_000 });
  const { genesys, aws, cloudFormation, invoker } = world;
  world.onEvent = ({ LogicalResourceId, RequestType }) => {
    if (LogicalResourceId !== 'Bad' || RequestType !== 'Create') return;
    const secret = 'CANARY-second';
    genesys.seed({ clients: [{ id: genesys.clientId, secret }] });
    const text = JSON.stringify({ client_id: genesys.clientId, client_secret: secret });
    aws.secrets.set(OAUTH_SECRET, { text });
  };
  try {
    const [id = ''] = genesys.seed({
      integrations: [
        { name: 'Orders', typeId: 'aws-lambda-data-actions', enabled: true, notes: 'CANARY-by-hand' },
      ],
    }).integrations;
    const form = () => {
      const [organization] = genesys.state().organizations;
      const found = organization?.integrations.find((one) => one.id === id);
      const { version: _, ...config } = found?.config ?? { version: 0 };
      return config;
    };
    const before = form();
    const properties = { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/genesys' };
    const stack = await cloudFormation.createStack(
      'stack',
      withFailure(only(INTEGRATION, { ...properties, Notes: 'by a stack', AdoptExisting: true })),
    );
    await cloudFormation.idle();
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    const adopted = stack.events.some(({ PhysicalResourceId }) => PhysicalResourceId === id);
    expect({ adopted, form: form() }).toEqual({ adopted: true, form: before });
    expect(invoker.logs()).not.toContain('CANARY');
  } finally {
    await world.stop();
  }
}, 60_000);
