/** The generator writes nothing. The message says why, and what to do next. */
export class Refused extends Error {}
