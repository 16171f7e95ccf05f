/**
 * Refuses an action of which no call can succeed, before anything is written: Genesys Cloud takes it, the
 * deployment is green, and the first customer gets the error.
 */
import type { ObjectRecord } from '../../ledger/index.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { PropertyError, type PropertyProblem, problemAt } from '../../properties/index.ts';
import { LAMBDA_CREDENTIAL } from '../aws-integration/mapping.ts';
import { imbalance } from './json-balance.ts';
import { pathProblem } from './json-path.ts';
import { targetProblems } from './lambda-target.ts';
import type { DataActionProperties } from './schema.ts';

/**
 * A rollback is never refused, whatever it goes back to.
 * @param integration the ledger's record of the integration. It says the type, so Genesys Cloud is not asked.
 * @throws PropertyError
 */
export async function refuseDeadAction(
  properties: DataActionProperties,
  integration: ObjectRecord | undefined,
  operation: Operation,
): Promise<void> {
  if (operation.appliedBefore) return;
  const problems = deadEnds(properties, callsLambda(integration, operation));
  if (problems.length === 0 || (await operation.isRollingBack())) return;
  throw new PropertyError(problems);
}

/** Undefined for an integration that the ledger does not know, or whose type it does not tell. */
function callsLambda(record: ObjectRecord | undefined, { organization }: Operation): boolean | undefined {
  const type = record?.details['credentialType'];
  if (type === undefined || record?.organization !== organization.id) return undefined;
  return type === LAMBDA_CREDENTIAL;
}

/**
 * Everything by which calls of an action fail for certain.
 * @param callsLambda as `targetProblems` takes it
 */
export function deadEnds(
  { Request, Response = {} }: Pick<DataActionProperties, 'Request' | 'Response'>,
  callsLambda: boolean | undefined,
): PropertyProblem[] {
  const { TranslationMap = {}, SuccessTemplate } = Response;
  return [
    ...targetProblems(Request, callsLambda),
    ...(sendsJson(Request) ? balanceProblems('Request.Template', Request.Template) : []),
    ...balanceProblems('Response.SuccessTemplate', SuccessTemplate),
    ...Object.entries(TranslationMap).flatMap(([name, path]) => {
      const fault = pathProblem(path);
      return fault === undefined ? [] : [problemAt(`Response.TranslationMap.${name}`, fault)];
    }),
  ];
}

/** A body of another media type may begin with a brace and be no JSON. */
export function sendsJson({ Headers = {} }: Pick<DataActionProperties['Request'], 'Headers'>): boolean {
  const [, type] = Object.entries(Headers).find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  return type === undefined || /json/i.test(type);
}

function balanceProblems(path: string, template: string | undefined): PropertyProblem[] {
  const fault = template === undefined ? undefined : imbalance(template);
  return fault === undefined
    ? []
    : [problemAt(path, `is no JSON once Genesys Cloud has filled it in: ${fault}`)];
}
