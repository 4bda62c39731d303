// Owns what must hold of an application's refresh tokens (SEMANTICS N-30, N-31, X-03; RFC 9700 4.14.2). Never about how
// access tokens look.

import { parseDuration } from '../model/duration.ts';
import type { ApplicationEntity, ServerEntity } from '../model/entity.ts';
import { refreshSettings, tokenSettings } from '../model/settings.ts';
import type { Tell } from './check-clients.ts';

/** RFC 9700 4.14.2: a lost answer is asked for again within seconds. */
const LONGEST_GRACE_SECONDS = 60;

export function checkRefresh(
  application: ApplicationEntity,
  server: ServerEntity | undefined,
  isImpersonating: boolean,
  tell: Tell,
): void {
  const { tokens, metadata } = application;
  const written = tokens?.refresh;
  const { enabled, ttl, grace } = refreshSettings(application);
  const access = tokenSettings(server, application).access_ttl;
  if (enabled && ttl <= access) {
    tell(
      'refresh.ttl',
      written?.ttl === undefined ? '/tokens/access_ttl' : '/tokens/refresh/ttl',
      `refresh tokens live for ${written?.ttl ?? '30d'}, and access tokens for no less`,
      `Write a ttl of more than ${access}s, or a shorter access_ttl.`,
    );
  }
  if (grace > LONGEST_GRACE_SECONDS) {
    tell(
      'refresh.grace',
      '/tokens/refresh/grace',
      `whoever has a refresh token that was used is answered for ${written?.grace} more`,
      'Write 60s or less; 10s are enough for a request that is sent again.',
    );
  }
  if (isImpersonating && written?.for_client_credentials === true) {
    tell(
      'refresh.impersonating',
      '/tokens/refresh/for_client_credentials',
      'the client impersonates a user, and would go on as that user without its secret',
      'Remove for_client_credentials: the client asks for a new token by client_credentials.',
    );
  }
  const without = whyNone(application, enabled);
  if (without === undefined) return;
  const position = metadata?.grant_types?.indexOf('refresh_token') ?? -1;
  const [detail, help] = without;
  tell(
    'refresh.no-effect',
    written !== undefined ? '/tokens/refresh' : `/metadata/grant_types/${position}`,
    detail,
    help,
  );
}

/** Why what is configured issues none, and what to do; undefined where some are issued, or nothing is configured. */
function whyNone(
  { tokens, metadata }: ApplicationEntity,
  enabled: boolean,
): readonly [detail: string, help: string] | undefined {
  const { enabled: _, ...others } = tokens?.refresh ?? {};
  const grants = metadata?.grant_types ?? [];
  if (!enabled) {
    if (Object.keys(others).length === 0) return undefined;
    return [
      'the client has no refresh tokens',
      'Add refresh_token to grant_types, or write enabled: true; or remove the settings.',
    ];
  }
  if (grants.includes('authorization_code')) return undefined;
  if (grants.includes('password')) {
    if (others.require_live_session !== true) return undefined;
    return [
      'by password none is issued where one needs a live session, as there is none',
      'Remove require_live_session, or use authorization_code.',
    ];
  }
  if (grants.includes('client_credentials')) {
    if (others.for_client_credentials === true) return undefined;
    return [
      'by client_credentials none is issued',
      'Write for_client_credentials: true, or leave them off: the client can ask for a token whenever it likes.',
    ];
  }
  return [
    'the client has no grant that a refresh token comes with',
    'Add authorization_code to grant_types, or remove what is about refresh tokens.',
  ];
}

/** RFC 6749 4.1.2. */
const LONGEST_CODE_SECONDS = 600;

/** What is wrong with a lifetime of codes; undefined when nothing is. */
export function codeTtlFault(written: string): string | undefined {
  const seconds = parseDuration(written);
  if (seconds === 0) return 'a code that ends at once can never be redeemed';
  return seconds !== undefined && seconds > LONGEST_CODE_SECONDS
    ? `who finds a code has ${written} to redeem it`
    : undefined;
}
