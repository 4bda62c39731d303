// Codes, tokens and the cookies of sessions: nobody guesses one, and who reads the store finds none (RFC 6749 10.10).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Browser, codeRequest, json, post, tokenRequest } from './browser.ts';
import { PASSWORD } from './spec.ts';
import { serve } from './world.ts';

const SAMPLE = 1000;
/** Requests at once. */
const WIDTH = 100;

async function many<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(...(await Promise.all(Array.from({ length: WIDTH }, make))));
  return made;
}

/** Of each of the 256 bits of base64url texts: how often it is set. */
function bitsSet(texts: readonly Buffer[]): readonly number[] {
  const counts = new Array<number>(256).fill(0);
  for (const bytes of texts) {
    for (const bit of counts.keys()) counts[bit] = (counts[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
  }
  return counts;
}

/** In how many bits each text is another than the one before. */
function differences(texts: readonly Buffer[]): readonly number[] {
  return texts.slice(1).map((bytes, at) => {
    const other = texts[at] ?? bytes;
    return bitsSet([Buffer.from(bytes.map((byte, place) => byte ^ (other[place] ?? 0)))]).reduce(
      (sum, bit) => sum + bit,
    );
  });
}

function expectUnguessable(texts: readonly string[]): void {
  expect(texts).toHaveLength(SAMPLE);
  expect(new Set(texts).size).toBe(SAMPLE);
  expect(texts.filter((text) => !/^[A-Za-z0-9_-]{43}$/.test(text))).toEqual([]);
  const bytes = texts.map((text) => Buffer.from(text, 'base64url'));
  // A bit of a prefix, of a counter's upper end or of a time is set always or never. Seven standard deviations, of 16 each, are left.
  const uneven = bitsSet(bytes).filter((count) => Math.abs(count - SAMPLE / 2) > 7 * 16);
  expect(uneven).toEqual([]);
  // Nor does one follow from the one before: they differ in about half of their bits.
  expect(differences(bytes).filter((count) => count < 64)).toEqual([]);
}

/** Every 43 characters of base64url that stand together in a text. */
function textsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [run] of text.matchAll(/[A-Za-z0-9_-]{43,}/g)) {
    for (let at = 0; at + 43 <= run.length; at += 1) found.add(run.slice(at, at + 43));
  }
  return found;
}

describe('P:O-085 a thousand of each', () => {
  it('codes, access tokens, refresh tokens and sessions: random throughout, and the store holds none of them', async () => {
    const world = await serve(({ site }) => {
      site.applications.web.tokens = { format: 'opaque' };
    });
    const browser = new Browser(world);
    const { parameters, verifier } = codeRequest('web', { scope: 'notes' });
    const login = await browser.authorize(parameters);
    const { fields = {} } = login.form ?? {};
    // The same form again and again, by a browser that never keeps the session.
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const form = { ...fields, username: 'ada', password: PASSWORD };
    const sessions = await many(SAMPLE, async () => {
      const response = await post(world, '/login', form, { headers: { cookie } });
      return /^__Host-charter-session-[0-9a-f]{8}=([^;]+);/.exec(response.headers.getSetCookie().join('\n'))?.[1] ?? '';
    });
    await browser.login(login);
    const codes = await many(SAMPLE, async () => (await browser.authorize(parameters)).answer.code ?? '');
    let at = 0;
    const tokens = await many(SAMPLE, async () => {
      const redeem = { grant_type: 'authorization_code', code: codes[at++] ?? '', code_verifier: verifier };
      return json(tokenRequest(world, 'web', { ...redeem, redirect_uri: parameters.redirect_uri ?? '' }));
    });
    const accessTokens = tokens.map(({ access_token }) => access_token);
    const refreshTokens = tokens.map(({ refresh_token }) => refresh_token);
    for (const texts of [sessions, codes, accessTokens, refreshTokens]) expectUnguessable(texts);

    const kept = textsIn(
      [world.storePath, `${world.storePath}-wal`].map((path) => readFileSync(path, 'latin1')).join(''),
    );
    const logged = textsIn(JSON.stringify(world.records));
    for (const texts of [sessions, codes, accessTokens, refreshTokens]) {
      // What is kept is the hash of each: so it is the right place in which none was found.
      expect(texts.filter((text) => !kept.has(sha256(text).slice(0, 43)))).toEqual([]);
      expect(texts.filter((text) => kept.has(text) || logged.has(text))).toEqual([]);
    }
  }, 120_000);
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
