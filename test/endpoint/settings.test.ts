import { EndpointError } from '../../endpoint/errors.ts';
import { readSettings } from '../../endpoint/settings.ts';

function reason(environment: Record<string, string>): string {
  try {
    readSettings(environment);
    return 'accepted';
  } catch (error) {
    return error instanceof EndpointError ? `${error.code}: ${error.message}` : 'another error';
  }
}

describe('settings', () => {
  test('have defaults for all that is optional', () => {
    expect(readSettings({})).toMatchObject({
      REQUEST_ID_JMESPATH: 'requestId || transactionId',
      IDEMPOTENCY_WINDOW_SECONDS: 86_400,
      ON_UNKNOWN_OUTCOME: 'Retry',
      AUTHENTICATION: 'SharedSecret',
      SIGNATURE: 'Off',
      DIRECT_ANSWER: 'Data',
    });
  });

  test('that are empty count as unset', () => {
    expect(readSettings({ WORKER_FUNCTION_ARN: '', ON_UNKNOWN_OUTCOME: ' ' })).toEqual(readSettings({}));
  });

  test.each([
    ['ON_UNKNOWN_OUTCOME', 'retry'],
    ['IDEMPOTENCY_WINDOW_SECONDS', '1e3'],
    ['IDEMPOTENCY_WINDOW_SECONDS', '59'],
    ['CALLER_TIMEOUT_SECONDS', '0'],
    ['JWT_ISSUER', 'http://issuer.example'],
    ['JWT_JWKS', '{'],
    ['SHARED_SECRET_HEADER', 'two words'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(reason({ [name]: value })).toMatch(new RegExp(`^SettingsInvalid: .*${name}`));
  });

  test('of other programs in the environment do not matter', () => {
    expect(reason({ PATH: '/bin', AWS_REGION: 'eu-west-1' })).toBe('accepted');
  });
});
