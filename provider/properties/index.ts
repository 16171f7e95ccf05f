/**
 * The properties that an author writes into a template, and how they are read. CloudFormation turns every
 * scalar into text, so each kind of property takes the text as well as the value, by its own rule and never
 * by guess.
 *
 * This room holds the kinds of properties (vocabulary.ts), reading and judging them by a schema, the types of
 * free JSON (json-schema.ts), and the error that says what is wrong. The properties of a resource type belong
 * in resources/, those that all types share in lifecycle/. Nothing here calls anybody or knows Genesys Cloud.
 */

export { SECURE_REFERENCE } from './dynamic-references.ts';
export { missingIssue } from './issues.ts';
export * from './json-schema.ts';
export { type Kind, kindOf } from './kinds.ts';
export * from './parse-properties.ts';
export * from './property-error.ts';
export * from './shape.ts';
export * from './vocabulary.ts';
