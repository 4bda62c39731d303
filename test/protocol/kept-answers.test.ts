// What is kept between two requests (decisions, verified secrets, verified signatures) ends with what it rests on: with the
// generation, the secret, the revocation, the instant at which something ends. Each is asked for often enough to be kept.

import { expect, it } from 'vitest';
import { claimsOf, introspect, json, post } from './browser.ts';
import { type Edit, serve, type World } from './world.ts';

const NEW_SECRET = 'another-horse-battery-staple-9876543210';
const DAY = 86_400;

const twoFormats: Edit = ({ site }) => {
  site.applications.opaque = { ...site.applications.batch, tokens: { format: 'opaque' } };
};

async function ask(world: World, client_id: string, secret?: string) {
  const form = { grant_type: 'client_credentials', scope: 'notes' };
  const response = await post(world, '/token', form, { as: client_id, ...(secret === undefined ? {} : { secret }) });
  return { status: response.status, ...(await json(response)) };
}

/** Both clients have asked several times, and each token was asked about as often. */
async function warm(world: World): Promise<Record<'batch' | 'opaque', string>> {
  const tokens = { batch: '', opaque: '' };
  for (const client of ['batch', 'opaque'] as const) {
    for (let time = 0; time < 3; time++) {
      const { status, access_token } = await ask(world, client);
      expect(status).toBe(200);
      tokens[client] = access_token;
      for (let again = 0; again < 3; again++) expect((await introspect(world, access_token, client)).active).toBe(true);
    }
  }
  return tokens;
}

const activity = async (world: World, tokens: Record<'batch' | 'opaque', string>) => ({
  batch: (await introspect(world, tokens.batch, 'batch')).active,
  opaque: (await introspect(world, tokens.opaque, 'opaque')).active,
});

it('DESIGN 5: with the next generation every kept answer is gone, and what comes back is right again', async () => {
  const world = await serve(twoFormats);
  const tokens = await warm(world);
  const { generation } = world.snapshot();
  await world.apply(({ site }) => {
    site.groups.Batch.methods = [];
  });
  for (const client of ['batch', 'opaque']) expect(await ask(world, client)).toMatchObject({ status: 400 });
  expect(await activity(world, tokens)).toEqual({ batch: false, opaque: false });
  await world.apply(({ site }) => {
    site.groups.Batch.methods = ['client.credentials.1'];
  });
  expect(await activity(world, tokens)).toEqual({ batch: true, opaque: true });
  const { access_token } = await ask(world, 'batch');
  expect(claimsOf(access_token).gen).toBe(generation + 2);
});

it('the settings of a token are those of the generation that issues it', async () => {
  const world = await serve(twoFormats);
  await warm(world);
  await world.apply(({ site }) => {
    site.applications.batch.tokens = { access_ttl: '7m', typ: 'JWT', alg: 'RS256' };
  });
  const { access_token, expires_in } = await ask(world, 'batch');
  const { iat, exp } = claimsOf(access_token);
  expect([expires_in, exp - iat]).toEqual([420, 420]);
  expect(JSON.parse(Buffer.from(access_token.split('.')[0], 'base64url').toString())).toMatchObject({
    alg: 'RS256',
    typ: 'JWT',
  });
});

it('DESIGN 6: a secret that was verified ends with its generation, and with its own end', async () => {
  const env = { NEW_SECRET };
  const expires = new Date(Date.now() + DAY * 1000).toISOString();
  const world = await serve(
    (documents) => {
      twoFormats(documents);
      documents.site.applications.batch.secret = undefined;
      documents.site.applications.batch.secrets = [{ env: 'CLIENT_SECRET', expires }, { env: 'NEW_SECRET' }];
    },
    { env },
  );
  await warm(world);
  expect((await ask(world, 'batch', NEW_SECRET)).status).toBe(200);
  world.advance(DAY);
  expect((await ask(world, 'batch')).status).toBe(401);
  expect((await ask(world, 'batch', NEW_SECRET)).status).toBe(200);
  expect((await ask(world, 'opaque')).status).toBe(200);
  await world.apply(({ site }) => {
    site.applications.opaque.secret = { env: 'NEW_SECRET' };
  });
  expect((await ask(world, 'opaque')).status).toBe(401);
  expect((await ask(world, 'opaque', NEW_SECRET)).status).toBe(200);
});

it('a revoked token is dead at the next request, however often it was asked about', async () => {
  const world = await serve(twoFormats);
  const tokens = await warm(world);
  for (const client of ['batch', 'opaque'] as const) {
    expect((await post(world, '/revoke', { token: tokens[client] }, { as: client })).status).toBe(200);
  }
  expect(await activity(world, tokens)).toEqual({ batch: false, opaque: false });
  // Another one of the same client, which what was kept is about as well, goes on.
  expect((await ask(world, 'batch')).status).toBe(200);
});

it('SEMANTICS R-3: at the end of a link nothing of it is given any more, and before it tokens end with it', async () => {
  const expires = new Date(Math.ceil(Date.now() / 1000 + DAY) * 1000).toISOString();
  const world = await serve((documents) => {
    twoFormats(documents);
    for (const name of ['batch', 'opaque'])
      documents.site.applications[name].allowed_to = [{ group: 'Batch', expires }];
  });
  const tokens = await warm(world);
  const left = () => Math.floor((Date.parse(expires) - world.now()) / 1000);
  world.advance(left() - 1800);
  for (const client of ['batch', 'opaque']) {
    // Kept or not, each is told what is left for it.
    for (const seconds of [0, 600, 600]) {
      world.advance(seconds);
      const { expires_in } = await ask(world, client);
      expect(Math.abs(expires_in - left())).toBeLessThanOrEqual(1);
    }
    world.advance(-1200);
  }
  const fresh = await warm(world);
  world.advance(left() + 1);
  for (const client of ['batch', 'opaque']) expect(await ask(world, client)).toMatchObject({ status: 400 });
  expect(await activity(world, fresh)).toEqual({ batch: false, opaque: false });
  expect(await activity(world, tokens)).toEqual({ batch: false, opaque: false });
});
