/** Commands for a person who keeps the demo running: change, deploy, run, look and reset. */
import { type Deployment, deployArguments } from '../../local/aws/cli.ts';
import type { LocalWorld } from '../../local/world.ts';
import { quoted } from './steps.ts';

/** One thing that a person may want to do, and the shell commands for it. */
export interface Errand {
  title: string;
  commands: string[];
}

/** A command that runs a script in the Node of the checkout: a machine need not have curl. */
const inNode = (script: string) => `node --input-type=module -e ${quoted(script)}`;

/**
 * Errands in the order in which they make sense, for a shell in the checkout; the first prepares that shell.
 * @param deployment the quickstart as it was deployed last
 */
export function errands(
  { ministack, genesys }: Pick<LocalWorld, 'ministack' | 'genesys'>,
  deployment: Deployment,
): Errand[] {
  const { stackName, templateFile, parameters } = deployment;
  const changed = { ...deployment, parameters: { ...parameters, ActionCategory: 'Sales' } };
  const login = `${genesys.clientId}:${genesys.clientSecret}`;
  const output = (key: string) =>
    `aws cloudformation describe-stacks --stack-name ${stackName} --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue" --output text`;
  return [
    {
      title: 'Prepare a second shell in this folder',
      commands: [
        `export AWS_ENDPOINT_URL=${ministack.url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=${ministack.region}`,
        'export PATH="$PWD/.tools/bin:$PATH"',
      ],
    },
    {
      title: `Deploy a change: here another category; or edit ${templateFile} first`,
      commands: [`aws ${deployArguments(changed).map(quoted).join(' ')}`],
    },
    {
      title: 'Run the data action',
      commands: [
        `TOKEN=$(${inNode(`const {access_token} = await (await fetch('${genesys.url}/oauth/token', {method: 'POST', headers: {authorization: 'Basic ' + btoa('${login}')}, body: new URLSearchParams({grant_type: 'client_credentials'})})).json(); console.log(access_token)`)})`,
        `${inNode(`const [token, id] = process.argv.slice(1); console.log(await (await fetch('${genesys.url}/api/v2/integrations/actions/' + id + '/test', {method: 'POST', headers: {authorization: 'Bearer ' + token, 'content-type': 'application/json'}, body: '{"customerId":"1001"}'})).text())`)} "$TOKEN" "$(${output('DataActionId')})"`,
      ],
    },
    {
      title: "Look: the stack's events, and everything that Genesys Cloud has",
      commands: [
        `node scripts/demo/events.ts ${stackName}`,
        inNode(`console.log(await (await fetch('${genesys.url}/_control/state')).text())`),
      ],
    },
    {
      title: 'Reset: delete the stack; the second command deploys it again',
      commands: [
        `aws cloudformation delete-stack --stack-name ${stackName} && aws cloudformation wait stack-delete-complete --stack-name ${stackName}`,
        `aws ${deployArguments(deployment).map(quoted).join(' ')}`,
      ],
    },
  ];
}
