/** Real listeners on 127.0.0.1 that do what a network may do to a caller. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

export interface Listener {
  port: number;
  /** Connections that were made to it. */
  connections(): number;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<Listener> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Speaks TLS. */
export const tls = (options: TlsOptions, onConnection?: (socket: TLSSocket) => void) =>
  listening(createTlsServer(options, onConnection));

/** Takes connections and does this with them. */
export const tcp = (onConnection: (socket: Socket) => void = () => undefined) =>
  listening(createServer(onConnection));

/** A port that nobody listens on. */
export async function nobody(): Promise<number> {
  const listener = await tcp();
  await listener.close();
  return listener.port;
}

/**
 * Answers no connection attempt, as a security group does: a process that was stopped with its queue of connections
 * full; the kernel then drops what comes.
 */
export async function silence(): Promise<Listener> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(server.address().port))`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  child.kill('SIGSTOP');
  const waiting = [1, 2].map(() => connect({ host: '127.0.0.1', port }));
  // A queue of one holds two (Linux).
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  for (const socket of waiting) socket.on('error', () => undefined);
  return {
    port,
    connections: () => waiting.length,
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const socket of waiting) socket.destroy();
    },
  };
}
