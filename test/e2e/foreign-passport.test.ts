// passport-openidconnect in an Express application, as its README shows it, against the real process.

import session from 'express-session';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';
import { startWebApplication, type WebApplication } from './web-application.ts';

describe('passport-openidconnect', () => {
  let served: Served;
  let web: WebApplication;

  beforeAll(async () => {
    web = await startWebApplication();
    served = await serveForeign(web.origin);
    const authenticator = new passport.Passport();
    authenticator.serializeUser((user, done) => done(null, user));
    authenticator.deserializeUser((user, done) => done(null, user));
    authenticator.use(
      new OpenIDConnectStrategy(
        {
          issuer: served.issuer,
          authorizationURL: `${served.issuer}/authorize`,
          tokenURL: `${served.issuer}/token`,
          userInfoURL: `${served.issuer}/userinfo`,
          clientID: 'posting',
          clientSecret: SECRET,
          callbackURL: `${web.origin}/callback`,
          scope: ['profile', 'email'],
          nonce: true,
          skipUserProfile: false,
        },
        (issuer, profile, done) => done(null, { issuer, profile }),
      ),
    );
    web.app.use(session({ secret: 'keeps the session of the application', resave: false, saveUninitialized: false }));
    web.app.use(authenticator.session());
    web.app.get('/login', authenticator.authenticate('openidconnect'));
    web.app.get('/callback', authenticator.authenticate('openidconnect'), (_, response) => response.redirect('/'));
    web.app.get('/', ({ user }, response) => response.status(user === undefined ? 401 : 200).json(user ?? {}));
    web.app.use((error, _request, response, _next) => response.status(500).json({ failed: error.message }));
  });

  afterAll(async () => {
    await served.stop();
    await web.stop();
  });

  it('logs in, and reads name and email from userinfo', async () => {
    const agent = new UserAgent();
    expect((await agent.open(web.origin)).status).toBe(401);
    const view = await agent.through(`${web.origin}/login`);
    expect(view.url.href).toBe(`${web.origin}/`);
    expect(JSON.parse(view.text)).toMatchObject({
      issuer: served.issuer,
      profile: { id: 'ada-0001', displayName: 'Ada Lovelace', emails: [{ value: 'ada@example.com' }] },
    });
  });

  it('is told that the user went away without logging in', async () => {
    const agent = new UserAgent();
    const page = await agent.open(`${web.origin}/login`);
    const view = await agent.submit(page, { decision: 'deny' });
    expect(view.url.searchParams.get('error')).toBe('access_denied');
    // Passport answers for the application: nobody is logged in.
    expect(view.status).toBe(401);
    expect((await agent.open(web.origin)).status).toBe(401);
  });

  it('refuses an answer that another browser asked for', async () => {
    const asked = new UserAgent({ until: `${web.origin}/callback` });
    const { url } = await asked.through(`${web.origin}/login`);
    expect(url.searchParams.get('code')).not.toBeNull();
    expect((await new UserAgent().open(url)).status).toBe(403);
  });
});
