/** Many objects: lists page by page, three calls a data action, the rate limit, and several templates. */
import { join } from 'node:path';
import { reasons } from '../../../local/provider/world.ts';
import { writes } from '../../protocol/adoption/adoptable.ts';
import { deploy, exported, filesOf, inWorldWithFolder, readTemplate } from './running.ts';

const MANY = 2_100;

const actionsOf = (integrationId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `Action ${index}`,
    integrationId,
    config: {
      request: { requestUrlTemplate: `https://example.com/${index}`, requestType: 'GET' },
      response: {},
    },
  }));

test(
  `${MANY} data actions: 100 in a page, at most three calls for each, and templates below the limits`,
  () =>
    inWorldWithFolder(async (world, folder) => {
      const { genesys, webServicesId } = world;
      genesys.seed({ actions: actionsOf(webServicesId, MANY) });
      genesys.resetCalls();
      const { code, out, problems } = await exported(world, '--all', '--output', folder);
      expect({ code, problems }).toEqual({ code: 0, problems: '' });
      expect(out).toContain(`2 integrations and ${MANY} data actions`);
      const lists = genesys.calls().filter(({ template }) => template === '/api/v2/integrations/actions');
      expect(lists).toHaveLength(MANY / 100);
      expect(genesys.calls().length).toBeLessThanOrEqual(3 * MANY + MANY / 100 + 10);
      const files = await filesOf(folder);
      const templates = Object.keys(files).filter((file) => file.startsWith('template-'));
      expect(templates).toHaveLength(5);
      for (const file of templates) {
        expect(Object.keys(readTemplate(files[file] ?? '').Resources).length).toBeLessThanOrEqual(500);
        expect(Buffer.byteLength(files[file] ?? '')).toBeLessThanOrEqual(1_000_000);
        expect(out).toContain(`--template-file ${folder}/${file} --stack-name genesys-cloud-export-`);
      }
      expect(Object.keys(files).filter((file) => file.startsWith('definitions/'))).toHaveLength(MANY);
    }),
  300_000,
);

test(
  'a rate limit is waited for, and the export is complete',
  () =>
    inWorldWithFolder(async (world, folder) => {
      const { genesys, webServicesId } = world;
      genesys.seed({ actions: actionsOf(webServicesId, 30) });
      const path = '/api/v2/integrations/actions/{actionId}';
      genesys.faults({
        match: { method: 'GET', path, nth: 5, count: 20 },
        action: { status: 429, headers: { 'retry-after': '0' } },
      });
      const { code, out } = await exported(world, '--all', '--output', folder);
      expect(code).toBe(0);
      expect(out).toContain('30 data actions');
    }),
  60_000,
);

test(
  'an integration with more actions than a template may hold: part after part, without a write',
  () =>
    inWorldWithFolder(async (world, folder) => {
      const { genesys, webServicesId } = world;
      genesys.seed({ actions: actionsOf(webServicesId, 460) });
      await exported(world, '--integration', webServicesId, '--output', join(folder, 'a'));
      genesys.resetCalls();
      for (const part of [1, 2]) {
        const stack = `genesys-cloud-export-${part}`;
        const done = await deploy(world, join(folder, 'a'), { stack, file: `template-${part}.yaml` });
        expect(reasons(done)).not.toMatch(/FAILED/);
        expect(done.status).toBe('CREATE_COMPLETE');
      }
      expect(writes(world)).toEqual([]);
    }),
  300_000,
);
