import { LocalAws } from '../../../local/aws/in-process.ts';
import { ledgerRules, TABLE } from './rules.ts';

describe('over the local table', () =>
  ledgerRules(async () => {
    const aws = await LocalAws.start();
    aws.tables.set(TABLE, new Map());
    return { endpoint: aws.url, stop: () => aws.stop() };
  }));
