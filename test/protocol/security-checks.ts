// Owns what several tests of the security lines check alike: an error page, an error by redirect, an error of a program, and
// the events that the server logged. Never makes a request.

import { expect, vi } from 'vitest';
import type { Body, Stop } from './browser.ts';
import type { World } from './world.ts';

/** ERRPAGE of the protocol: told to the person, and never sent on. `reflected` must not stand in it as it was sent. */
export function expectErrorPage(stop: Pick<Stop, 'response' | 'status' | 'html'>, reflected?: string): void {
  const { response, status, html } = stop;
  expect(status, html).toBe(400);
  expect(response.headers.get('location')).toBeNull();
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(html).toMatch(/<dt>Correlation id<\/dt><dd>[A-Za-z0-9_-]{12}<\/dd>/);
  if (reflected !== undefined) expect(html).not.toContain(reflected);
}

/** REDIR of the protocol: at the registered address, with state and issuer, and nothing of worth. */
export function expectRedirectedError(
  { status, location, answer }: Stop,
  to: string,
  error: string,
  reason?: string,
): void {
  expect([302, 303]).toContain(status);
  expect(location === undefined ? undefined : location.origin + location.pathname).toBe(to);
  expect(answer).toMatchObject({ error, state: 'a state', iss: 'https://as.example' });
  if (reason !== undefined) expect(answer.error_description).toMatch(new RegExp(`^${reason}\\b`));
  for (const name of ['code', 'access_token', 'id_token', 'refresh_token']) expect(answer).not.toHaveProperty(name);
}

/** A refusal of the token endpoint (RFC 6749 5.2); answers its body. */
export async function expectTokenError(response: Response, error: string, status = 400): Promise<Body> {
  const body = await response.json();
  expect({ status: response.status, error: body.error }, JSON.stringify(body)).toEqual({ status, error });
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(body).not.toHaveProperty('access_token');
  expect(body).not.toHaveProperty('refresh_token');
  return body;
}

export type LoggedEvent = Readonly<Record<string, unknown>>;

/** All events of requests that were logged so far. */
export function eventsOf({ records }: World): readonly LoggedEvent[] {
  return records.flatMap(({ events }) => (Array.isArray(events) ? (events as LoggedEvent[]) : []));
}

/** The newest event for which this holds: it is written a moment after its answer. */
export function loggedEvent(world: World, isIt: (event: LoggedEvent) => boolean): Promise<LoggedEvent> {
  return vi.waitFor(() => {
    const found = eventsOf(world).findLast(isIt);
    if (found === undefined) throw new Error(`no such event among ${JSON.stringify(eventsOf(world))}`);
    return found;
  });
}
