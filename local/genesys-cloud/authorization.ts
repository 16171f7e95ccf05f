import { ok, type Route } from './http.ts';

/** Example names in the SDK's getAuthorizationProducts. */
const products = ['collaboratePro', 'communicate', 'engage'];

export const authorizationRoutes: Route[] = [
  {
    // Genesys' Terraform provider does not start without this answer (provider.go, getAuthorizationProducts).
    method: 'GET',
    template: '/api/v2/authorization/products',
    permissions: [],
    handle: () => ok({ entities: products.map((id) => ({ id })), total: products.length }),
  },
];
