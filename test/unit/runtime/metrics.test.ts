import { metrics } from '../../../provider/runtime/metrics.ts';

test('the facts of a log entry carry its metrics in the embedded metric format', () => {
  expect(metrics({ ObjectsBelievedGone: 1, UsersOfObjectsBelievedGone: 3 }, 1767225600000)).toEqual({
    ObjectsBelievedGone: 1,
    UsersOfObjectsBelievedGone: 3,
    _aws: {
      Timestamp: 1767225600000,
      CloudWatchMetrics: [
        {
          Namespace: 'GenesysCloudCfn',
          Dimensions: [['service']],
          Metrics: [
            { Name: 'ObjectsBelievedGone', Unit: 'Count' },
            { Name: 'UsersOfObjectsBelievedGone', Unit: 'Count' },
          ],
        },
      ],
    },
  });
});
