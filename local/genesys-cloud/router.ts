import { actionEnvironmentRoutes } from './action-environment.ts';
import { actionRoutes } from './actions.ts';
import { authorizationRoutes } from './authorization.ts';
import { conversationKeyRoutes } from './conversation-keys.ts';
import { credentialRoutes } from './credentials.ts';
import { dependencyTrackingRoutes } from './dependency-tracking.ts';
import { draftRoutes } from './drafts.ts';
import { badRequest } from './errors.ts';
import { functionRoutes } from './functions.ts';
import type { Route } from './http.ts';
import { integrationRoutes } from './integrations.ts';
import { oauthClientRoutes } from './oauth-clients.ts';
import { organizationRoutes } from './organization.ts';
import { recordingRoutes } from './recording.ts';

const routes = [
  ...organizationRoutes,
  ...authorizationRoutes,
  ...oauthClientRoutes,
  ...credentialRoutes,
  ...actionRoutes,
  ...actionEnvironmentRoutes,
  ...draftRoutes,
  ...functionRoutes,
  ...integrationRoutes,
  ...recordingRoutes,
  ...conversationKeyRoutes,
  ...dependencyTrackingRoutes,
].map((route) => ({ ...route, segments: route.template.split('/') }));

/** The route of a call. Without a route, `isKnown` tells a wrong method (405) from an unknown path (404). */
export interface Found {
  route: Route | undefined;
  /** The template of the path; the path itself if it is unknown. */
  template: string;
  isKnown: boolean;
}

/** Literal segments win over parameters, so `actions/drafts` is not the id of an action. */
export function findRoute(method: string, path: string): Found {
  const segments = path.split('/');
  const candidates = routes
    .filter(
      (route) =>
        route.segments.length === segments.length &&
        route.segments.every((segment, index) => segment.startsWith('{') || segment === segments[index]),
    )
    .sort((one, other) => parameterCount(one) - parameterCount(other));
  const best = candidates[0];
  const route = candidates.find(
    (candidate) => candidate.template === best?.template && candidate.method === method,
  );
  return { route, template: best?.template ?? path, isKnown: best !== undefined };
}

const parameterCount = (route: Route): number => route.template.split('{').length;

/** The path parameters of a call by their names. @throws ApiError 400 when one is not well encoded. */
export function parametersOf(route: Route, path: string): Record<string, string> {
  const segments = path.split('/');
  return Object.fromEntries(
    route.template
      .split('/')
      .flatMap((segment, index) =>
        segment.startsWith('{') ? [[segment.slice(1, -1), decoded(segments[index] ?? '')] as const] : [],
      ),
  );
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`${segment} is not well encoded`);
  }
}
