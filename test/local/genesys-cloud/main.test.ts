import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from '../../../local/genesys-cloud/support.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'runs on its own, says how to reach it, and ends on %s',
  async (signal) => {
    const child = spawn(
      process.execPath,
      [resolve(import.meta.dirname, '../../../local/genesys-cloud/main.ts'), '--client-id', 'me'],
      {
        env: { ...process.env, NODE_OPTIONS: '' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    try {
      const said: Record<string, string> = {};
      for await (const line of createInterface(child.stdout)) {
        const [name = '', value = ''] = line.split(/=(.*)/s);
        said[name] = value;
        if (name === 'organization_id') break;
      }
      const token = await request(`${said['url']}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${said['client_id']}:${said['client_secret']}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      const me = await request(`${said['url']}/api/v2/organizations/me`, {
        headers: { authorization: `Bearer ${token.body.access_token}` },
      });
      expect(me.body.id).toBe(said['organization_id']);
    } finally {
      child.kill(signal);
    }
    expect(await ended).toBe(0);
  },
);
