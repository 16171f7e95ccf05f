import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { client, maxAttempts } from './limits.ts';

const secretsManager = client((requestHandler) => new SecretsManagerClient({ requestHandler, maxAttempts }));

/** The text of a secret's version at a stage; undefined if it is binary or missing. */
export async function secretText(secretId: string, stage: string): Promise<string | undefined> {
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
    return (await secretsManager().send(command)).SecretString;
  } catch (error) {
    // A secret that was never rotated has no previous version.
    if ((error as Error).name === 'ResourceNotFoundException' && stage === 'AWSPREVIOUS') return undefined;
    throw error;
  }
}
