import { ok, type Route } from './http.ts';
import { page } from './listing.ts';

/** The organization itself and its users. */
export const organizationRoutes: Route[] = [
  {
    method: 'GET',
    template: '/api/v2/organizations/me',
    permissions: [],
    handle: ({ organization }) =>
      ok({
        id: organization.id,
        name: organization.name,
        defaultLanguage: 'en-us',
        defaultCountryCode: 'US',
        thirdPartyOrgName: organization.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
        domain: 'genesys-cloud.example',
        version: 1,
        state: 'active',
        features: {},
        productPlatform: 'PureCloud',
        selfUri: '/api/v2/organizations/me',
      }),
  },
  {
    // Empty: OAuth clients are no users, and nobody else works in this organization.
    method: 'GET',
    template: '/api/v2/users',
    permissions: ['directory:user:view'],
    handle: ({ query }) => ok(page('/api/v2/users', query, [])),
  },
];
