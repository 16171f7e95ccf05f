/** The request of a data action whose integration calls Lambda functions. */
import { REQUEST_TYPES } from '../../provider/resources/data-action/definition.ts';
import { FUNCTION_ARN } from '../../provider/resources/data-action/lambda-target.ts';
import {
  branches,
  branchesOf,
  dataOf,
  member,
  referencesOf,
  substituted,
  textOf,
  type Value,
} from '../templates/template.ts';
import { type Context, type Resource, typeOf } from './context.ts';

const LAMBDA_TYPE = 'aws-lambda-data-actions';
/** Only an integration of the same template has a type that is known here. */
export function checkLambdaTarget(resource: Resource, context: Context): void {
  const { logicalId, properties } = resource;
  if (!isOfLambda(member(properties, 'IntegrationId'), context)) return;
  for (const request of branchesOf(properties, 'Request')) {
    for (const url of branchesOf(request, 'UrlTemplate')) {
      const text = substituted(url)?.text ?? textOf(url);
      // A reference may be an ARN, with a version or an alias behind it. So may a placeholder of Velocity.
      if (
        !text ||
        /^\0+(?::[\w$\0-]+)?$/.test(text) ||
        /\$|\{\{resolve:/.test(text) ||
        FUNCTION_ARN.test(text)
      )
        continue;
      context.report(
        'target',
        url.at,
        `${logicalId}.Request.UrlTemplate`,
        'its integration calls Lambda functions, and this is no ARN of one',
        'Write the ARN of the function, with a version or an alias if you like: arn:aws:lambda:<region>:<account>:function:<name>.',
      );
    }
    for (const type of branchesOf(request, 'Type')) {
      const method = dataOf(type);
      // Another word than a method's is another fault.
      if (method === 'POST' || !REQUEST_TYPES.some((one) => one === method)) continue;
      context.report(
        'target',
        type.at,
        `${logicalId}.Request.Type`,
        `its integration calls Lambda functions, which take POST and not ${method}`,
        'Write POST, or leave Type out.',
      );
    }
  }
}

function isOfLambda(integrationId: Value | undefined, context: Context): boolean {
  const values = integrationId === undefined ? [] : branches(integrationId);
  return (
    values.length > 0 &&
    values.every((value) => {
      const [reference] = [...referencesOf(value)];
      if (reference === undefined || typeOf(reference.name, context) !== 'Custom::GenesysAwsIntegration')
        return false;
      const properties = member(context.declarations.get(reference.name), 'Properties');
      const type = member(properties, 'IntegrationType');
      return type === undefined || dataOf(type) === LAMBDA_TYPE;
    })
  );
}
