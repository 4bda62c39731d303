// Owns the lints about numbers: lifetimes that are long and hashes that are cheap. Never about what must not be at all.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseDuration } from '../model/duration.ts';
import type { TokenSettings } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import { isWeakPhc } from '../model/phc.ts';
import { DEFAULT_ACCESS_TTL_SECONDS, secretsWithin } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { codeTtlFault } from './check-refresh.ts';
import { rangeIn } from './entities.ts';

export function checkStrength(all: Bound, problems: Diagnostic[]): void {
  for (const [address, entity] of all.entities) {
    if (entity.kind === 'server' || entity.kind === 'application') checkLifetime(all, address, entity.tokens, problems);
    for (const { pointer, secret } of secretsWithin(entity)) {
      if (!('hash' in secret) || !isWeakPhc(secret.hash)) continue;
      problems.push(
        report('secret.weak-hash', {
          detail: 'the parameters of this hash are below what is advised for Argon2id',
          help: `Hash the ${entity.kind === 'user' ? 'password' : 'secret'} again: charter secret hash takes m=19456,t=2,p=1.`,
          range: rangeIn(all, address, `${pointer}/hash`),
          address,
        }),
      );
    }
  }
}

function checkLifetime(all: Bound, address: Address, tokens: TokenSettings | undefined, problems: Diagnostic[]): void {
  if (tokens !== undefined) tellLifetimes(tokens, (pointer) => rangeIn(all, address, pointer), address, problems);
}

/** Tells of the lifetimes that are written; `rangeAt` says where a pointer of the entity is. */
export function tellLifetimes(
  tokens: TokenSettings,
  rangeAt: (pointer: string) => SourceRange,
  address: Address,
  problems: Diagnostic[],
): void {
  if (isLongLived(tokens)) problems.push(longLived(tokens, rangeAt('/tokens/access_ttl'), address));
  const detail = tokens.code_ttl === undefined ? undefined : codeTtlFault(tokens.code_ttl);
  if (detail === undefined) return;
  problems.push(
    report('tokens.code-ttl', {
      detail,
      help: 'Write a lifetime from 1s to 600s; a minute is enough.',
      range: rangeAt('/tokens/code_ttl'),
      address,
    }),
  );
}

/** P:B-011: over an hour. */
function isLongLived({ access_ttl }: TokenSettings): boolean {
  const seconds = access_ttl === undefined ? undefined : parseDuration(access_ttl);
  return seconds !== undefined && seconds > DEFAULT_ACCESS_TTL_SECONDS;
}

function longLived({ access_ttl }: TokenSettings, range: SourceRange, address: Address): Diagnostic {
  return report('tokens.long-lived', {
    detail: `who finds a token can use it for ${access_ttl}`,
    help: 'Write 1h or less.',
    range,
    address,
  });
}
