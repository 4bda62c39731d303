// Owns what is said of declarations that failed their schema, so that one run tells all: what rests on keys that are as
// they should be. Never what rests on something being absent, nor on a reference: that may be the failed key's fault.

import { type ApplicationAddress, SERVER } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, Secret } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import { bindMetadata } from './bind-metadata.ts';
import { tellItem } from './bind-policy.ts';
import { checkIssuer } from './bind-server.ts';
import { report } from './catalogue.ts';
import { checkAuthentication, checkGrants, type Tell } from './check-clients.ts';
import { checkUserGrants } from './check-grants.ts';
import { tellLifetimes } from './check-strength.ts';
import type { SiteMetadata } from './documents.gen.ts';
import type { ApplicationDeclaration, Declarations } from './merge.ts';
import { type Entry, entryOf, itemsOf, rangeOf, spanAt, stepsOf } from './tree.ts';

export function checkUnsound({ server, applications, policies }: Declarations, problems: Diagnostic[]): void {
  if (server !== undefined && !server.sound) {
    if (typeof server.value.issuer === 'string' && server.soundAt(['issuer'])) checkIssuer(server, problems);
    const { tokens } = server.value;
    if (tokens !== undefined && server.soundAt(['tokens'])) {
      tellLifetimes(tokens, (pointer) => rangeBelow(server.entry, pointer), SERVER, problems);
    }
  }
  for (const [address, declaration] of applications) {
    if (!declaration.sound) checkApplication(address, declaration, problems);
  }
  for (const [address, { entry, sound }] of policies) {
    if (sound) continue;
    for (const item of itemsOf(entryOf(entry.value, 'items')?.value)) tellItem(address, item, problems);
  }
}

function checkApplication(
  address: ApplicationAddress,
  declaration: ApplicationDeclaration,
  problems: Diagnostic[],
): void {
  const { entry, value, soundAt } = declaration;
  const tell: Tell = (code, pointer, detail, help, related = []) => {
    if (restsOnAbsence(code, pointer)) return;
    problems.push(report(code, { detail, help, range: rangeBelow(entry, pointer), address, related }));
  };
  const metadata = soundMetadata(declaration);
  const written = entryOf(entry.value, 'metadata');
  const hasSecrets = entryOf(entry.value, 'secrets') !== undefined;
  const known: ApplicationEntity = {
    kind: 'application',
    client_id: '',
    ...(metadata === undefined ? {} : { metadata: bindMetadata(metadata, written, address, problems) }),
    ...(hasSecrets ? { secrets: NO_SECRETS } : {}),
  };
  checkGrants(known, tell);
  checkUserGrants(known, tell);
  checkAuthentication(known, hasSecrets || entryOf(entry.value, 'secret') !== undefined, tell);
  if (value.tokens !== undefined && soundAt(['tokens'])) {
    tellLifetimes(value.tokens, (pointer) => rangeBelow(entry, pointer), address, problems);
  }
}

function rangeBelow(entry: Entry, pointer: string): SourceRange {
  return rangeOf(spanAt(entry.value, stepsOf(pointer), entry.keySpan));
}

const NO_SECRETS: readonly Secret[] = [];

const LISTS_OF_URIS: readonly string[] = ['redirect_uris', 'post_logout_redirect_uris'];

/** The keys of the metadata that passed; of lists of URIs those whose form is right are judged one by one. */
function soundMetadata({ entry, value, soundAt }: ApplicationDeclaration): SiteMetadata | undefined {
  const written = entryOf(entry.value, 'metadata');
  if (written?.value.type !== 'map' || typeof value.metadata !== 'object' || value.metadata === null) return undefined;
  return Object.fromEntries(
    Object.entries(value.metadata).filter(
      ([key, member]) => soundAt(['metadata', key]) || (LISTS_OF_URIS.includes(key) && Array.isArray(member)),
    ),
  );
}

/** Whether a finding may be the consequence of a key that failed. */
function restsOnAbsence(code: string, pointer: string): boolean {
  return (
    code === 'client.no-redirect-uri' ||
    code === 'client.no-secret' ||
    code === 'client.no-key' ||
    code === 'client.no-mac-secret' ||
    code === 'client.no-certificate' ||
    code === 'client.certificate-name' ||
    code === 'client.certificate-authority' ||
    code === 'client.signing-alg' ||
    (code === 'pkce-off' && pointer === '/metadata/grant_types') ||
    (code === 'client.response-types' && pointer === '/metadata/response_types')
  );
}
