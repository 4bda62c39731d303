// Owns how clients and scopes are told to people: names in their language (RFC 7591 2.2), and what a scope lets a client do.
// Never renders.

import { nameOf, scopeAddress } from '../model/address.ts';
import type { ApplicationEntity, ClientMetadata } from '../model/entity.ts';
import { entityAt } from '../model/state.ts';
import type { Target } from './authorization-target.ts';
import type { ShownClient, ShownScope } from './page.ts';
import type { Snapshot } from './snapshot.ts';

const TRANSLATED = ['client_name', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;

/** `locales` are BCP 47 tags, the preferred one first. */
export function shownClient(
  { client, application }: Pick<Target, 'client' | 'application'>,
  locales: readonly string[],
): ShownClient {
  const metadata = application.metadata ?? {};
  const [client_name, client_uri, logo_uri, policy_uri, tos_uri] = TRANSLATED.map((name) =>
    inLanguage(metadata, name, locales),
  );
  return { name: client_name ?? nameOf(client), client_uri, logo_uri, policy_uri, tos_uri };
}

/** By the lookup of RFC 4647 3.4: `de-CH` falls back to `de`, and what has no translation to the untagged value. */
function inLanguage(
  metadata: ClientMetadata,
  name: (typeof TRANSLATED)[number],
  locales: readonly string[],
): string | undefined {
  if (locales.length === 0) return metadata[name];
  const tagged = new Map<string, string>();
  for (const [key, value] of Object.entries(metadata)) {
    const [base, tag] = key.split('#', 2);
    if (base === name && tag !== undefined && typeof value === 'string') tagged.set(tag.toLowerCase(), value);
  }
  for (const locale of locales) {
    for (let tag = locale.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const found = tagged.get(tag);
      if (found !== undefined) return found;
    }
  }
  return metadata[name];
}

/** Who the user is, which the client learns in any case; and offline_access, which pages tell in words of their own. */
const UNTOLD: ReadonlySet<string> = new Set(['openid', 'userinfo', 'oidc', 'offline_access']);

const STANDARD: { readonly [scope: string]: string } = {
  profile: 'See your name and your profile',
  email: 'See your e-mail address',
  address: 'See your postal address',
  phone: 'See your phone number',
};

/**
 * The description of each scope of the catalogue that has the key, else its first one (SEMANTICS N-70, N-71); the name of each
 * application.
 */
export function shownScopes(
  scopes: readonly string[],
  { state, index }: Snapshot,
  key: string | undefined,
): readonly ShownScope[] {
  return scopes.flatMap((scope) => {
    if (UNTOLD.has(scope)) return [];
    const descriptions = entityAt(state, 'scope', scopeAddress(scope))?.descriptions ?? [];
    const described = descriptions.find((one) => one.key === key) ?? descriptions[0];
    return [{ scope, description: described?.value ?? STANDARD[scope] ?? accessTo(scope, index) }];
  });
}

function accessTo(client_id: string, index: Snapshot['index']): string {
  const address = index.client(client_id);
  const application: ApplicationEntity | undefined = address && index.application(address);
  if (address === undefined || application === undefined) return client_id;
  return `Use ${application.metadata?.client_name ?? nameOf(address)} on your behalf`;
}
