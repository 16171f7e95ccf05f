import { isDeepStrictEqual } from 'node:util';

/**
 * The calls of Genesys' own tools, and the parts of an answer that they cannot do without. Written down from
 * the sources of the tools; none of their code is here.
 */
export interface Scenario {
  /** The purpose of the calls, as the name of a test. */
  does: string;
  /** The place in the tool. */
  source: string;
  steps: Step[];
}

export interface Step {
  /** Method, path and query, or a whole URL. `{name}` stands for a value that an earlier step kept. */
  request: string;
  /** A JSON body, or a text that is sent as it is. */
  body?: object | string;
  /** The only headers of the call. The default is a token and the type JSON. */
  headers?: Record<string, string>;
  status: number;
  /** The part of the answer that the tool reads. */
  has?: unknown;
  /** Fields of the answer that later steps need, by the names that they get. */
  keep?: Record<string, string>;
  /** The statuses after which the tool sends the call again. By any other one it fails. */
  repeatedAfter?: number[];
  /** Whether the tool also sends the call again until the answer has the part. */
  untilItHas?: true;
}

/** Values of a kind. */
export const any = { text: expect.any(String), number: expect.any(Number) };

/** A value without a further member anywhere: a tool would plan to change a member that it did not send. */
class Exactly {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  asymmetricMatch(other: unknown): boolean {
    return isDeepStrictEqual(other, this.value);
  }
}
export const exactly = (value: unknown) => new Exactly(value);

export const base = '/api/v2/integrations';

/** The POST of an integration. */
export const newIntegration = (typeId: string): Step => ({
  request: `POST ${base}`,
  // The name comes later, with the configuration.
  body: { integrationType: { id: typeId } },
  status: 200,
  has: { id: any.text, integrationType: { id: typeId } },
  keep: { integration: 'id' },
});
