import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Caller, callerOf } from './support.ts';

/** A local Genesys Cloud in a process of its own. */
export interface GenesysCloudProcess {
  organizationId: string;
  call: Caller;
  /** Ends the process by the signal; answers its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `main.ts` of a folder and logs in with the client that it prints. */
export async function startProcess(folder: string, args: string[] = []): Promise<GenesysCloudProcess> {
  const child = spawn(process.execPath, [join(folder, 'main.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const [code] = await exited;
    return code as number | null;
  };
  try {
    const said: Record<string, string> = {};
    for await (const line of createInterface(child.stdout)) {
      const [name = '', value = ''] = line.split(/=(.*)/s);
      said[name] = value;
      if (name === 'organization_id') break;
    }
    const { url = '', client_id: clientId = '', client_secret: clientSecret = '' } = said;
    const call = await callerOf({ url, clientId, clientSecret });
    return { organizationId: said['organization_id'] ?? '', call, end };
  } catch (error) {
    await end();
    throw error;
  }
}
