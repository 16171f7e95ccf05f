/**
 * The local world in which people make mistakes: a provider, the stack of a colleague (base.ts), a provider
 * whose Genesys Cloud is in trouble, and one that cannot reach it. All of it is thrown away at the end, so
 * nothing is deleted.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { deploy, outputs, stackEvents } from '../../../local/aws/cli.ts';
import type { MiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation } from '../../../local/aws/stacks.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { oauthSecret } from '../../../local/world.ts';
import { ProviderWorld } from '../provider-world.ts';
import {
  baseTemplate,
  CLIENT_APP,
  madeByHand,
  makeSecret,
  oauthSecrets,
  PASSWORD,
  putFiles,
  SECRETS,
  type Secret,
  STACKS,
} from './base.ts';

/** Attempts at a time: some wait while others work. */
const AT_ONCE = 6;

/** @param stackName a name that no other mistake has */
export type Attempt = (world: MistakesWorld, stackName: string) => Promise<string>;

interface Made {
  /** Makes a mistake, and answers the words that the person reads. */
  make: Attempt;
  /** Whether the provider or Genesys Cloud waits for most of the time, so that others need not. */
  waits?: true;
}

export class MistakesWorld {
  readonly provider: ProviderWorld;
  readonly trouble: GenesysCloudServer;
  readonly cloudFormation: CloudFormationClient;
  /** ARNs of secrets by their short name. */
  readonly secrets: Record<string, string>;

  static async start(): Promise<MistakesWorld> {
    const provider = await ProviderWorld.start();
    const { ministack, genesys, prepared } = provider;
    const trouble = await startTrouble(provider);
    const oauth = await madeSecrets(ministack, inOAuth(oauthSecrets(genesys)));
    const others = await madeSecrets(ministack, SECRETS);
    await putFiles(ministack.url, prepared.bucket);
    await deployProviders(provider, trouble, Object.values(oauth));
    genesys.seed(madeByHand(await deployBase(provider, others['logs-in'] ?? '')));
    return new MistakesWorld(provider, trouble, { ...oauth, ...others });
  }

  private constructor(
    provider: ProviderWorld,
    trouble: GenesysCloudServer,
    secrets: MistakesWorld['secrets'],
  ) {
    this.provider = provider;
    this.trouble = trouble;
    this.cloudFormation = cloudFormation(provider.ministack);
    this.secrets = secrets;
  }

  /** The ARN of a secret by its short name. */
  secret(name: string): string {
    const arn = this.secrets[name];
    if (arn === undefined) throw new Error(`no secret ${name}`);
    return arn;
  }

  /** Texts that no message may show. */
  get hidden(): string[] {
    return [PASSWORD, this.provider.genesys.clientSecret, this.trouble.clientSecret];
  }

  /** Makes all mistakes, several at a time; answers what a person reads, by the mistake. */
  async answers<M extends Made>(mistakes: readonly M[]): Promise<Map<M, string | Error>> {
    const found = new Map<M, string | Error>();
    const numbered = [...mistakes.entries()];
    // Mistakes of one attempt share its answer.
    const made = new Map<Attempt, Promise<string>>();
    const make = async ([index, mistake]: [number, M]) => {
      const answer = made.get(mistake.make) ?? mistake.make(this, `mistake-${index}`);
      made.set(mistake.make, answer);
      found.set(mistake, await answer.catch((error: unknown) => error as Error));
    };
    const quick = numbered.filter(([, { waits }]) => waits !== true);
    const work = async () => {
      for (let next = quick.shift(); next !== undefined; next = quick.shift()) await make(next);
    };
    await Promise.all([
      ...numbered.filter(([, { waits }]) => waits === true).map(make),
      ...Array.from({ length: AT_ONCE }, work),
    ]);
    return found;
  }

  async stop(): Promise<void> {
    await this.trouble.close();
    await this.provider.stop();
  }
}

const inOAuth = (texts: Record<string, string>): Record<string, Secret> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { name: `/genesys/oauth/${name}`, text }]),
  );

/** ARNs by the short names of the secrets. */
async function madeSecrets(
  ministack: MiniStack,
  secrets: Record<string, Secret>,
): Promise<Record<string, string>> {
  const make = async ([name, secret]: [string, Secret]) => [name, await makeSecret(ministack.url, secret)];
  return Object.fromEntries(await Promise.all(Object.entries(secrets).map(make)));
}

/**
 * A Genesys Cloud that makes no credentials, does not list data actions, and takes very long to activate an
 * integration.
 */
async function startTrouble({
  ministack,
  genesys: { organizationId },
}: ProviderWorld): Promise<GenesysCloudServer> {
  const trouble = await startGenesysCloud({ awsEndpointUrl: ministack.url, organizationId });
  trouble.settings({ delays: { activationMs: 600_000 } });
  trouble.faults([
    {
      match: { method: 'POST', path: '/api/v2/integrations/credentials', count: 'every' },
      action: { status: 503, body: {} },
    },
    {
      match: { method: 'GET', path: '/api/v2/integrations/actions', count: 'every' },
      action: { hang: 'before' },
    },
  ]);
  return trouble;
}

/** @param oauth ARNs of the secrets that the first provider may log in with */
async function deployProviders(
  { ministack, world, prepared }: ProviderWorld,
  trouble: GenesysCloudServer,
  oauth: string[],
): Promise<void> {
  const { trouble: OAuthSecretArn = '' } = await madeSecrets(
    ministack,
    inOAuth({ trouble: oauthSecret(trouble) }),
  );
  const at = (url: string) => ({ GenesysApiBaseUrl: url, GenesysLoginBaseUrl: url });
  await Promise.all([
    world.deployProvider(prepared, {
      AdditionalOAuthSecretArns: oauth.join(','),
      DefinitionObjectArns: `arn:aws:s3:::${prepared.bucket}/definitions/*`,
      AllowedStacks: `base,${STACKS}`,
      SharedIntegrationIds: CLIENT_APP,
    }),
    world.deployProvider(
      prepared,
      { ExportPrefix: 'trouble', OAuthSecretArn, ...at(trouble.url) },
      'trouble',
    ),
    world.deployProvider(
      prepared,
      {
        ExportPrefix: 'unreachable',
        ResourceTypes: 'Custom::GenesysAwsIntegration',
        ...at('http://127.0.0.1:47'),
      },
      'unreachable',
    ),
  ]);
}

/** Deploys the colleague's stack; answers the id of the integration that she shares. */
async function deployBase(
  { ministack, genesys, files }: ProviderWorld,
  loginSecret: string,
): Promise<string> {
  const templateFile = await files.file(baseTemplate(genesys.organizationId, loginSecret));
  await deploy(ministack, { stackName: 'base', templateFile }).catch(async (error: unknown) => {
    const reasons = (await stackEvents(ministack, 'base')).map((event) => event.ResourceStatusReason ?? '');
    throw new Error(`The base: ${reasons.join('\n')}`, { cause: error });
  });
  const { Shared = '' } = await outputs(ministack, 'base');
  return Shared;
}
