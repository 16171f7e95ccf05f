/** The target of a data action, judged as the provider does before it writes the action. */
import { LAMBDA_TYPE, WEB_SERVICES_TYPE } from '../../provider/resources/aws-integration/schema.ts';
import { REQUEST_TYPES } from '../../provider/resources/data-action/definition.ts';
import { targetProblems } from '../../provider/resources/data-action/lambda-target.ts';
import {
  branches,
  dataOf,
  member,
  referencesOf,
  substituted,
  textOf,
  type Value,
} from '../templates/template.ts';
import { type Context, type Resource, typeOf } from './context.ts';
import { type Text, textsOf } from './data-action-texts.ts';

/** Stands for the ARN of a function that the deployment makes. */
const SOME_ARN = 'arn:aws:lambda:us-east-1:111122223333:function:name';
/** Stands for a target of which nothing is known, as a placeholder of Velocity does. */
const UNKNOWN_TARGET = '${unknown}';

export function checkTarget(resource: Resource, context: Context): void {
  const { logicalId } = resource;
  const callsLambda = callsFunctions(member(resource.properties, 'IntegrationId'), context);
  const { targets, methods } = textsOf(resource);
  const report = ([path, value]: Text, fix: string) => {
    return ({ problem }: { problem: string }) =>
      context.report('target', value.at, `${logicalId}.${path}`, problem, fix);
  };
  for (const target of targets) {
    const UrlTemplate = targetOf(target[1], context);
    const fix =
      callsLambda === false
        ? 'Write the address, or name an integration of the type aws-lambda-data-actions.'
        : 'Write the ARN of the function, with a version or an alias if you like: arn:aws:lambda:<region>:<account>:function:<name>.';
    targetProblems({ UrlTemplate }, callsLambda).forEach(report(target, fix));
  }
  for (const method of methods) {
    const Type = REQUEST_TYPES.find((one) => one === dataOf(method[1]));
    // Another word than a method's is another fault.
    if (Type === undefined) continue;
    const ofMethod = (targets.length === 0 ? [undefined] : targets).map((target) =>
      targetProblems(
        { UrlTemplate: target === undefined ? UNKNOWN_TARGET : targetOf(target[1], context), Type },
        callsLambda,
      ).find(({ path }) => path === 'Request.Type'),
    );
    // Which target goes with which method is not known.
    const [problem] = ofMethod;
    if (problem && !ofMethod.includes(undefined)) report(method, 'Write POST, or leave Type out.')(problem);
  }
}

/** The target as far as it is known: NUL stands for a part that the deployment decides. */
function targetOf(value: Value, context: Context): string {
  const [reference] = value.kind === 'call' && value.name === 'Fn::GetAtt' ? [...referencesOf(value)] : [];
  if (reference?.attribute === 'Arn' && typeOf(reference.name, context) === 'AWS::Lambda::Function')
    return SOME_ARN;
  const substitution = substituted(value);
  const text = withFunction(value, context) ?? substitution?.literal ?? substitution?.text ?? textOf(value);
  // A variable may hold the ARN, or the beginning of it.
  if (!text || /^\0[\w:$\0-]*$/.test(text) || text.includes('{{resolve:')) return UNKNOWN_TARGET;
  return text;
}

/** The text of `Fn::Sub` that begins with the ARN of a function of the template. */
function withFunction(value: Value, context: Context): string | undefined {
  if (value.kind !== 'call' || value.name !== 'Fn::Sub') return undefined;
  const [, name, rest] = /^\$\{(\w+)\.Arn\}([^{}]*)$/.exec(textOf(value.argument) ?? '') ?? [];
  if (name === undefined || typeOf(name, context) !== 'AWS::Lambda::Function') return undefined;
  return `${SOME_ARN}${rest}`;
}

/**
 * Whether the action's integration calls functions; undefined where that is not known. Only an integration of
 * the same template has a type that is known here.
 */
function callsFunctions(integrationId: Value | undefined, context: Context): boolean | undefined {
  const values = integrationId === undefined ? [] : branches(integrationId);
  const types = values.map((value) => {
    const [reference] = [...referencesOf(value)];
    if (reference === undefined || typeOf(reference.name, context) !== 'Custom::GenesysAwsIntegration')
      return undefined;
    const properties = member(context.declarations.get(reference.name), 'Properties');
    const type = member(properties, 'IntegrationType');
    return type === undefined ? LAMBDA_TYPE : dataOf(type);
  });
  const [first, ...others] = types;
  if (others.some((type) => type !== first)) return undefined;
  if (first === LAMBDA_TYPE) return true;
  return first === WEB_SERVICES_TYPE ? false : undefined;
}
