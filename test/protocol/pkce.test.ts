// Proof keys (RFC 7636, RFC 9700 2.1.1 and 4.8.2).

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Browser, codeRequest, json, newProof, obtainCode, post, type Stop, tokenRequest } from './browser.ts';
import { eventsWith } from './events.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll(({ site }) => {
  // It opted in to the method that protects less.
  site.applications.plainly = structuredClone(site.applications.spa);
  Object.assign(site.applications.plainly.metadata, {
    redirect_uris: ['https://plainly.example/callback'],
    code_challenge_method: 'plain',
  });
  // A confidential client that always uses S256.
  site.applications.strict = structuredClone(site.applications.web);
  Object.assign(site.applications.strict.metadata, {
    redirect_uris: ['https://strict.example/callback'],
    code_challenge_method: 'S256',
  });
});

// As nobody opted in to anything.
const usual = await serveForAll();

const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

function authorize(client_id: string, parameters: Readonly<Record<string, string | undefined>>): Promise<Stop> {
  return new Browser(world).authorize(codeRequest(client_id, parameters).parameters);
}

/** Told to the client by redirect, before anybody has to log in. */
function expectRefused(stop: Stop, client_id: string, words: RegExp): void {
  expect(stop.status).toBe(303);
  expect(`${stop.location?.origin}${stop.location?.pathname}`).toBe(`https://${client_id}.example/callback`);
  expect(stop.answer).toEqual({
    error: 'invalid_request',
    error_description: expect.stringMatching(words),
    state: 'a state',
    iss: 'https://as.example',
  });
}

async function expectInvalidGrant(response: Response): Promise<void> {
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'invalid_grant', error_description: expect.any(String) });
}

describe('the authorization request', () => {
  it('P:P-004 a public client without a challenge is refused', async () => {
    for (const client_id of ['spa', 'strict']) {
      const without = { code_challenge: undefined, code_challenge_method: undefined };
      expectRefused(await authorize(client_id, without), client_id, /code_challenge/);
      // An empty one is none, and a method alone is no challenge.
      expectRefused(await authorize(client_id, { ...without, code_challenge: '' }), client_id, /code_challenge/);
      expectRefused(await authorize(client_id, { code_challenge: undefined }), client_id, /code_challenge/);
    }
  });

  it('P:P-005 a method that does not exist is refused', async () => {
    for (const code_challenge_method of ['S512', 's256', 'S256 ', 'PLAIN', 'none']) {
      for (const client_id of ['spa', 'web', 'plainly']) {
        expectRefused(await authorize(client_id, { code_challenge_method }), client_id, /code_challenge_method|S256/);
      }
    }
  });

  it('P:P-006 plain is refused, said or not, but of a client that opted in', async () => {
    const { verifier } = newProof();
    for (const code_challenge_method of ['plain', undefined]) {
      for (const client_id of ['spa', 'web', 'strict']) {
        const stop = await authorize(client_id, { code_challenge: verifier, code_challenge_method });
        expectRefused(stop, client_id, /S256/);
      }
      const { form } = await obtainCode(world, 'plainly', { code_challenge: verifier, code_challenge_method });
      const redeem = (code_verifier: string) => post(world, '/token', { ...form, code_verifier, client_id: 'plainly' });
      await expectInvalidGrant(await redeem(s256(verifier)));
      await expectInvalidGrant(await redeem(newProof().verifier));
      expect((await redeem(verifier)).status).toBe(200);
    }
    const { code_challenge_methods_supported } = await json(usual.fetch('/.well-known/openid-configuration'));
    expect(code_challenge_methods_supported).toEqual(['S256']);
  });

  it('P:P-007 a challenge without a method is plain, and so refused', async () => {
    const { verifier, challenge } = newProof();
    for (const code_challenge_method of [undefined, '']) {
      const stop = await authorize('spa', { code_challenge: challenge, code_challenge_method });
      expectRefused(stop, 'spa', /code_challenge_method/);
    }
    // Where plain is taken it is what the challenge means: not the hash of a verifier, but one.
    const parameters = { code_challenge: challenge, code_challenge_method: undefined };
    const { form } = await obtainCode(world, 'plainly', parameters);
    const redeem = (code_verifier: string) => post(world, '/token', { ...form, code_verifier, client_id: 'plainly' });
    await expectInvalidGrant(await redeem(verifier));
    expect((await redeem(challenge)).status).toBe(200);
  });

  it('P:P-008 a challenge that is no SHA-256 in base64url is refused', async () => {
    const { challenge } = newProof();
    const hex = createHash('sha256').update('x').digest('hex');
    const malformed = [
      ...[challenge.slice(1), `${challenge}A`, `${challenge}=`, `${challenge.slice(1)}+`, `${challenge.slice(1)}/`],
      ...[`${challenge.slice(1)}.`, `${challenge.slice(1)}é`, `${challenge.slice(1)}\n`, hex, 'x'],
    ];
    for (const code_challenge of malformed) {
      expectRefused(await authorize('spa', { code_challenge }), 'spa', /code_challenge/);
    }
  });
});

describe('the token request', () => {
  it('P:P-001 the verifier of the challenge redeems the code', async () => {
    for (const client_id of ['spa', 'web', 'strict']) {
      const { form } = await obtainCode(world, client_id);
      expect(form.code_verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
      const response = await (client_id === 'strict'
        ? post(world, '/token', form, { as: 'strict' })
        : tokenRequest(world, client_id, form));
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
    }
  });

  it('P:P-002 no verifier is invalid_grant, and the code is still good', async () => {
    for (const client_id of ['spa', 'web']) {
      const { form, verifier } = await obtainCode(world, client_id);
      const { code_verifier: _, ...without } = form;
      await expectInvalidGrant(await tokenRequest(world, client_id, without));
      await expectInvalidGrant(await tokenRequest(world, client_id, { ...without, code_verifier: '' }));
      const redeemed = await tokenRequest(world, client_id, { ...without, code_verifier: verifier });
      expect(redeemed.status).toBe(200);
    }
  });

  it('P:P-003 a wrong verifier is invalid_grant', async () => {
    const { form, verifier } = await obtainCode(world, 'spa');
    const swapped = verifier.replace(/[a-zA-Z]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    const wrong = [newProof().verifier, s256(verifier), swapped, verifier.split('').reverse().join(''), `${verifier}A`];
    for (const code_verifier of wrong) {
      await expectInvalidGrant(await tokenRequest(world, 'spa', { ...form, code_verifier }));
    }
    expect((await tokenRequest(world, 'spa', form)).status).toBe(200);
  });

  it('P:P-009 a verifier of the wrong length or with other characters is invalid_grant, though its hash fits', async () => {
    const { verifier } = newProof();
    const long = 'a'.repeat(128);
    for (const good of [verifier, long, `${verifier.slice(4)}-._~`]) {
      const { form } = await obtainCode(world, 'spa', { code_challenge: s256(good) });
      expect((await tokenRequest(world, 'spa', { ...form, code_verifier: good })).status).toBe(200);
    }
    for (const bad of [
      verifier.slice(1),
      `${long}a`,
      `${verifier}+`,
      `${verifier} x`,
      `${verifier}é`,
      'x',
      `${verifier}\n`,
    ]) {
      const { form } = await obtainCode(world, 'spa', { code_challenge: s256(bad) });
      await expectInvalidGrant(await tokenRequest(world, 'spa', { ...form, code_verifier: bad }));
    }
  });

  it('P:P-010 a verifier for a code without a challenge is invalid_grant', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const { form } = await obtainCode(world, 'web', without);
    for (const code_verifier of [newProof().verifier, 'x']) {
      await expectInvalidGrant(await tokenRequest(world, 'web', { ...form, code_verifier }));
    }
    expect((await tokenRequest(world, 'web', form)).status).toBe(200);
  });

  it('P:P-013 the example of RFC 7636 appendix B is redeemed', async () => {
    const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const { form } = await obtainCode(world, 'spa', { code_challenge });
    expect((await tokenRequest(world, 'spa', { ...form, code_verifier })).status).toBe(200);
  });
});

it('P:P-011 the challenge is nowhere in the answer, and the code tells nothing of it', async () => {
  const { verifier, challenge } = newProof();
  const codes = new Set<string>();
  for (let times = 0; times < 3; times += 1) {
    const browser = new Browser(world);
    const stop = await browser.login(
      await browser.authorize(codeRequest('spa', { code_challenge: challenge }).parameters),
    );
    const told = JSON.stringify([...stop.response.headers, stop.html]);
    for (const secret of [challenge, verifier]) expect(told).not.toContain(secret);
    expect(Object.keys(stop.answer).sort()).toEqual(['code', 'iss', 'state']);
    codes.add(stop.answer.code ?? '');
  }
  // Another one each time, random: no function of the challenge.
  expect(codes.size).toBe(3);
  for (const code of codes) {
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([challenge, s256(challenge), s256(verifier)]).not.toContain(code);
  }
});

it('P:P-012 discovery names S256, at both addresses', async () => {
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const document = await json(usual.fetch(`/.well-known/${name}`));
    expect(document.code_challenge_methods_supported).toEqual(['S256']);
  }
});

it('P:P-014 a challenge that is used again is told to the log', async () => {
  const { verifier, challenge } = newProof();
  const reuse = async () => {
    const { form } = await obtainCode(usual, 'spa', { code_challenge: challenge });
    expect((await tokenRequest(usual, 'spa', { ...form, code_verifier: verifier })).status).toBe(200);
  };
  await reuse();
  await obtainCode(usual, 'spa');
  await reuse();
  const events = await eventsWith(usual, ({ code_challenge_reused }) => code_challenge_reused === true);
  const codes = events.filter(({ outcome }) => outcome === 'code');
  expect(codes.map(({ code_challenge_reused }) => code_challenge_reused)).toEqual([undefined, undefined, true]);
  expect(codes[2]).toMatchObject({ client_id: 'spa', user: 'user:Example/ada' });
});
