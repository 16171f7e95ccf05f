/** Real listeners on 127.0.0.1 that behave as a network may behave towards a caller. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';

export interface Listener {
  port: number;
  /** Number of connections so far. */
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

/** Takes connections and hands them to a function. */
export const tcp = (onConnection: (socket: Socket) => void = () => undefined) =>
  listening(createServer(onConnection));

/** A port that nobody listens on. */
export async function nobody(): Promise<number> {
  const listener = await tcp();
  await listener.close();
  return listener.port;
}

/** Listens, says its port, and then blocks its own event loop, so that it never accepts. */
const BLOCKED_SERVER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/**
 * Answers no connection attempt, as a security group does. The thread of the server is blocked and its queue
 * of connections is full, so the kernel drops every further attempt.
 */
export async function silence(): Promise<Listener> {
  const worker = new Worker(BLOCKED_SERVER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = [1, 2].map(() => connect({ host: '127.0.0.1', port }));
  // A queue of one holds two connections on Linux.
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  for (const socket of waiting) socket.on('error', () => undefined);
  return {
    port,
    connections: () => waiting.length,
    async close() {
      await worker.terminate();
      for (const socket of waiting) socket.destroy();
    },
  };
}
