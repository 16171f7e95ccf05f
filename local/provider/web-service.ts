import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A customer's own web service, which data actions call. A test decides what it answers. */
export class WebService {
  readonly url: string;
  /** Requests so far, in order. */
  readonly requests: { path: string; headers: IncomingHttpHeaders; body: unknown }[] = [];
  answer: { status: number; body: unknown } = { status: 200, body: {} };
  readonly #server: Server;

  static async start(): Promise<WebService> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WebService(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      this.requests.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(this.answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.answer.body));
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
