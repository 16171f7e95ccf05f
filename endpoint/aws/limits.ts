/**
 * Time limits of a call to AWS, in ms: a call in the middle of a phone call has no minute to wait. Clients are made
 * when first needed and kept for the container.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** For a connection, and for one try of a call. */
export const connectionTimeout = 800;
export const requestTimeout = 800;
export const maxAttempts = 3;

/**
 * A NAT gateway forgets a connection after 350 s without a packet and answers the next one with a reset, of which
 * nobody can tell whether the call got through. Lambda freezes a container between two requests, so that no timer
 * closes what was idle: it is looked at before each use.
 */
export const idleLimitMs = 60_000;

export function once<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

/** What a client's `requestHandler` is made with. */
export interface RequestHandlerOptions {
  connectionTimeout: number;
  requestTimeout: number;
  /** Without it the SDK only logs that the time is over, and waits on. */
  throwOnRequestTimeout: true;
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
}

/** A client for the container, whose connections are not used again after a minute of idleness. */
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
        // An agent takes no socket that is destroyed.
        if (Date.now() - (idleSince.get(socket) ?? 0) > idleLimitMs) socket.destroy();
      }
    }
    return created();
  };
}
