/**
 * The permission that each call needs, by method and path, for a 403 that does not name it (documentation of
 * the SDK, 259.0.0: "Requires ANY permissions" of one, "Requires ALL permissions" for Architect). The first
 * match wins.
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

/** The permission that a call needs; undefined for a call that is not in the table. */
export function permissionFor(method: string, path: string): string | undefined {
  return rules.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2];
}

/** The permissions (`domain:entity:action`) in a text. */
export function permissionsIn(text: string): string[] {
  return [...new Set(text.match(/(?<![\w:])(?!arn:)[a-z][A-Za-z]*:[a-z*][A-Za-z]*:[a-z*][A-Za-z]*/g) ?? [])];
}
