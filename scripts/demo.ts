/**
 * `make demo`: the whole package in the local world, step by step. KEEP=1 leaves the local AWS running and prints
 * how to reach it.
 */
import { aws } from '../test/aws/cli.ts';
import { startMiniStack } from '../test/aws/ministack.ts';
import { command, note, step } from './steps.ts';

const keep = Boolean(process.env['KEEP']);

const world = await step('Start the local AWS', async () => {
  const server = await startMiniStack({ keep });
  note(`MiniStack answers on ${server.url}; Lambda functions run on Node ${process.version}`);
  return server;
});

try {
  await step('Ask it who we are', async () => {
    command('aws', 'sts', 'get-caller-identity');
    note(await aws(world, ['sts', 'get-caller-identity']));
  });
} finally {
  if (keep) {
    await step('Leave it running', async () => {
      for (const [name, value] of Object.entries(world.env))
        if (name.startsWith('AWS_')) command('export', `${name}=${value}`);
      note('To end it:');
      command('kill', '--', `-${world.pid}`);
    });
  } else await world.stop();
}
