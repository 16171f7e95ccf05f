/** The provider's stack, its export, and the stacks that use it. */
import { ListImportsCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { exportsOf, isFailedCreation, isNotImported, outputsOf } from '../connection/provider-stack.ts';
import { nameOf } from './aws.ts';
import type { Check } from './check.ts';
import { type Facts, NoProviderError } from './facts.ts';
import { fault, faultsOr, fine, nothing, type Outcome } from './outcome.ts';

/** The fix of everything that the stack itself sets. */
export const DEPLOY = "Deploy templates/provider.yaml again with the stack's parameters.";

export const stackChecks: Check[] = [
  {
    id: 'provider-stack',
    title: "The provider's stack is deployed",
    reads: ['cloudformation:ListExports', 'cloudformation:DescribeStacks'],
    look: lookAtStack,
  },
  {
    id: 'export',
    title: "The stack's ServiceToken is exported, and in the SSM parameter",
    reads: ['cloudformation:ListExports', 'ssm:GetParameter'],
    look: lookAtExport,
  },
  {
    id: 'consumers',
    title: 'No stack that imports the ServiceToken or owns an object has failed half-way',
    reads: ['cloudformation:ListImports', 'cloudformation:DescribeStacks', 'dynamodb:Scan'],
    look: lookAtConsumers,
  },
];

const HALF_WAY = /_FAILED$|^ROLLBACK_COMPLETE$/;

async function lookAtStack(facts: Facts) {
  try {
    const stack = await facts.stack.orError();
    const { StackName, StackStatus = '', StackStatusReason: reason } = stack;
    const because = reason === undefined ? '' : ` ${reason}`;
    if (isFailedCreation(stack) && StackStatus !== 'REVIEW_IN_PROGRESS') {
      return fault(
        `The creation of the stack ${StackName} has failed (${StackStatus}).${because}`,
        deleteAndDeploy(StackName ?? ''),
      );
    }
    if (HALF_WAY.test(StackStatus))
      return fault(`The stack ${StackName} is ${StackStatus}.${because}`, wayOutOf(stack));
    const token = outputsOf(stack)['ServiceToken'];
    if (token === undefined) {
      return fault(
        `The stack ${StackName} (${StackStatus}) has no output ServiceToken: it is no provider.`,
        'Name the stack of the provider by --stack-name, or its prefix by --export-prefix.',
      );
    }
    return fine(`${StackName}: ${StackStatus}, version ${outputsOf(stack)['TemplateVersion'] ?? 'unknown'}`);
  } catch (error) {
    if (!(error instanceof NoProviderError)) throw error;
    return fault(
      error.message,
      'Give the right --region, --export-prefix or --stack-name. Before the first deployment give --secret instead.',
    );
  }
}

/** By the status of the stack. */
const WAYS_OUT: Readonly<Record<string, (name: string) => string>> = {
  UPDATE_ROLLBACK_FAILED: (name) =>
    `Remove the cause, then aws cloudformation continue-update-rollback --stack-name ${name}`,
  DELETE_FAILED: (name) =>
    `Remove what still depends on the object that the reason names, then aws cloudformation delete-stack --stack-name ${name}`,
  UPDATE_FAILED: (name) =>
    `Mend what the reason names and deploy again, or aws cloudformation rollback-stack --stack-name ${name}`,
};

const deleteAndDeploy = (name: string) =>
  `Mend what the first failure in its events names, delete the stack (aws cloudformation delete-stack --stack-name ${name}), and deploy again.`;

const wayOutOf = ({ StackName = '', StackStatus }: Stack) =>
  (WAYS_OUT[String(StackStatus)] ?? deleteAndDeploy)(StackName);

async function lookAtExport(facts: Facts) {
  const stack = await facts.stack();
  const token = await facts.serviceToken();
  const prefix = (await facts.parameters())['ExportPrefix'] ?? '';
  const faults: Outcome[] = [];
  const name = exportsOf(stack).find((one) => one.endsWith('-ServiceToken'));
  const exported = name === undefined ? undefined : (await facts.exports()).get(name);
  if (exported !== token) {
    faults.push(
      fault(
        `${name === undefined ? 'No export has the ServiceToken' : `The export ${name} is ${exported ?? 'gone'}`}, and the stack's output is ${token}.`,
        DEPLOY,
      ),
    );
  }
  const parameter = outputsOf(stack)['ServiceTokenParameterName'] ?? `/${prefix}/provider/service-token`;
  const value = await valueOfParameter(facts, parameter);
  if (value !== token) {
    faults.push(
      fault(
        `The SSM parameter ${parameter} ${value === undefined ? 'is gone' : `holds ${value}`}, and the stack's ServiceToken is ${token}.`,
        `aws ssm put-parameter --overwrite --type String --name ${parameter} --value ${token}`,
      ),
    );
  }
  return faultsOr(faults, name);
}

async function valueOfParameter(facts: Facts, name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await facts.aws.json<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
      Name: name,
    });
    return Parameter.Value;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw error;
  }
}

/** Names of the stacks that import the ServiceToken. */
async function importersOf(facts: Facts): Promise<string[]> {
  const stack = await facts.stack();
  const name = exportsOf(stack).find((one) => one.endsWith('-ServiceToken'));
  if (name === undefined) return [];
  const names: string[] = [];
  let token: string | undefined;
  try {
    do {
      const { Imports = [], NextToken } = await facts.aws.ask('cloudformation:ListImports', () =>
        facts.aws.cloudFormation.send(
          new ListImportsCommand({ ExportName: name, ...(token ? { NextToken: token } : {}) }),
        ),
      );
      names.push(...Imports);
      token = NextToken;
    } while (token !== undefined);
  } catch (error) {
    if (!isNotImported(error)) throw error;
  }
  return names;
}

async function lookAtConsumers(facts: Facts) {
  const importers = await importersOf(facts);
  const owners = new Set((await facts.ledger()).owners.map(({ stackId }) => stackId));
  const consumers = (await facts.stacks()).filter(
    ({ StackName = '', StackId = '' }) => importers.includes(StackName) || owners.has(StackId),
  );
  if (consumers.length === 0) return nothing('no stack of this account and Region uses it');
  const names = consumers.map(({ StackName }) => StackName).sort();
  return faultsOr(
    consumers
      .filter(({ StackStatus = '' }) => HALF_WAY.test(StackStatus))
      .map((stack) =>
        fault(
          `The stack ${stack.StackName} is ${stack.StackStatus}. ${stack.StackStatusReason ?? ''}`.trim(),
          wayOutOf(stack),
        ),
      ),
    `${names.length}: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  );
}
