import type { Aws } from './aws.ts';
import type { Fixed, Settings } from './options.ts';
import type { Client, Organization, Token, World } from './store.ts';
import type { ModelName } from './validation.ts';

/** The answer of a handler: a JSON body, a text, or nothing. */
export interface Reply {
  status: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** The parts of the server that every handler may use. */
export interface Simulator {
  world: World;
  settings: Settings;
  fixed: Fixed;
  aws: Aws;
  /** Aborted when the server closes. */
  closing: AbortSignal;
}

/** One authorised request on its way to a handler. */
export interface Call extends Simulator {
  organization: Organization;
  client: Client;
  token: Token;
  params: Record<string, string>;
  query: URLSearchParams;
  /** Checked against the model of the route; `undefined` if the route takes no body. */
  body: unknown;
  contextId: string;
  /** Host and port by which the client reached this server. */
  host: string;
}

export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the SDK: `/api/v2/integrations/{integrationId}`. */
  template: string;
  /** Any one of them is enough. An empty list admits every token. */
  permissions: string[];
  /** The model of the body; `object` admits any JSON object. */
  body?: ModelName | 'object';
  handle(call: Call): Reply | Promise<Reply>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const noContent: Reply = { status: 204 };

/** A path parameter of the route. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}
