import { SettingsError } from '../../common/errors.ts';

/** The settings of the rotation function beside those that every login has. */
export interface RotationSettings {
  /** ARN of the one secret that the function may rotate. */
  rotatedSecretArn: string;
}

/** @throws SettingsError that names the variable */
export function readRotationSettings(environment: NodeJS.ProcessEnv, ownSecretArn: string): RotationSettings {
  const rotatedSecretArn = environment['ROTATED_SECRET_ARN']?.trim() ?? '';
  if (!/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/oauth\/.+/.test(rotatedSecretArn)) {
    throw new SettingsError(
      'The environment variable ROTATED_SECRET_ARN must hold the ARN of a secret whose name begins with /genesys/oauth/.',
    );
  }
  if (rotatedSecretArn === ownSecretArn) {
    throw new SettingsError(
      'ROTATED_SECRET_ARN and GENESYS_OAUTH_SECRET_ARN name the same secret. The rotation needs an OAuth client of its own, because a reset voids the secret that it logs in with.',
    );
  }
  return { rotatedSecretArn };
}
