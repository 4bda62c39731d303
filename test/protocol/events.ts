// Owns what the log of a server says of requests: events, which arrive a moment after their answers. Never writes one.

import { expect, vi } from 'vitest';
import type { World } from './world.ts';

export type LoggedEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** All events up to now, those of other processes too. */
export function eventsOf({ records }: Pick<World, 'records'>): readonly LoggedEvent[] {
  return records.flatMap(({ events }) => (Array.isArray(events) ? (events as LoggedEvent[]) : []));
}

/** All events, as soon as one of them is the awaited one. */
export async function eventsWith(
  world: Pick<World, 'records'>,
  isAwaited: (event: LoggedEvent) => boolean,
): Promise<readonly LoggedEvent[]> {
  await vi.waitFor(() => expect(eventsOf(world).some(isAwaited)).toBe(true), { timeout: 5000, interval: 5 });
  return eventsOf(world);
}
