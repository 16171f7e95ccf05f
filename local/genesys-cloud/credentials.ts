import { randomUUID } from 'node:crypto';
import { refuseYoung, rememberDeleted, stillShown } from './consistency.ts';
import { badRequest, notFound } from './errors.ts';
import { type Call, noContent, ok, param, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { integer, page } from './listing.ts';
import type { Credential } from './store.ts';

const view = ['integrations:integration:view'];
const base = '/api/v2/integrations/credentials';

export const credentialRoutes: Route[] = [
  {
    // Deprecated in the SDK in favour of the listing below, but still served.
    method: 'GET',
    template: base,
    permissions: view,
    handle: (call) => ok(page(base, call.query, [...call.organization.credentials.values()].map(info))),
  },
  { method: 'GET', template: `${base}/listing`, permissions: view, handle: listing },
  {
    method: 'GET',
    template: `${base}/types`,
    permissions: view,
    handle: ({ world }) =>
      ok(
        [...world.credentialTypes.values()].map((type) => ({
          id: type.name,
          name: type.name,
          properties: {
            type: 'object',
            properties: Object.fromEntries((type.fields ?? []).map((field) => [field, { type: 'string' }])),
          },
          displayOrder: type.fields ?? [],
          required: type.required,
        })),
      ),
  },
  {
    method: 'POST',
    template: base,
    permissions: ['integrations:integration:add'],
    body: 'Credential',
    handle(call) {
      const now = call.fixed.clock.now();
      const { name, type, credentialFields } = call.body as Body;
      const credential: Credential = {
        id: randomUUID(),
        // "Credential is possible to have no name" (Terraform provider, integration_credential).
        name,
        typeName: type.name,
        fields: checkedFields(call, type.name, credentialFields),
        createdAt: now,
        modifiedAt: now,
      };
      call.organization.credentials.set(credential.id, credential);
      return ok(info(credential));
    },
  },
  {
    method: 'GET',
    template: `${base}/{credentialId}`,
    permissions: view,
    handle(call) {
      const gone = stillShown(call, param(call, 'credentialId'));
      if (gone !== undefined) return ok(gone);
      const credential = credentialOf(call);
      refuseYoung(call, 'credential', credential.id, credential.createdAt);
      return ok(entity(credential));
    },
  },
  {
    method: 'PUT',
    template: `${base}/{credentialId}`,
    permissions: ['integrations:integration:edit'],
    body: 'Credential',
    handle(call) {
      const credential = credentialOf(call);
      const { name, type, credentialFields } = call.body as Body;
      if (type.name !== credential.typeName)
        throw badRequest(`The type of a credential cannot be changed (it is ${credential.typeName})`);
      credential.fields = checkedFields(call, type.name, credentialFields);
      credential.name = name ?? credential.name;
      credential.modifiedAt = call.fixed.clock.now();
      // Integrations with this credential check their role again.
      for (const integration of call.organization.integrations.values())
        if (
          integration.intendedState === 'ENABLED' &&
          Object.values(integration.config.credentials).includes(credential.id)
        )
          integration.nextLookAt = credential.modifiedAt + call.settings.delays.activationMs;
      return ok(info(credential));
    },
  },
  {
    method: 'DELETE',
    template: `${base}/{credentialId}`,
    permissions: ['integrations:integration:delete'],
    handle(call) {
      const credential = credentialOf(call);
      const user = [...call.organization.integrations.values()].find((integration) =>
        Object.values(integration.config.credentials).includes(credential.id),
      );
      if (user !== undefined && call.settings.behaviour.deleteCredentialInUse === 'refuse')
        throw badRequest(`The credential is used by integration ${user.id}`, 'credential.in.use');
      rememberDeleted(call, credential.id, entity(credential));
      call.organization.credentials.delete(credential.id);
      return noContent;
    },
  },
];

interface Body {
  name?: string;
  type: { name: string };
  credentialFields?: Record<string, string>;
}

function checkedFields(
  { world }: Call,
  typeName: string,
  fields: Record<string, string> = {},
): Record<string, string> {
  const type = world.credentialTypes.get(typeName);
  if (type === undefined)
    throw badRequest(`There is no credential type ${typeName}`, 'invalid.credential.type');
  const missing = type.required.filter((field) => !fields[field]);
  const unknown = Object.keys(fields).filter((field) => type.fields?.includes(field) === false);
  if (missing.length > 0 || unknown.length > 0)
    throw badRequest(
      `credentialFields of ${typeName}: ${[
        ...missing.map((field) => `${field} is missing`),
        ...unknown.map((field) => `${field} is unknown`),
      ].join(', ')}`,
      'invalid.credential.fields',
    );
  return { ...fields };
}

/**
 * A listing by cursor. `after` and `before` name the last or first credential of a page, by the cursor of a
 * URI or by the id: Genesys' Terraform provider sends ids (integration_credential, proxy:
 * getAllIntegrationCredsFn).
 */
function listing(call: Call) {
  const { query } = call;
  const pageSize = integer(query, 'pageSize', 25, 200);
  const all = [...call.organization.credentials.values()];
  // An empty parameter counts as none.
  const after = query.get('after') || null;
  const before = query.get('before') || null;
  const end = before === null ? all.length : indexOf(all, before);
  const start = before !== null ? Math.max(0, end - pageSize) : after === null ? 0 : indexOf(all, after) + 1;
  const entities = all.slice(start, Math.min(end, start + pageSize));
  const uri = (parameters: Record<string, string>) =>
    `${base}/listing?${new URLSearchParams({ ...parameters, pageSize: String(pageSize) })}`;
  const first = entities[0];
  const last = entities.at(-1);
  return ok({
    entities: entities.map(info),
    selfUri: uri(before !== null ? { before } : after !== null ? { after } : ({} as Record<string, string>)),
    ...(last !== undefined && start + entities.length < all.length
      ? { nextUri: uri({ after: cursor(last) }) }
      : {}),
    ...(first !== undefined && start > 0 ? { previousUri: uri({ before: cursor(first) }) } : {}),
  });
}

const cursor = (credential: Credential): string => Buffer.from(credential.id).toString('base64url');

function indexOf(all: Credential[], text: string): number {
  const index = all.findIndex((credential) => credential.id === text || cursor(credential) === text);
  if (index < 0) throw badRequest('The cursor is not valid', 'invalid.query.parameter');
  return index;
}

function credentialOf(call: Call): Credential {
  const id = param(call, 'credentialId');
  const credential = call.organization.credentials.get(id);
  if (credential === undefined) throw notFound('credential', id);
  return credential;
}

/** A single credential. Its dates are only in listings: the SDK's `Credential` has none. */
function entity(credential: Credential): JsonObject {
  const redacted = Object.keys(credential.fields).map((field) => [field, null]);
  return { ...named(credential), credentialFields: Object.fromEntries(redacted) };
}

/** The SDK's `CredentialInfo`, in listings and in the answers to POST and PUT. */
function info(credential: Credential): JsonObject {
  return {
    ...named(credential),
    createdDate: new Date(credential.createdAt).toISOString(),
    modifiedDate: new Date(credential.modifiedAt).toISOString(),
  };
}

function named({ id, name, typeName }: Credential): JsonObject {
  return {
    id,
    ...(name === undefined ? {} : { name }),
    type: { name: typeName },
    selfUri: `${base}/${id}`,
  };
}
