// Owns what answers of one kind have in common (PROTOCOL.md, "How to read a line"): the page for a person, the redirect that tells
// a client, the JSON of the endpoints for programs. Never sends anything.

import { expect } from 'vitest';
import type { Body, Stop } from './browser.ts';

/** The characters of `error` and `error_description` (RFC 6749 4.1.2.1, 5.2). */
export const ERROR_TEXT = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

/** ERRPAGE: told to the person, never redirected. */
export function expectErrorPage({ response, status, html, form }: Stop, expected = 400): void {
  expect(status).toBe(expected);
  expect(response.headers.has('location')).toBe(false);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expectUnframed(response);
  expect(html).toMatch(/<dt>Correlation id<\/dt><dd>[A-Za-z0-9_-]{12}<\/dd>/);
  expect(form).toBeUndefined();
}

/** P:O-087, P:S-025: no other page can lay itself over it. */
export function expectUnframed({ headers }: Response): void {
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('x-frame-options')).toBe('DENY');
}

export interface RedirectExpected {
  /** The redirect_uri, without a query of its own. */
  readonly to?: string;
  readonly within?: 'query' | 'fragment';
  readonly state?: string | undefined;
  readonly issuer?: string;
}

/** REDIR: the error, its description, state and iss, where the response type has them and nowhere else; no code and no token. */
export function expectRedirectedError(stop: Stop, error: string, expected: RedirectExpected = {}): void {
  const { to = 'https://web.example/callback', within = 'query', issuer = 'https://as.example' } = expected;
  const state = 'state' in expected ? expected.state : 'a state';
  const { location, status } = stop;
  expect([302, 303]).toContain(status);
  expect(`${location?.origin}${location?.pathname}`).toBe(to);
  expect(within === 'query' ? location?.hash : location?.search).toBe('');
  expect(stop.answer).toEqual({
    error,
    error_description: expect.stringMatching(ERROR_TEXT),
    iss: issuer,
    ...(state === undefined ? {} : { state }),
  });
}

/** An error of an endpoint for programs (RFC 6749 5.2); answers its body. */
export async function expectJsonError(response: Response, status: number, error: string): Promise<Body> {
  const { headers } = response;
  const text = await response.text();
  expect([response.status, text]).toEqual([status, expect.stringContaining(`"${error}"`)]);
  expect(headers.get('content-type')).toMatch(/^application\/json(; charset=utf-8)?$/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('pragma')).toBe('no-cache');
  const body = JSON.parse(text);
  expect(body).toEqual({ error, error_description: expect.stringMatching(ERROR_TEXT) });
  return body;
}
