/** Each kind of published definition is made, reads back equal, and runs. */
import { BUCKET } from '../../local/faults/outside.ts';
import { inWorld, only, reasons } from '../../local/provider/world.ts';
import { callByHand } from './by-hand.ts';
import { exportOf, kinds } from './kinds-of-definitions.ts';

const KEY = 'actions/definition.json';

describe.each(['S3', 'text'] as const)('a definition (%s) with', (from) => {
  test.each(Object.keys(kinds))('%s', (name) =>
    inWorld({}, async (world) => {
      const kind = kinds[name];
      if (kind === undefined) throw new Error('unreachable');
      world.containers.redeploy({ DEFINITION_OBJECT_ARNS: `arn:aws:s3:::${BUCKET}/actions/*` });
      const file = exportOf(name, kind, world.service.url);
      const json = JSON.stringify(file, null, 2);
      const bytes = kind.bytes?.(json) ?? json;
      world.service.answer = { status: 200, body: kind.answer };
      const stack = await world.cloudFormation.createStack(
        'stack',
        only('Custom::GenesysDataAction', {
          IntegrationId: world.webServicesId,
          Category: 'Published',
          Definition:
            from === 'text'
              ? bytes
              : {
                  S3: { Bucket: BUCKET, Key: KEY, VersionId: world.aws.putObject(`${BUCKET}/${KEY}`, bytes) },
                },
          SmokeTest: { Input: JSON.stringify(kind.input) },
        }),
      );
      expect(reasons(stack)).not.toContain('failed');
      expect(stack.status).toBe('CREATE_COMPLETE');

      const id = stack.resources['Thing']?.physicalId ?? '';
      const { config, contract } = file;
      const remote = world.remote(id) as { published: Record<string, unknown> } | undefined;
      expect(remote?.published).toMatchObject({
        name: file.name.replace(' - Exported 2026-11-20 @ 9:05', ''),
        config: { request: config.request, response: config.response },
      });
      expect(remote?.published['contract']).toEqual({ input: contract.input, output: contract.output });

      expect(world.service.requests).toMatchObject([kind.received ?? {}]);
      const executed = await callByHand(
        world.genesys,
        'POST',
        `/api/v2/integrations/actions/${id}/execute`,
        kind.input,
      );
      expect(await executed.json()).toEqual(kind.output);
    }),
  );
});
