// Users who log in with the certificate of their browser's connection (SEMANTICS N-14).

import { beforeEach, describe, expect, it } from 'vitest';
import { Browser, claimsOf, codeRequest, type Form, formIn, json, post, type Stop, tokenRequest } from './browser.ts';
import { type Made, makeAuthority, makeCertificate, SERVER_AUTH } from './certificate-maker.ts';
import { type Documents, PASSWORD, type Spec } from './spec.ts';
import { errorsOf, load, serveForAll, type World, warningsOf } from './world.ts';

const corporate = await makeAuthority('Corporate CA');
const others = await makeAuthority('Others CA');
const email = (address: string, issuer = corporate) =>
  makeCertificate({ issuer, subject: [['CN', 'Whoever']], names: [['email', address]] });
const ada = await email('ada@EXAMPLE.com');
const dora = await email('dora@example.com');
const card = await makeCertificate({
  issuer: others,
  subject: [
    ['O', 'Example'],
    ['CN', 'Bob'],
  ],
});

const method = 'certificate.1';

function withCertificates({ server, site }: Documents): void {
  server.server.trusted_proxies = ['127.0.0.1'];
  server.server.certificates = {
    header: 'Client-Cert',
    authorities: { corporate: { pem: corporate.pem }, others: { pem: others.pem } },
  };
  server.methods[method] = { type: 'certificate', certificate_authority: 'corporate' };
  server.methods['certificate.2'] = { type: 'certificate', certificate_authority: 'others' };
  site.methods.push(method, 'certificate.2');
  const { web, api } = site.applications;
  web.methods.push(method, 'certificate.2');
  api.methods.push(method);
  // One that takes no password, one that takes certificates of the others alone, and one that takes passwords only.
  site.applications.strict = { ...structuredClone(site.applications.other), methods: [method] };
  site.applications.strict.metadata.redirect_uris = ['https://strict.example/callback'];
  Object.assign(site.users.ada, { certificate: { san_email: 'ada@example.com' } }).methods.push(method);
  Object.assign(site.users.bob, { certificate: { subject_dn: 'cn=bob, o=EXAMPLE' } }).methods.push('certificate.2');
  site.users.carol.methods.push(method);
  site.users.carol.certificate = { san_email: 'carol@example.com' };
  site.users.dora = { methods: [method], certificate: { san_email: 'dora@example.com' } };
  site.users.erin = { methods: ['password.1'], password: { env: 'USER_PASSWORD' } };
}

const plain = await serveForAll(withCertificates, { app: { trustedProxies: ['127.0.0.1'] } });

beforeEach(() => plain.advance(61));

/** A browser whose connections have this certificate, as the proxy says. */
function browserWith(made: Made | undefined, world: World = plain): Browser {
  const headers = made === undefined ? {} : { 'client-cert': `:${made.der.toString('base64')}:` };
  return new Browser({
    ...world,
    fetch: (target, init = {}) =>
      world.fetch(target, { ...init, headers: { ...(init.headers as object), ...headers } }),
  });
}

/** The form of the certificate, which is not the first of the page where passwords are taken. */
function certificateForm({ html }: Stop): Form | undefined {
  const at = html.indexOf('<form id="login-certificate"');
  return at < 0 ? undefined : formIn(html.slice(at));
}

async function pageFor(made: Made | undefined, client_id = 'web', world: World = plain) {
  const browser = browserWith(made, world);
  const { parameters, verifier } = codeRequest(client_id);
  const stop = await browser.authorize(parameters);
  return { browser, stop, form: certificateForm(stop), parameters, verifier };
}

async function logIn(made: Made, client_id = 'web', world: World = plain): Promise<Spec> {
  const { browser, form, parameters, verifier } = await pageFor(made, client_id, world);
  if (form === undefined) throw new Error('no form for the certificate');
  const { answer } = await browser.post(form.action, form.fields);
  expect(answer).toHaveProperty('code');
  const code = {
    grant_type: 'authorization_code',
    code: answer.code ?? '',
    redirect_uri: parameters.redirect_uri ?? '',
  };
  return json(tokenRequest(world, client_id, { ...code, code_verifier: verifier }));
}

describe('who has a certificate', () => {
  it('S:N-14 is offered to go on as whom it names, and by one button is', async () => {
    const { stop, form } = await pageFor(ada);
    expect(stop.html).toContain('Continue as ada with your certificate');
    expect(stop.html).toContain('id="password"');
    expect(form?.action).toBe(stop.form?.action);
    const tokens = await logIn(ada);
    expect(claimsOf(tokens.access_token).sub).toBe('ada-0001');
    // That a key was used is known, and nothing of how it is kept (RFC 8176).
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: 'ada-0001', amr: ['pop'] });
  });

  it('S:N-14 logs in by the method that names the authority', async () => {
    const { stop, form } = await pageFor(card);
    expect(stop.html).toContain('Continue as bob with your certificate');
    expect(form).toBeDefined();
    expect(claimsOf((await logIn(card)).access_token).sub).toBe('bob-0002');
    // `strict` takes certificates of the other authority alone.
    expect((await pageFor(card, 'strict')).form).toBeUndefined();
  });

  it('S:N-14 is asked for no password where none is taken, and told where none is shown that may', async () => {
    const { stop } = await pageFor(ada, 'strict');
    expect(stop.html).not.toContain('id="password"');
    expect(stop.html).toContain('Continue as ada');
    expect(claimsOf((await logIn(ada, 'strict')).access_token).client_id).toBe('strict');
    const { stop: without } = await pageFor(undefined, 'strict');
    expect(without.html).toContain('A certificate is needed to sign in here');
    const browser = browserWith(undefined);
    const denied = await browser.submit(await browser.authorize(codeRequest('strict').parameters), {
      decision: 'deny',
    });
    expect(denied.answer.error).toBe('access_denied');
  });

  it('S:N-14 can log in with a password all the same, as can who has none', async () => {
    for (const made of [ada, undefined]) {
      const { browser, stop } = await pageFor(made);
      const { answer } = await browser.login(stop, 'erin', PASSWORD);
      expect(answer).toHaveProperty('code');
    }
  });

  it.each<[string, () => Promise<Made>]>([
    ['of somebody whom nobody knows', () => email('eve@example.com')],
    ['of a user who is off', () => email('carol@example.com')],
    ['of another authority', () => email('ada@example.com', others)],
    [
      'that has ended',
      () => makeCertificate({ issuer: corporate, names: [['email', 'ada@example.com']], from: -3, to: -1 }),
    ],
    [
      'for servers',
      () => makeCertificate({ issuer: corporate, names: [['email', 'ada@example.com']], purposes: [SERVER_AUTH] }),
    ],
    ['that nobody issued', () => makeCertificate({ names: [['email', 'ada@example.com']] })],
    [
      'of two users at once',
      () =>
        makeCertificate({
          issuer: corporate,
          names: [
            ['email', 'ada@example.com'],
            ['email', 'dora@example.com'],
          ],
        }),
    ],
  ])('S:N-14 a certificate %s is offered nothing', async (_, make) => {
    const { stop, form } = await pageFor(await make());
    expect(stop.form?.id).toBe('login');
    expect(form).toBeUndefined();
  });

  it('S:N-14 is offered nothing at an application that does not take the method', async () => {
    expect((await pageFor(ada, 'other')).form).toBeUndefined();
  });
});

describe('the button', () => {
  it('S:N-14 looks at the certificate again: gone, or another one, it logs nobody in', async () => {
    const { browser, form } = await pageFor(ada);
    if (form === undefined) throw new Error('no form');
    for (const now of [undefined, dora, card]) {
      const later = browserWith(now);
      for (const [name, value] of browser.cookies) later.cookies.set(name, value);
      const stop = await later.post(form.action, form.fields);
      expect(stop.answer).toEqual({});
      expect(stop.form?.id).toBe('login');
      expect(later.sessionCookie()).toBeUndefined();
    }
    expect((await browser.post(form.action, form.fields)).answer).toHaveProperty('code');
  });

  it('S:N-14 is of the page that was shown to this browser, about this user', async () => {
    const { browser, form } = await pageFor(ada);
    if (form === undefined) throw new Error('no form');
    const stranger = browserWith(ada);
    await stranger.authorize(codeRequest('web').parameters);
    expect((await stranger.post(form.action, form.fields)).status).toBe(403);
    expect((await browser.post(form.action, { ...form.fields, certificate: 'another' })).status).toBe(403);
    const { certificate, ...rest } = form.fields;
    expect((await browser.post(form.action, rest)).status).toBe(403);
    expect((await browser.post(form.action, form.fields, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('what access makes of it', () => {
  it('S:N-14 a certificate is no password: the grant takes none, and a method of certificates serves it not', async () => {
    const world = await serveForAll(
      (documents) => {
        withCertificates(documents);
        const { web } = documents.site.applications;
        documents.site.applications.legacy = { ...web, metadata: { grant_types: ['password'], scope: 'api' } };
      },
      { app: { trustedProxies: ['127.0.0.1'] } },
    );
    const headers = { 'client-cert': `:${ada.der.toString('base64')}:` };
    const form = { grant_type: 'password', username: 'dora', password: PASSWORD, scope: 'api' };
    expect((await post(world, '/token', form, { as: 'legacy', headers })).status).toBe(400);
  });

  it('S:N-14 rules that ask for the method let in who logged in by it, and no one by a password', async () => {
    await plain.apply(({ site }) => {
      site.applications.web.access_rules = { all: [{ method }] };
    });
    try {
      expect(claimsOf((await logIn(ada)).access_token).sub).toBe('ada-0001');
      const { browser, stop } = await pageFor(undefined);
      expect((await browser.login(stop, 'ada')).answer.error).toBe('access_denied');
    } finally {
      await plain.apply(({ site }) => {
        delete site.applications.web.access_rules;
      });
    }
  });

  it('S:N-14 a session ends with the method, and a certificate of an authority that is gone is nobody’s', async () => {
    const world = await serveForAll(withCertificates, { app: { trustedProxies: ['127.0.0.1'] } });
    const { browser, form } = await pageFor(ada, 'web', world);
    await browser.post(form?.action ?? '', form?.fields ?? {});
    expect((await browser.authorize(codeRequest('web').parameters)).answer).toHaveProperty('code');
    await world.apply(({ site }) => {
      site.users.ada.methods = ['password.1'];
    });
    expect((await browser.authorize(codeRequest('web').parameters)).form?.id).toBe('login');
    await world.apply(({ server, site }) => {
      site.users.ada.methods = ['password.1', method];
      server.server.certificates.authorities.corporate = { pem: others.pem };
    });
    expect((await pageFor(ada, 'web', world)).form).toBeUndefined();
  });
});

describe('what the spec says', () => {
  const found = (change: (documents: Documents) => void) =>
    load((documents) => {
      withCertificates(documents);
      change(documents);
    });
  const codes = async (change: (documents: Documents) => void) => errorsOf(await found(change));

  it('S:N-14 a method of certificates names an authority, and no other does', async () => {
    expect(await codes(() => undefined)).toEqual([]);
    expect(
      await codes(({ server }) => {
        delete server.methods[method].certificate_authority;
      }),
    ).toEqual(['method.certificate-authority']);
    expect(
      await codes(({ server }) => {
        server.methods['password.1'].certificate_authority = 'corporate';
      }),
    ).toEqual(['method.certificate-authority']);
    expect(
      await codes(({ server }) => {
        server.methods[method].certificate_authority = 'corporat';
      }),
    ).toEqual(['certificate-authority.unknown']);
  });

  it.each<[string, Spec, string[]]>([
    ['two names', { san_email: 'ada@example.com', sha256: 'ab'.repeat(32) }, ['user.certificate-names']],
    ['none', {}, ['user.certificate-names']],
    ['a digest that is none', { sha256: 'ab' }, ['certificate-name.invalid']],
    ['another key', { san_ip: '203.0.113.7' }, ['key.unknown']],
    ['the name of another user, in other letters', { san_email: 'dora@Example.COM' }, ['user.certificate-taken']],
  ])('S:N-14 the certificate of a user with %s is an error', async (_, certificate, expected) => {
    const all = await codes(({ site }) => {
      site.users.ada.certificate = certificate;
    });
    expect(all).toEqual(expected);
  });

  it('the same name in certificates of two authorities is of two users', async () => {
    expect(
      await codes(({ site }) => {
        site.users.bob.certificate = { san_email: 'ada@example.com' };
      }),
    ).toEqual([]);
  });

  it('who lists the method without a certificate is warned of, and a certificate that nothing asks for', async () => {
    const warned = warningsOf(
      await found(({ site }) => {
        delete site.users.dora.certificate;
        site.users.erin.certificate = { san_dns: 'erin.example.com' };
      }),
    );
    expect(warned).toEqual(expect.arrayContaining(['user.no-certificate', 'user.certificate-unused']));
    expect(warned).not.toContain('application.no-login');
  });
});

describe('several methods of one certificate', () => {
  it('S:N-14 the one counts by which access lets the user in', async () => {
    const world = await serveForAll(
      (documents) => {
        withCertificates(documents);
        const { server, site } = documents;
        server.methods['certificate.3'] = { type: 'certificate', certificate_authority: 'corporate' };
        site.methods.push('certificate.3');
        site.users.ada.methods.push('certificate.3');
        site.applications.web.methods.push('certificate.3');
        site.applications.web.access_rules = { all: [{ method: 'certificate.3' }] };
      },
      { app: { trustedProxies: ['127.0.0.1'] } },
    );
    expect(claimsOf((await logIn(ada, 'web', world)).access_token).sub).toBe('ada-0001');
  });
});
