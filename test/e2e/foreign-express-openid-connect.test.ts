// express-openid-connect in Express applications, as its README shows it, against the real process.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDesk, openFrontDesk } from './front-desk.ts';
import { UserAgent } from './user-agent.ts';

describe('express-openid-connect', () => {
  let desk: FrontDesk;
  beforeAll(async () => {
    desk = await openFrontDesk();
  });
  afterAll(() => desk.stop());

  it('real clients 12: its default, an ID token by form_post without a secret, logs in', async () => {
    const { front, served } = desk;
    const agent = new UserAgent();
    const login = await agent.open(`${front.origin}/login`);
    expect(login.url.href.startsWith(`${served.issuer}/authorize?`)).toBe(true);
    expect(login.url.searchParams.get('response_type')).toBe('id_token');
    expect(login.url.searchParams.get('response_mode')).toBe('form_post');
    const home = await agent.through(`${front.origin}/login`);
    expect(home.url.href).toBe(`${front.origin}/`);
    // There is no access token to ask userinfo with: all stands in the ID token.
    expect(JSON.parse(home.text).user).toMatchObject({
      sub: 'ada-0001',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
      sid: expect.any(String),
    });
  });

  it('logs in by code, asks userinfo, and refreshes', async () => {
    const { shop } = desk;
    const agent = new UserAgent();
    const home = await agent.through(`${shop.origin}/login`);
    expect(JSON.parse(home.text).user).toMatchObject({ sub: 'ada-0001' });
    expect(JSON.parse((await agent.open(`${shop.origin}/profile`)).text)).toMatchObject({
      sub: 'ada-0001',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
    });
    expect(JSON.parse((await agent.open(`${shop.origin}/refreshed`)).text)).toEqual({ isAnother: true });
  });

  it('a logout at one application ends the session of the other (back-channel)', async () => {
    const { front, shop } = desk;
    const agent = new UserAgent();
    const isUser = async ({ origin }: { readonly origin: string }) =>
      JSON.parse((await agent.open(origin)).text).user?.sub;
    await agent.through(`${front.origin}/login`);
    await agent.through(`${shop.origin}/login`);
    expect([await isUser(front), await isUser(shop)]).toEqual(['ada-0001', 'ada-0001']);
    const after = await agent.open(`${shop.origin}/logout`);
    expect(after.url.href).toBe(`${shop.origin}/`);
    expect([await isUser(front), await isUser(shop)]).toEqual([undefined, undefined]);
    // And nobody is logged in at the server itself.
    expect((await agent.open(`${front.origin}/login`)).form?.id).toBe('login');
  });

  it('tells the application of a user who does not consent', async () => {
    const agent = new UserAgent();
    const login = await agent.open(`${desk.front.origin}/login`);
    const answer = await agent.submit(login, { decision: 'deny' });
    expect(answer.form).toMatchObject({ id: 'form-post', fields: { error: 'access_denied' } });
    const refused = await agent.submit(answer);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error).toBe('access_denied');
  });
});
