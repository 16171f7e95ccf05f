/**
 * Makes the calls given on stdin as [api, method, arguments] with the published SDK, one after the other,
 * against a server on 127.0.0.1 whose port is the first argument. It runs in a process of its own, because
 * the SDK reads and watches a file in HOME from its import on. The parent process sets an empty HOME.
 */
import { text } from 'node:stream/consumers';
import platformClient from 'purecloud-platform-client-v2';

type Api = Record<string, (...args: unknown[]) => Promise<unknown>>;

const calls: [api: string, method: string, args: unknown[]][] = JSON.parse(await text(process.stdin));
const client = platformClient.ApiClient.instance;
client.setGateway({ host: '127.0.0.1', protocol: 'http', port: Number(process.argv[2]) });
await client.loginClientCredentialsGrant('client-1', 'secret-1');

const classes = platformClient as unknown as Record<string, new () => Api>;
for (const [api, method, args] of calls) {
  const Class = classes[api];
  if (!Class) throw new Error(`the SDK has no ${api}`);
  const instance = new Class();
  await instance[method]?.(...args);
}
process.exit(0);
