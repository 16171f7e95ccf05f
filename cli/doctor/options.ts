import type { Search } from '../connection/provider-stack.ts';

export const formats = ['pretty', 'json'] as const;

/** The settings that a provider will be given, before its first deployment. */
export interface Plan {
  oauthSecretArn: string;
  /** Domain or AWS Region of the organization; a field of the secret wins. */
  genesysRegion?: string;
  apiBaseUrl?: string;
  loginBaseUrl?: string;
}

/** The options of a run, judged. */
export interface DoctorOptions {
  /** How the provider is found; missing before its first deployment. */
  search?: Search;
  plan?: Plan;
  /** Of the provider. By default the one of the AWS SDK's chain. */
  region?: string;
  /** Bucket of the packages. By default the one of the provider's stack. */
  bucket?: string;
  format: (typeof formats)[number];
}
