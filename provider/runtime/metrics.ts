/** The namespace of the provider's own metrics in CloudWatch. */
const NAMESPACE = 'GenesysCloudCfn';

/**
 * Facts of a log entry that CloudWatch makes metrics of (embedded metric format). Their dimension is the
 * `service` that every entry names.
 * @param counts by the name of the metric
 * @param now milliseconds since the epoch
 */
export const metrics = (counts: Readonly<Record<string, number>>, now: number): Record<string, unknown> => ({
  ...counts,
  _aws: {
    Timestamp: now,
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [['service']],
        Metrics: Object.keys(counts).map((Name) => ({ Name, Unit: 'Count' })),
      },
    ],
  },
});
