/** Arithmetic of the bench: every timing is a median with its quartiles. */

export interface Summary {
  median: number;
  /** First and third quartile; half of the runs lie between them. */
  quartiles: [number, number];
  runs: number;
}

/** @throws Error for no values. */
export function summary(values: readonly number[]): Summary {
  return {
    median: round(quantile(values, 0.5)),
    quartiles: [round(quantile(values, 0.25)), round(quantile(values, 0.75))],
    runs: values.length,
  };
}

/** The quantile, interpolated between neighbours, as spreadsheets do. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new Error('no values');
  return below + (above - below) * (at - Math.floor(at));
}

/** `median (quartile–quartile)`. */
export const shown = ({ median: middle, quartiles: [first, third] }: Summary) =>
  `${middle} (${first}–${third})`;

export const median = (values: readonly number[]) => quantile(values, 0.5);

/**
 * Median of the ratios of pairs measured one after the other. A disturbance slows both of a pair, so the
 * ratio stays.
 */
export function pairedRatio(ours: readonly number[], reference: readonly number[]): number {
  return round(median(ours.map((value, index) => value / (reference[index] ?? Number.NaN))), 3);
}

/** Slope of the line of least squares through points, and its fit (1: all points lie on it). */
export function line(points: readonly (readonly [number, number])[]): {
  slope: number;
  start: number;
  fit: number;
} {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const slope = sxy / sxx;
  const start = meanY - slope * meanX;
  const residual = points.reduce((sum, [x, y]) => sum + (y - start - slope * x) ** 2, 0);
  const total = points.reduce((sum, [, y]) => sum + (y - meanY) ** 2, 0);
  return {
    slope: round(slope, 4),
    start: round(start),
    fit: round(total === 0 ? 1 : 1 - residual / total, 4),
  };
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
