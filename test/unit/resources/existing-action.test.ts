import type { Models } from 'purecloud-platform-client-v2';
import { refuseOther } from '../../../provider/resources/data-action/taking-over.ts';

const schemaOf = (properties: Record<string, unknown>) => ({ type: 'object', properties });

/** An action whose input has these properties. */
const actionWith = (properties: Record<string, unknown>) =>
  ({
    id: 'a-1',
    integrationId: 'i-1',
    secure: false,
    contract: {
      input: { inputSchema: schemaOf(properties) },
      output: { successSchema: schemaOf({}) },
    },
  }) as unknown as Models.Action;
const wanted = (properties: Record<string, unknown>) => ({
  IntegrationId: 'i-1',
  Secure: false,
  Contract: { Input: schemaOf(properties), Output: schemaOf({}) },
});

test.each(['orderId', 'constructor', 'toString', '__proto__'])(
  'an input named %s that only one side has is a difference',
  (name) => {
    const one = JSON.parse(`{"${name}": {}}`);
    const refusal = `Contract.Input.properties.${name} cannot change in place`;
    expect(() => refuseOther(actionWith({}), wanted(one))).toThrow(refusal);
    expect(() => refuseOther(actionWith(one), wanted({}))).toThrow(refusal);
    expect(() => refuseOther(actionWith(one), wanted(one))).not.toThrow();
  },
);
