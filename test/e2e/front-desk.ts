// Owns two web applications with express-openid-connect, as its README shows it: one by its default, which is an ID token in a
// form without any secret, and one by code. Never more than such an application has.

import { auth, type ConfigParams } from 'express-openid-connect';
import session from 'express-session';
import { SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { startWebApplication, type WebApplication } from './web-application.ts';

export interface FrontDesk {
  readonly served: Served;
  /** By `id_token` and `form_post`. */
  readonly front: WebApplication;
  /** By code. */
  readonly shop: WebApplication;
  stop(): Promise<void>;
}

export async function openFrontDesk(): Promise<FrontDesk> {
  const front = await startWebApplication();
  const shop = await startWebApplication();
  const served = await serveForeign(shop.origin, front.origin);
  logInBy(front, 'front', { issuerBaseURL: served.issuer, clientID: 'implicit' });
  logInBy(shop, 'shop', {
    issuerBaseURL: served.issuer,
    clientID: 'web',
    clientSecret: SECRET,
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access notes' },
  });
  return {
    served,
    front,
    shop,
    async stop() {
      await served.stop();
      await front.stop();
      await shop.stop();
    },
  };
}

function logInBy({ app, origin }: WebApplication, name: string, own: ConfigParams): void {
  app.use(
    auth({
      ...own,
      baseURL: origin,
      secret: 'encrypts the cookies of the application',
      authRequired: false,
      idpLogout: true,
      backchannelLogout: { store: new session.MemoryStore() },
      // Both are at one host, and cookies know no port.
      session: { name: `${name}_session` },
      transactionCookie: { name: `${name}_transaction` },
    } as ConfigParams),
  );
  app.get('/', ({ oidc }, response) => response.json({ user: oidc.user ?? null }));
  app.get('/profile', async ({ oidc }, response) => response.json(await oidc.fetchUserInfo()));
  app.get('/refreshed', async ({ oidc }, response) => {
    const before = oidc.accessToken?.access_token;
    const after = await oidc.accessToken?.refresh();
    response.json({ isAnother: after !== undefined && after.access_token !== before });
  });
  app.use((error, _request, response, _next) =>
    response.status(error.status ?? 500).json({ failed: error.message, error: error.error }),
  );
}
