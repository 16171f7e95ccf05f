/** Regions and accounts as a person writes them: separated by commas or blanks. */
import { CallerError } from '../../cli/connection/endings.ts';

const regionPattern = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

function list(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((part) => part !== ''))];
}

/** Each Region once, in the order given. @throws CallerError that names a text that is no Region */
export function parseRegions(text: string): string[] {
  const regions = list(text);
  if (regions.length === 0) throw new CallerError('No Region is named.');
  const wrong = regions.filter((region) => !regionPattern.test(region));
  if (wrong.length > 0) throw new CallerError(`Not an AWS Region: ${wrong.join(', ')}.`);
  return regions;
}

/** Each account once, in the order given. @throws CallerError that names a text that is no account id */
export function parseAccounts(text: string): string[] {
  const accounts = list(text);
  if (text !== '' && accounts.length === 0) throw new CallerError('No account is named.');
  const wrong = accounts.filter((account) => !/^\d{12}$/.test(account));
  if (wrong.length > 0) throw new CallerError(`Not an AWS account id (12 digits): ${wrong.join(', ')}.`);
  return accounts;
}
