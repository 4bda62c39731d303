// Owns the request that a server suggests to try. Never shows a secret: it names the variable that holds it.

import { decide } from '../../access/decide.ts';
import { type ApplicationAddress, compareText } from '../../model/address.ts';
import { isWithin, periodOf } from '../../model/duration.ts';
import type { ApplicationEntity, SecretReference } from '../../model/entity.ts';
import type { Origins } from '../../model/origin.ts';
import { isEnabled, secretsOf } from '../../model/settings.ts';
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
  const { client_id, metadata } = client;
  const path = PATHS[advertisedFamily(serverOf(snapshot.state))].token;
  const scope = metadata?.scope;
  const lines = [
    `curl -s ${quoted(base + path)}`,
    `-d grant_type=client_credentials ${parameter('client_id', client_id)}`,
    `--data-urlencode "client_secret=${secretWord(usableSecret(client, now))}"`,
    ...(scope === undefined ? [] : [parameter('scope', scope)]),
  ];
  return lines.join(' \\\n    ');
}

/** Who tries it sits at this machine, and a client may be bound to others. */
const HERE = '127.0.0.1';

function parameter(name: string, value: string): string {
  const option = /^[A-Za-z0-9_.~-]+$/.test(value) ? '-d' : '--data-urlencode';
  return `${option} ${quoted(`${name}=${value}`)}`;
}

function firstClient(snapshot: Snapshot, origins: Origins, now: number): ApplicationEntity | undefined {
  const candidates = [...entitiesOf(snapshot.state, 'application')]
    .filter(
      ([, { metadata, ...application }]) =>
        isEnabled(application) &&
        usableSecret(application, now) !== undefined &&
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
    return decide(snapshot.index, { grant_type: 'client_credentials', client, scope, ip: HERE }, now).allowed;
  })?.application;
}

/** The last that counts now and whose value somebody has: of several, the one that clients move to. */
function usableSecret(
  application: Pick<ApplicationEntity, 'secret' | 'secrets'>,
  now: number,
): SecretReference | undefined {
  return secretsOf(application).findLast((secret) => !('hash' in secret) && isWithin(periodOf(secret), now));
}

function secretWord(secret: SecretReference | undefined): string {
  if (secret !== undefined && 'env' in secret) return `$${secret.env}`;
  return '<the secret>';
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.:/=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
