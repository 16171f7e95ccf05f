/**
 * Size, parameters, resources and outputs of every template beside their limits.
 * `node scripts/build/template-sizes.ts` prints them, and exits 1 where one is over.
 */
import { readTemplate, templateFiles, templateText } from './templates/template.ts';

/**
 * CloudFormation user guide, quotas. A template that is larger has to be in S3. Teams change provider.yaml
 * before they deploy it, with tags of their own for example, so it leaves room.
 */
const limits = { bytes: 51_200, parameters: 200, resources: 500, outputs: 200 };
const kinds = Object.keys(limits) as (keyof typeof limits)[];
const closerLimits: Record<string, Partial<typeof limits>> = { 'provider.yaml': { bytes: 45_000 } };

export interface Size {
  file: string;
  /** A number for each kind, with its limit. */
  counts: { what: keyof typeof limits; count: number; limit: number }[];
}

/** The sizes of a template, by its path below templates/. */
export function sizeOf(file: string): Size {
  const { Parameters = {}, Resources, Outputs = {} } = readTemplate(file);
  const counted = {
    bytes: Buffer.byteLength(templateText(file)),
    parameters: Object.keys(Parameters).length,
    resources: Object.keys(Resources).length,
    outputs: Object.keys(Outputs).length,
  };
  const limit = { ...limits, ...closerLimits[file] };
  const counts = kinds.map((what) => ({ what, count: counted[what], limit: limit[what] }));
  return { file, counts };
}

/** The counts of a template that are over their limit. */
export const overLimit = ({ counts }: Size) => counts.filter(({ count, limit }) => count > limit);

function line({ file, counts }: Size): string {
  const columns = counts.map(({ what, count, limit }) => `${`${count}/${limit}`.padStart(11)} ${what}`);
  return `${file.padEnd(36)}${columns.join('  ')}`;
}

/** Prints the sizes; returns the exit code. */
export function run(): number {
  const sizes = templateFiles().map(sizeOf);
  for (const size of sizes) console.log(line(size));
  const over = sizes.filter((size) => overLimit(size).length > 0).map(({ file }) => file);
  if (over.length > 0) console.log(`over their limits: ${over.join(', ')}`);
  return over.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = run();
