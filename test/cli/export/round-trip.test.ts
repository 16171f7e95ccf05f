/** An organization that was made by clicks comes under CloudFormation, and nothing of it changes. */
import { join } from 'node:path';
import { run } from '../../../cli/main.ts';
import { remoteObjects } from '../../../local/provider/remote.ts';
import { INTEGRATION } from '../../../local/provider/stacks.ts';
import { reasons, type World } from '../../../local/provider/world.ts';
import { writes } from '../../protocol/adoption/adoptable.ts';
import { drift } from '../drift/running.ts';
import { madeByHand } from './organization.ts';
import { deploy, exported, filesOf, inWorldWithFolder, readTemplate } from './running.ts';

/** Everything in Genesys Cloud. */
const everything = (world: World) => structuredClone(Object.fromEntries(remoteObjects(world.genesys)));

test.each([['files'], ['inline']])(
  '50 actions and 5 integrations as %s: deployed without a write, no drift, exported again to the byte',
  (how) =>
    inWorldWithFolder(async (world, folder) => {
      const made = madeByHand(world);
      const options = how === 'inline' ? ['--inline'] : [];
      const first = join(folder, 'first');
      const { code, problems, out } = await exported(world, '--all', '--output', first, ...options);
      expect(problems).toBe('');
      expect(out).not.toMatch(/CANARY/);
      expect(code === 0 ? '' : out).toBe('');
      expect(out).toContain('7 integrations and 50 data actions');
      const before = everything(world);
      world.genesys.resetCalls();
      const stack = await deploy(world, first);
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(stack.status).toBe('CREATE_COMPLETE');
      expect(writes(world)).toEqual([]);
      expect(everything(world)).toEqual(before);
      const ids = Object.values(stack.resources).map(({ physicalId }) => physicalId);
      expect(ids).toEqual(expect.arrayContaining([...made.integrations, ...made.actions]));
      expect(await drift(world)).toMatchObject({ code: 0, problems: '' });
      const again = join(folder, 'again');
      const second = await exported(world, '--stack', 'stack', '--output', again, ...options);
      expect(second).toMatchObject({ code: 0, problems: '' });
      expect(await filesOf(again)).toEqual(await filesOf(first));
      expect(JSON.stringify(await filesOf(first))).not.toMatch(/CANARY/);
    }),
  180_000,
);

test(
  'the template has no fault for `validate`, and one that CloudFormation takes',
  () =>
    inWorldWithFolder(async (world, folder) => {
      madeByHand(world);
      await exported(world, '--all', '--output', folder);
      const texts = { out: '', problems: '' };
      const into = (name: keyof typeof texts) => ({
        write: (text: string) => {
          texts[name] += text;
        },
      });
      const streams = { out: into('out'), problems: into('problems') };
      const code = await run(['validate', join(folder, 'template.yaml')], streams);
      expect({ code, ...texts }).toMatchObject({ code: 0 });
      const text = (await filesOf(folder))['template.yaml'] ?? '';
      const template = readTemplate(text);
      const names = [...Object.keys(template.Resources), ...Object.keys(template.Parameters)];
      expect(names.filter((name) => !/^[A-Za-z0-9]{1,255}$/.test(name))).toEqual([]);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
      expect(Object.values(template.Resources).map(({ Type }) => Type)).toEqual(
        expect.not.arrayContaining(['AWS::IAM::User']),
      );
    }),
  60_000,
);

test(
  'a reader finds the objects by their names, and what differs by environment as parameters',
  () =>
    inWorldWithFolder(async (world, folder) => {
      madeByHand(world);
      await exported(world, '--all', '--output', folder);
      const { Resources, Parameters } = readTemplate((await filesOf(folder))['template.yaml'] ?? '');
      expect(Object.keys(Resources)).toEqual(
        expect.arrayContaining(['ShopAPIIntegration', 'KeyedAPIIntegration', 'SUMA1', 'UnicodeAndMore']),
      );
      expect(Parameters).toMatchObject({
        ProviderExportPrefix: { Default: 'genesys-cloud' },
        DefinitionsBucket: { Type: 'String' },
        LambdaRegion: { Default: 'us-east-1' },
        LambdaAccount: { Default: '123456789012' },
      });
      const text = (await filesOf(folder))['template.yaml'] ?? '';
      expect(text).toContain('      # RoleArn: arn:aws:iam::<account>:role/<role>\n');
      expect(text).toContain('      # CredentialsSecretArn: ');
      expect(text).not.toMatch(/^\s+(RoleArn|CredentialType|CredentialsSecretArn):/m);
      expect(Object.values(Resources).filter(({ Type }) => Type === INTEGRATION)).toHaveLength(7);
    }),
  60_000,
);
