/**
 * The target of a data action. An integration that calls Lambda functions wants the ARN of one, and POST
 * (Genesys' own Terraform module, GenesysCloudDevOps/data-action-lambda-module; docs/assumptions.md, "The
 * method of a Lambda action").
 */
import { type PropertyProblem, problemAt } from '../../properties/index.ts';
import type { Described } from './definition.ts';

/**
 * The ARN of a function, or of a version or an alias of one. NUL stands for a part that only the deployment
 * knows; the command `validate` writes it.
 */
export const FUNCTION_ARN =
  /^(?:arn|\0):(?:aws[a-z-]*|\0):lambda:(?:[a-z0-9-]+|\0):(?:\d{12}|\0):function:[A-Za-z0-9_\0-]+(?::[A-Za-z0-9_$\0-]+)?$/;

/** The name of a function, which `!Ref` answers, and which is no address of a web service. */
const FUNCTION_NAME = /^[A-Za-z0-9_-]{1,140}$/;

/**
 * The faults of a target.
 * @param callsLambda whether the integration calls functions; undefined where nobody has said so. Then only a
 * target is judged that can be nothing else than a function's.
 */
export function targetProblems(
  { UrlTemplate, Type = 'POST' }: Described['Request'],
  callsLambda: boolean | undefined,
): PropertyProblem[] {
  if (callsLambda === false) {
    return UrlTemplate.startsWith('arn:')
      ? [
          problemAt(
            'Request.UrlTemplate',
            'must be an address such as https://example.com/orders, since its integration calls web services: a function needs an integration of the type aws-lambda-data-actions',
          ),
        ]
      : [];
  }
  const isFunction = FUNCTION_ARN.test(UrlTemplate);
  const isName = FUNCTION_NAME.test(UrlTemplate);
  const isMeant = isFunction || (callsLambda ?? (isName || UrlTemplate.startsWith('arn:')));
  if (!isMeant) return [];
  const problems: PropertyProblem[] = [];
  // A placeholder of Velocity may hold the whole ARN, or a part of it, but no ARN begins as an address does.
  if (!isFunction && (!UrlTemplate.includes('$') || /^https?:/i.test(UrlTemplate))) {
    problems.push(
      isName
        ? problemAt(
            'Request.UrlTemplate',
            `must be the ARN of a Lambda function, and ${UrlTemplate} looks like its name: write !GetAtt <logical id of the function>.Arn instead of !Ref`,
          )
        : problemAt(
            'Request.UrlTemplate',
            'must be the ARN of a Lambda function, with a version or an alias if you like: arn:aws:lambda:<region>:<account>:function:<name>',
          ),
    );
  }
  if (Type !== 'POST')
    problems.push(
      problemAt('Request.Type', `must be POST for a Lambda function, not ${Type}; or leave it out`),
    );
  return problems;
}
