/** Single rules of the protocol. Each test plays the fault that would break its rule. */
import { cellsAt, nameOf, type Operation, places, runCell } from '../../local/faults/matrix.ts';
import { say } from '../../local/faults/verdicts.ts';

const INTEGRATION = 'Custom::GenesysAwsIntegration';

async function findings(operation: Operation, call: string, faults: string[]): Promise<string[]> {
  const at = (await places(INTEGRATION, operation)).filter((place) => place.operation === call);
  expect(at).not.toEqual([]);
  const cells = at
    .flatMap((place) => cellsAt(INTEGRATION, operation, place))
    .filter(({ fault }) => faults.includes(fault));
  const broken: string[] = [];
  for (const cell of cells) {
    const found = await runCell(cell);
    if (found.length > 0) broken.push(`${nameOf(cell)}: ${say(found)}`);
  }
  return broken;
}

test.each(['POST /api/v2/integrations', 'POST /api/v2/integrations/credentials'])(
  '%s of unknown outcome is looked for before it is sent again: one object, never two',
  async (call) => {
    expect(await findings('create', call, ['500 after', '504 after', 'reset after', 'hang after'])).toEqual(
      [],
    );
  },
);

test('an answer that is refused or lost is answered again by the next delivery, and truly', async () => {
  expect(
    await findings('create', 'PUT', ['403', '503', 'reset before', 'reset after', 'hang before']),
  ).toEqual([]);
});

test('Genesys Cloud that fails for ever ends a request in time, with one answer', async () => {
  expect(
    await findings('update', 'PUT /api/v2/integrations/{id}/config/current', [
      '401',
      '429',
      '503',
      'hang before',
    ]),
  ).toEqual([]);
});
