import { permissionFor } from '../../../provider/genesys/index.ts';
import { permissionsIn } from '../../../provider/genesys/permissions.ts';

test.each([
  ['GET', '/api/v2/integrations', 'integrations:integration:view'],
  ['GET', '/api/v2/integrations/i1/config/current', 'integrations:integration:view'],
  ['GET', '/api/v2/integrations/types/t/configschemas/properties', 'integrations:integration:view'],
  ['GET', '/api/v2/integrations/credentials/listing', 'integrations:integration:view'],
  ['POST', '/api/v2/integrations', 'integrations:integration:add'],
  ['POST', '/api/v2/integrations/credentials', 'integrations:integration:add'],
  ['PATCH', '/api/v2/integrations/i1', 'integrations:integration:edit'],
  ['PUT', '/api/v2/integrations/i1/config/current', 'integrations:integration:edit'],
  ['PUT', '/api/v2/integrations/credentials/c1', 'integrations:integration:edit'],
  ['DELETE', '/api/v2/integrations/i1', 'integrations:integration:delete'],
  ['DELETE', '/api/v2/integrations/credentials/c1', 'integrations:integration:delete'],
  ['GET', '/api/v2/integrations/actions', 'integrations:action:view'],
  ['GET', '/api/v2/integrations/actions/a1/templates/requesttemplate.vm', 'integrations:action:view'],
  ['GET', '/api/v2/integrations/actions/a1/draft', 'integrations:action:view'],
  ['GET', '/api/v2/integrations/actions/a1/draft/validation', 'integrations:action:edit'],
  ['POST', '/api/v2/integrations/actions', 'integrations:action:add'],
  ['POST', '/api/v2/integrations/actions/drafts', 'integrations:action:add'],
  ['POST', '/api/v2/integrations/actions/a1/draft', 'integrations:action:edit'],
  ['POST', '/api/v2/integrations/actions/a1/draft/publish', 'integrations:action:edit'],
  ['PATCH', '/api/v2/integrations/actions/a1', 'integrations:action:edit'],
  ['DELETE', '/api/v2/integrations/actions/a1', 'integrations:action:delete'],
  ['DELETE', '/api/v2/integrations/actions/a1/draft', 'integrations:action:delete'],
  ['POST', '/api/v2/integrations/actions/a1/test', 'integrations:action:execute'],
  ['POST', '/api/v2/integrations/actions/a1/execute', 'integrations:action:execute'],
  ['GET', '/api/v2/recording/keyconfigurations', 'recording:encryptionKey:view'],
  ['GET', '/api/v2/recording/recordingkeys/rotationschedule', 'recording:encryptionKey:view'],
  ['POST', '/api/v2/recording/keyconfigurations/validate', 'recording:encryptionKey:edit'],
  ['PUT', '/api/v2/recording/keyconfigurations/k1', 'recording:encryptionKey:edit'],
  ['POST', '/api/v2/recording/recordingkeys', 'recording:encryptionKey:edit'],
  ['GET', '/api/v2/architect/dependencytracking/build', 'architect:dependencyTracking:view'],
  ['GET', '/api/v2/architect/dependencytracking/consumingresources', 'architect:dependencyTracking:view'],
  ['GET', '/api/v2/organizations/me', undefined],
])('%s %s needs %s', (method, path, permission) => {
  expect(permissionFor(method, path)).toBe(permission);
});

test.each([
  ['missing the following permission(s): integrations:action:add', ['integrations:action:add']],
  ['[recording:encryptionKey:edit, integrations:*:*]', ['recording:encryptionKey:edit', 'integrations:*:*']],
  ['integrations:action:add integrations:action:add', ['integrations:action:add']],
  ['arn:aws:kms:eu-west-1:111122223333:alias/x at 12:30:15', []],
])('permissions are read out of "%s"', (text, permissions) => {
  expect(permissionsIn(text)).toEqual(permissions);
});
