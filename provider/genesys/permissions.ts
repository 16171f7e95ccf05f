/**
 * What Genesys Cloud wants for each call, by method and path ("Requires ANY permissions" of the SDK's
 * documentation, 259.0.0). Used where a 403 does not say it itself. First match wins.
 */
const rules: readonly [method: RegExp, path: RegExp, permission: string][] = [
  [
    /POST/,
    /^\/api\/v2\/integrations\/actions\/[^/]+\/(draft\/)?(test|execute)$/,
    'integrations:action:execute',
  ],
  [/POST/, /^\/api\/v2\/integrations\/actions(\/drafts)?$/, 'integrations:action:add'],
  [/GET/, /\/draft\/validation$/, 'integrations:action:edit'],
  [/GET/, /^\/api\/v2\/integrations\/actions/, 'integrations:action:view'],
  [/DELETE/, /^\/api\/v2\/integrations\/actions/, 'integrations:action:delete'],
  [/./, /^\/api\/v2\/integrations\/actions/, 'integrations:action:edit'],
  [/GET/, /^\/api\/v2\/integrations/, 'integrations:integration:view'],
  [/POST/, /^\/api\/v2\/integrations/, 'integrations:integration:add'],
  [/DELETE/, /^\/api\/v2\/integrations/, 'integrations:integration:delete'],
  [/./, /^\/api\/v2\/integrations/, 'integrations:integration:edit'],
  [/GET/, /^\/api\/v2\/recording\/(keyconfigurations|recordingkeys)/, 'recording:encryptionKey:view'],
  [/./, /^\/api\/v2\/recording\/(keyconfigurations|recordingkeys|localkeys)/, 'recording:encryptionKey:edit'],
  [/GET/, /^\/api\/v2\/architect\/dependencytracking/, 'architect:dependencyTracking:view'],
];

/** The permission that a call needs, or undefined where the table does not know. */
export function permissionFor(method: string, path: string): string | undefined {
  return rules.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2];
}

/** Permissions (`domain:entity:action`) that a text names. */
export function permissionsIn(text: string): string[] {
  return [...new Set(text.match(/(?<![\w:])(?!arn:)[a-z][A-Za-z]*:[a-z*][A-Za-z]*:[a-z*][A-Za-z]*/g) ?? [])];
}
