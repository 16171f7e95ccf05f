/**
 * Time limits of calls to AWS, in ms. They are short, because a person waits on the phone. A client is made
 * when it is first needed and kept for the container.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** Limits of a connection's start, and of one try of a call. */
export const connectionTimeout = 800;
export const requestTimeout = 800;
export const maxAttempts = 3;

/**
 * The longest idle time of a connection that is used again. A NAT gateway forgets a connection after 350 s
 * and resets it at the next packet
 * (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html), and after a reset
 * nobody knows whether the call got through. Lambda freezes containers, so no timer can close idle
 * connections. Each is checked before use instead.
 */
export const idleLimitMs = 60_000;

export function once<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

/** Options of a client's `requestHandler`. */
export interface RequestHandlerOptions {
  connectionTimeout: number;
  requestTimeout: number;
  /** Without this the SDK logs the end of the time and goes on waiting. */
  throwOnRequestTimeout: true;
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
}

/** A client for the container. It uses no connection that was idle for longer than `idleLimitMs`. */
export function client<T>(create: (options: RequestHandlerOptions) => T): () => T {
  const idleSince = new WeakMap<Duplex, number>();
  const remembering = <A extends HttpAgent>(agent: A): A => {
    const keep = agent.keepSocketAlive.bind(agent);
    agent.keepSocketAlive = (socket) => {
      idleSince.set(socket, Date.now());
      return keep(socket);
    };
    return agent;
  };
  const agents = once(() => ({
    httpAgent: remembering(new HttpAgent({ keepAlive: true, maxSockets: 50 })),
    httpsAgent: remembering(new HttpsAgent({ keepAlive: true, maxSockets: 50 })),
  }));
  const created = once(() =>
    create({ connectionTimeout, requestTimeout, throwOnRequestTimeout: true, ...agents() }),
  );
  return () => {
    for (const agent of Object.values(agents())) {
      for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
        // An agent never reuses a destroyed socket.
        if (Date.now() - (idleSince.get(socket) ?? 0) > idleLimitMs) socket.destroy();
      }
    }
    return created();
  };
}
