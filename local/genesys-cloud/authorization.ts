import { ok, type Route } from './http.ts';
import type { JsonObject } from './json.ts';
import { list, page, sorted } from './listing.ts';
import type { Role } from './store.ts';

const rolesBase = '/api/v2/authorization/roles';

/** Example names in the SDK's getAuthorizationProducts. */
const products = ['collaboratePro', 'communicate', 'engage'];

export const authorizationRoutes: Route[] = [
  {
    // "Returns a listing of roles and permissions for the currently authenticated user", and needs no
    // permission (SDK, getAuthorizationSubjectsMe). A seeded client has permissions instead of roles.
    method: 'GET',
    template: '/api/v2/authorization/subjects/me',
    permissions: [],
    handle: ({ client }) =>
      ok({
        id: client.id,
        name: client.name,
        grants: [
          {
            subjectId: client.id,
            division: { id: '*', name: '' },
            role: { id: client.id, name: client.name, policies: client.permissions.map(policyOf) },
          },
        ],
      }),
  },
  {
    // Genesys' Terraform provider does not start without this answer (provider.go, getAuthorizationProducts).
    method: 'GET',
    template: '/api/v2/authorization/products',
    permissions: [],
    handle: () => ok({ entities: products.map((id) => ({ id })), total: products.length }),
  },
  {
    method: 'GET',
    template: rolesBase,
    permissions: ['authorization:role:view'],
    handle({ organization, query }) {
      const ids = list(query, 'id');
      const name = query.get('name')?.toLowerCase() ?? '';
      const found = [...organization.roles.values()].filter(
        (role) =>
          (ids.length === 0 || ids.includes(role.id)) && (name === '' || role.name.toLowerCase() === name),
      );
      return ok(page(rolesBase, query, sorted(query, found).map(roleEntity)));
    },
  },
];

/** AuthzGrantPolicy of the SDK. */
function policyOf(permission: string): JsonObject {
  const [domain = '*', entityName = '*', action = '*'] = permission.split(':');
  return { domain, entityName, actions: [action] };
}

function roleEntity({ id, name, permissions }: Role): JsonObject {
  return {
    id,
    name,
    permissions: [],
    permissionPolicies: permissions.map((permission) => {
      const [domain = '*', entityName = '*', action = '*'] = permission.split(':');
      return { domain, entityName, actionSet: [action] };
    }),
    default: false,
    base: false,
    selfUri: `${rolesBase}/${id}`,
  };
}
