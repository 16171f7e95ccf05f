import { ok, type Route } from './http.ts';
import { page } from './listing.ts';

const base = '/api/v2/integrations/actions';

/** A runtime of the acceptance tests of Genesys' Terraform provider (integration_action). */
export const functionRuntimes = [{ name: 'nodejs22.x', description: 'Node.js 22', status: 'Available' }];

/**
 * The environment of data actions that clients only read: certificates for mutual TLS, and runtimes of
 * function data actions. Actions here run without such certificates, so their lists are empty.
 */
export const actionEnvironmentRoutes: Route[] = [
  {
    method: 'GET',
    template: `${base}/certificates`,
    permissions: ['integrations:actionCertificate:view'],
    handle: ({ query }) => ok(page(`${base}/certificates`, query, [])),
  },
  {
    method: 'GET',
    template: `${base}/certificates/truststore`,
    permissions: ['integrations:actionCertificate:view'],
    handle: () => ok({ entities: [], total: 0 }),
  },
  {
    method: 'GET',
    template: `${base}/functions/runtimes`,
    permissions: ['integrations:actionFunction:view'],
    handle: () => ok(functionRuntimes),
  },
];
