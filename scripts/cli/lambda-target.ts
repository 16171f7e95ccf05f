/**
 * The request of a data action whose integration calls Lambda functions: the ARN of the function, and POST
 * (Genesys' own Terraform module, GenesysCloudDevOps/data-action-lambda-module; docs/assumptions.md, "The
 * method of a Lambda action").
 */
import { REQUEST_TYPES } from '../../provider/resources/data-action/definition.ts';
import { type Context, type Resource, typeOf } from './context.ts';
import {
  branches,
  branchesOf,
  dataOf,
  member,
  referencesOf,
  substituted,
  textOf,
  type Value,
} from './template.ts';

const LAMBDA_TYPE = 'aws-lambda-data-actions';
/** NUL stands for what is known at deployment only. */
const FUNCTION_ARN =
  /^(?:arn|\0):(?:aws[a-z-]*|\0):lambda:(?:[a-z0-9-]+|\0):(?:\d{12}|\0):function:[A-Za-z0-9_\0-]+(?::[A-Za-z0-9_$\0-]+)?$/;

/** Only an integration of the same template has a type that is known here. */
export function checkLambdaTarget(resource: Resource, context: Context): void {
  const { logicalId, properties } = resource;
  if (!isOfLambda(member(properties, 'IntegrationId'), context)) return;
  for (const request of branchesOf(properties, 'Request')) {
    for (const url of branchesOf(request, 'UrlTemplate')) {
      const text = substituted(url)?.text ?? textOf(url);
      // A reference may be an ARN, also before a version or an alias; a Velocity placeholder may hold one.
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
