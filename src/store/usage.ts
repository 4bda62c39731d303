// Owns the answer to how applications and users are in use: live tokens are counted, last use was recorded. Never writes.

import { type Address, kindOf } from '../model/address.ts';
import type { Usage } from '../plan/port.ts';
import { type ReadStatements, USAGE_ADDRESSES } from './sql.ts';

/** `now` in milliseconds since the epoch. What has no usage is not in the answer. */
export function usageOf(sql: ReadStatements, addresses: readonly Address[], now: number): [Address, Usage][] {
  const found: [Address, Usage][] = [];
  for (let start = 0; start < addresses.length; start += USAGE_ADDRESSES) {
    found.push(...usageOfSome(sql, addresses.slice(start, start + USAGE_ADDRESSES), now));
  }
  return found;
}

function usageOfSome(sql: ReadStatements, addresses: readonly Address[], now: number): [Address, Usage][] {
  // A token of the second that has begun has ended; a place that is not needed asks for nothing.
  const seconds = Math.floor(now / 1000);
  const placed = Array.from({ length: USAGE_ADDRESSES }, (_, index) => addresses[index] ?? null);
  const some = (kind: string) => addresses.some((address) => kindOf(address) === kind);
  const live = new Map([
    ...(some('application') ? sql.liveTokensOfClients.all(...placed, seconds) : []),
    ...(some('user') ? sql.liveTokensOfUsers.all(...placed, seconds) : []),
  ]);
  const used = new Map(sql.usage.all(...placed).map((row) => [row.address, row.last_used]));
  return addresses
    .filter((address) => live.has(address) || used.has(address))
    .map((address) => [address, { liveTokens: live.get(address) ?? 0, lastUsed: used.get(address) }]);
}
