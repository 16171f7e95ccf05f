/** Distributes resources over templates, because CloudFormation limits what one may have. */

/** Resources that refer to each other: an integration and its data actions. */
export type Group<T> = T[];

export interface Size {
  bytes: number;
  parameters: number;
}

/**
 * CloudFormation takes 500 resources, 200 parameters and 1 MB from S3 (User Guide, "CloudFormation quotas").
 * The parts are smaller, so that a person can add something.
 */
export const MOST = { resources: 450, parameters: 150, bytes: 900_000 };

interface Part<T> extends Size {
  all: T[];
}

const EMPTY: Part<never> = { all: [], bytes: 0, parameters: 0 };

/**
 * Each group goes into one part where it fits; a larger one is spread over several. The order stays.
 * @param sizeOf what a resource adds to its part, at most
 */
export function distribute<T>(groups: readonly Group<T>[], sizeOf: (one: T) => Size): T[][] {
  const parts: Part<T>[] = [];
  const open = () => {
    const part = { ...EMPTY, all: [] };
    parts.push(part);
    return part;
  };
  const fits = (part: Part<unknown>, group: Group<T>) => {
    const sizes = group.map(sizeOf);
    const sum = (of: keyof Size) => sizes.reduce((total, size) => total + size[of], part[of]);
    return (
      part.all.length + group.length <= MOST.resources &&
      sum('parameters') <= MOST.parameters &&
      sum('bytes') <= MOST.bytes
    );
  };
  const add = (part: Part<T>, one: T) => {
    const { bytes, parameters } = sizeOf(one);
    part.all.push(one);
    part.bytes += bytes;
    part.parameters += parameters;
  };
  for (const group of groups) {
    let part = parts.at(-1) ?? open();
    if (!fits(part, group) && fits(EMPTY, group)) part = open();
    for (const one of group) {
      if (!fits(part, [one]) && part.all.length > 0) part = open();
      add(part, one);
    }
  }
  return parts.map(({ all }) => all);
}
