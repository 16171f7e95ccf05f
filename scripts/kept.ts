/** Commands for a person who keeps the demo running: change, deploy, run, look and reset. */
import { type Deployment, deployArguments } from '../local/aws/cli.ts';
import type { LocalWorld } from '../local/world.ts';
import { quoted } from './steps.ts';

/** One thing that a person may want to do, and the shell commands for it. */
export interface Errand {
  title: string;
  commands: string[];
}

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
        `TOKEN=$(curl -s -u ${quoted(login)} -d grant_type=client_credentials ${genesys.url}/oauth/token | node -p 'JSON.parse(fs.readFileSync(0)).access_token')`,
        `curl -s -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"customerId":"1001"}' "${genesys.url}/api/v2/integrations/actions/$(${output('DataActionId')})/test"`,
      ],
    },
    {
      title: "Look: the stack's events, and everything that Genesys Cloud has",
      commands: [`node scripts/events.ts ${stackName}`, `curl -s ${genesys.url}/_control/state`],
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
