import { SettingsError } from '../../common/errors.ts';
import { byDistance, cut } from '../../common/text.ts';

/** A region of Genesys Cloud, with `api.<domain>` and `login.<domain>`, in one AWS region. */
export interface Region {
  readonly awsRegion: string;
  readonly domain: string;
}

/** Every region with an API of its own (SDK 262 PureCloudRegionHosts.js; Terraform provider, provider.go). */
export const regions: readonly Region[] = [
  { awsRegion: 'us-east-1', domain: 'mypurecloud.com' },
  { awsRegion: 'us-east-2', domain: 'use2.us-gov-pure.cloud' },
  { awsRegion: 'us-west-2', domain: 'usw2.pure.cloud' },
  { awsRegion: 'ca-central-1', domain: 'cac1.pure.cloud' },
  { awsRegion: 'sa-east-1', domain: 'sae1.pure.cloud' },
  { awsRegion: 'mx-central-1', domain: 'mxc1.pure.cloud' },
  { awsRegion: 'eu-west-1', domain: 'mypurecloud.ie' },
  { awsRegion: 'eu-west-2', domain: 'euw2.pure.cloud' },
  { awsRegion: 'eu-central-1', domain: 'mypurecloud.de' },
  { awsRegion: 'eu-central-2', domain: 'euc2.pure.cloud' },
  { awsRegion: 'eusc-de-east-1', domain: 'edee1.eusc-pure.cloud' },
  { awsRegion: 'me-central-1', domain: 'mec1.pure.cloud' },
  { awsRegion: 'ap-south-1', domain: 'aps1.pure.cloud' },
  { awsRegion: 'ap-northeast-1', domain: 'mypurecloud.jp' },
  { awsRegion: 'ap-northeast-2', domain: 'apne2.pure.cloud' },
  { awsRegion: 'ap-northeast-3', domain: 'apne3.pure.cloud' },
  { awsRegion: 'ap-southeast-1', domain: 'apse1.pure.cloud' },
  { awsRegion: 'ap-southeast-2', domain: 'mypurecloud.com.au' },
];

/**
 * The AWS region that hosts a domain, e.g. `eu-west-1` for `mypurecloud.ie`; undefined for an unknown one.
 */
export function regionOf(domain: string): string | undefined {
  return regions.find((region) => region.domain === domain)?.awsRegion;
}

/**
 * The region of a domain (`mypurecloud.ie`) or of an AWS region name (`eu-west-1`).
 * @param source the place of the text, for the message
 * @throws SettingsError for any other text, with the nearest regions. The SDK would take it for a host.
 */
export function resolveEnvironment(text: string, source = 'GENESYS_ENVIRONMENT'): Region {
  const wanted = text.trim().toLowerCase();
  const found = regions.find((region) => region.domain === wanted || region.awsRegion === wanted);
  if (found) return found;
  const near = nearestRegions(wanted).map((region) => `${region.domain} (${region.awsRegion})`);
  const shown = cut(wanted, 80);
  throw new SettingsError(
    `${source} is ${shown === '' ? 'empty' : `"${shown}"`}, which is no region of Genesys Cloud. ` +
      `Give its domain or its AWS region name; nearest: ${near.join(', ')}.`,
  );
}

/** The three regions whose domain or AWS name is nearest. */
function nearestRegions(wanted: string): Region[] {
  // People paste addresses of the API or of the application.
  const host = wanted
    .slice(0, 80)
    .replace(/^https?:\/\//, '')
    .replace(/^(api|login|apps)\./, '')
    .replace(/[/:].*$/, '');
  const names = byDistance(
    host,
    regions.flatMap(({ domain, awsRegion }) => [domain, awsRegion]),
  );
  const found = names.flatMap(({ name }) =>
    regions.filter(({ domain, awsRegion }) => name === domain || name === awsRegion),
  );
  return [...new Set(found)].slice(0, 3);
}
