// Owns the answer to how applications and users are in use: what is alive is counted, last use was recorded. Never writes.

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
  const isAsked = (kind: string) => addresses.some((address) => kindOf(address) === kind);
  const [hasClients, hasUsers] = [isAsked('application'), isAsked('user')];
  const tokens = new Map([
    ...(hasClients ? sql.liveTokensOfClients.all(...placed, seconds) : []),
    ...(hasUsers ? sql.liveTokensOfUsers.all(...placed, seconds) : []),
  ]);
  const families = new Map([
    ...(hasClients ? sql.familiesOfClients.all(...placed, seconds, seconds) : []),
    ...(hasUsers ? sql.familiesOfUsers.all(...placed, seconds, seconds) : []),
  ]);
  const users = new Map(hasClients ? sql.usersOfClients.all(...placed, seconds) : []);
  const sessions = new Map(hasUsers ? sql.sessionsOfUsers.all(...placed, seconds) : []);
  const used = new Map(sql.usage.all(...placed).map((row) => [row.address, row.last_used]));
  return addresses
    .filter((address) => [tokens, families, users, sessions, used].some((known) => known.has(address)))
    .map((address) => [
      address,
      {
        liveTokens: tokens.get(address) ?? 0,
        families: families.get(address) ?? 0,
        users: users.get(address) ?? 0,
        sessions: sessions.get(address) ?? 0,
        lastUsed: used.get(address),
      },
    ]);
}
