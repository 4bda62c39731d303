// Owns the request that a server suggests to try. Never shows a secret: it names the variable that holds it.

import { decide } from '../../access/decide.ts';
import { type ApplicationAddress, compareText } from '../../model/address.ts';
import type { ApplicationEntity } from '../../model/entity.ts';
import type { Origins } from '../../model/origin.ts';
import { isEnabled } from '../../model/settings.ts';
import { entitiesOf, serverOf } from '../../model/state.ts';
import { advertisedFamily, PATHS } from '../../oauth/paths.ts';
import type { Snapshot } from '../../oauth/snapshot.ts';

/**
 * A curl command of the first client, as the spec is written, that gets a token; undefined when there is none. `base`
 * is where the issuer is reached.
 */
export function exampleRequest(snapshot: Snapshot, origins: Origins, base: string, now: number): string | undefined {
  const client = firstClient(snapshot, origins, now);
  if (client === undefined) return undefined;
  const { secret, client_id, metadata } = client;
  const path = PATHS[advertisedFamily(serverOf(snapshot.state))].token;
  const scope = metadata?.scope;
  const lines = [
    `curl -s ${quoted(base + path)}`,
    `-d grant_type=client_credentials ${parameter('client_id', client_id)}`,
    `--data-urlencode "client_secret=${secretWord(secret)}"`,
    ...(scope === undefined ? [] : [parameter('scope', scope)]),
  ];
  return lines.join(' \\\n    ');
}

function parameter(name: string, value: string): string {
  const option = /^[A-Za-z0-9_.~-]+$/.test(value) ? '-d' : '--data-urlencode';
  return `${option} ${quoted(`${name}=${value}`)}`;
}

function firstClient(snapshot: Snapshot, origins: Origins, now: number): ApplicationEntity | undefined {
  const candidates = [...entitiesOf(snapshot.state, 'application')]
    .filter(
      ([, { metadata, secret, ...application }]) =>
        isEnabled(application) &&
        secret !== undefined &&
        !('hash' in secret) &&
        metadata?.grant_types?.includes('client_credentials') === true &&
        metadata.token_endpoint_auth_method !== 'client_secret_basic',
    )
    .map(([address, application]) => ({ address, application, place: origins.get(address)?.('') }))
    .sort(
      (a, b) =>
        compareText(a.place?.file ?? '', b.place?.file ?? '') ||
        (a.place?.start.offset ?? 0) - (b.place?.start.offset ?? 0),
    );
  return candidates.find(({ address, application }) => {
    const client = address as ApplicationAddress;
    const scope = application.metadata?.scope?.split(' ');
    return decide(snapshot.index, { grant_type: 'client_credentials', client, scope }, now).allowed;
  })?.application;
}

function secretWord(secret: ApplicationEntity['secret']): string {
  if (secret !== undefined && 'env' in secret) return `$${secret.env}`;
  return '<the secret>';
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.:/=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
