import { SettingsError } from '../../common/errors.ts';
import { resolveEnvironment } from './regions.ts';

/** The addresses of one OAuth client's region of Genesys Cloud. */
export interface Hosts {
  /** Base address of the API, without a slash at its end, e.g. `https://api.mypurecloud.ie`. */
  readonly api: string;
  /** Base address of the token endpoint, e.g. `https://login.mypurecloud.ie`. */
  readonly login: string;
  /** `mypurecloud.ie`; the API's host where the settings give addresses only. */
  readonly domain: string;
  /** AWS region of the domain; undefined where the settings give addresses only. */
  readonly awsRegion: string | undefined;
}

export interface HostSettings {
  /** Domain or AWS region name (GENESYS_ENVIRONMENT). */
  readonly environment?: string | undefined;
  /** Replaces `https://api.<domain>` (GENESYS_API_BASE_URL). */
  readonly apiBaseUrl?: string | undefined;
  /** Replaces `https://login.<domain>` (GENESYS_LOGIN_BASE_URL). */
  readonly loginBaseUrl?: string | undefined;
}

/**
 * The hosts for one secret. The secret's own environment wins over the setting, and given addresses win over
 * both.
 * @throws SettingsError that names the setting
 */
export function resolveHosts(settings: HostSettings, environmentOfSecret: string | undefined): Hosts {
  const api = settings.apiBaseUrl && baseUrl(settings.apiBaseUrl, 'GENESYS_API_BASE_URL');
  const login = settings.loginBaseUrl && baseUrl(settings.loginBaseUrl, 'GENESYS_LOGIN_BASE_URL');
  const region = environmentOfSecret
    ? resolveEnvironment(environmentOfSecret, 'The field "environment" of the OAuth secret')
    : settings.environment
      ? resolveEnvironment(settings.environment)
      : undefined;
  if (region) {
    return {
      api: api || `https://api.${region.domain}`,
      login: login || `https://login.${region.domain}`,
      ...region,
    };
  }
  if (api && login) return { api, login, domain: new URL(api).hostname, awsRegion: undefined };
  throw new SettingsError(
    'The region of Genesys Cloud is not known. Set GENESYS_ENVIRONMENT, or the field "environment" of the ' +
      'OAuth secret, to a domain (mypurecloud.ie) or an AWS region name (eu-west-1).',
  );
}

function baseUrl(text: string, setting: string): string {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new SettingsError(`${setting} must be an address such as https://gateway.example.com.`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new SettingsError(`${setting} must hold no user, password, query or fragment.`);
  }
  if (url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new SettingsError(`${setting} must begin with https://: the OAuth secret is sent there.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
