// Owns what the tests of OpenID Connect expect of an answer of the authorization endpoint as a whole: which refusal it is, and
// that nothing else is in it. Never asks for one.

import { createLocalJWKSet, type JWTPayload, jwtVerify, type ProtectedHeaderParameters } from 'jose';
import { expect } from 'vitest';
import { type Browser, codeRequest, json, type Stop, tokenRequest } from './browser.ts';
import type { World } from './world.ts';

/** REDIR of PROTOCOL.md: told to the client, with `state` and `iss`, in this part of the address and nowhere else. */
export function expectRedirect(
  stop: Stop,
  error: string,
  part: 'query' | 'fragment' = 'query',
  state = 'a state',
): void {
  expect([stop.status, stop.location?.origin]).toEqual([303, expect.stringMatching(/^https:\/\/[a-z]+\.example$/)]);
  expect(stop.answer).toEqual({
    error,
    error_description: expect.stringMatching(/^[A-Z_]+: [\x20-\x21\x23-\x5B\x5D-\x7E]+$/),
    state,
    iss: 'https://as.example',
  });
  if (part === 'query') expect(stop.location?.hash).toBe('');
  else expect(stop.location?.search).toBe('');
  expect(stop.response.headers.get('cache-control')).toBe('no-store');
}

/** ERRPAGE of PROTOCOL.md: for the user alone. */
export function expectErrorPage(stop: Stop, status = 400): void {
  expect([stop.status, stop.location, stop.form]).toEqual([status, undefined, undefined]);
  const { headers } = stop.response;
  expect(headers.get('location')).toBeNull();
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  // By which the log has it.
  expect(stop.html).toMatch(/<dd>[A-Za-z0-9_-]{12}<\/dd>/);
}

/** The page with the login form: nobody has been sent anywhere. */
export function expectLoginPage(stop: Stop): void {
  expect([stop.status, stop.form?.id, stop.location]).toEqual([200, 'login', undefined]);
}

export function expectConsentPage(stop: Stop): void {
  expect([stop.status, stop.form?.id, stop.location]).toEqual([200, 'consent', undefined]);
}

/** A code and nothing else that is worth anything. */
export function expectCode(stop: Stop): string {
  expect([stop.status, Object.keys(stop.answer).sort()]).toEqual([303, ['code', 'iss', 'state']]);
  return stop.answer.code ?? '';
}

/** What the tokens for a journey's code are. */
export async function redeem(world: World, client_id: string, verifier: string, stop: Stop) {
  const code = expectCode(stop);
  const redirect_uri = `https://${client_id}.example/callback`;
  const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
  const response = await tokenRequest(world, client_id, form);
  expect(response.status).toBe(200);
  return json(response);
}

/** An authorization request of a browser that may have a session, and how it ended. */
export async function ask(
  browser: Browser,
  client_id: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly stop: Stop; readonly verifier: string }> {
  const { parameters: all, verifier } = codeRequest(client_id, parameters);
  return { stop: await browser.authorize(all), verifier };
}

/** A JWT of this server, checked with the keys that it publishes. */
export async function verified(
  world: World,
  jwt: string,
): Promise<{ readonly header: ProtectedHeaderParameters; readonly claims: JWTPayload }> {
  const jwks = await json(world.fetch('/jwks'));
  const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(jwks), {
    currentDate: new Date(world.now()),
  });
  return { header: protectedHeader, claims: payload };
}
