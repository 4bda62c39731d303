// Pages that are rendered once for many: each person is shown what would have been rendered for them alone.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderConsent } from '../../../src/http/pages/consent.tsx';
import { renderLogin } from '../../../src/http/pages/login.tsx';
import { renderPage } from '../../../src/http/pages/render.ts';
import { PAGES } from './served.ts';

/** Markup, what `String.replace` would read as more than text, and anything else. */
const texts = fc.oneof(fc.constantFrom('', "$&$1$`$'", '<b>"&amp;\'', 'ada', 'Web'), fc.string(), fc.uuid());
const fields = fc.dictionary(texts, texts, { maxKeys: 4 });
const client = fc.record({ name: texts });

describe('a page that was rendered before, for somebody else', () => {
  it('login: is the same as one of its own', () => {
    const pages = fc.record({
      action: texts,
      fields,
      client,
      username: fc.constantFrom('', 'ada'),
      problem: fc.constantFrom(undefined, 'wrong' as const),
      takesPassword: fc.boolean(),
      takesCertificate: fc.boolean(),
      certificate: fc.option(fc.record({ user: texts, fields }), { nil: undefined }),
    });
    const law = fc.property(pages, fields, (written, others) => {
      for (const own of [written, { ...written, fields: others }]) {
        const page = { kind: 'login' as const, ...own };
        expect(renderPage(page)).toEqual(renderLogin(page));
      }
    });
    fc.assert(law);
  });

  it('consent: is the same as one of its own', () => {
    const scopes = fc.array(fc.record({ scope: texts, description: texts }), { maxLength: 2 });
    const pages = fc.record({ action: texts, fields, client, user: texts, scopes, offline: fc.boolean() });
    const law = fc.property(pages, fields, texts, (written, others, somebody) => {
      for (const own of [written, { ...written, fields: others, user: somebody }]) {
        const page = { kind: 'consent' as const, ...own };
        expect(renderPage(page)).toEqual(renderConsent(page));
      }
    });
    fc.assert(law);
  });

  it('says what has changed of it: the client, its links and its picture', () => {
    const page = PAGES.consent;
    const renamed = { ...page, client: { name: 'Renamed', logo_uri: 'https://cdn.test/logo.png' } };
    expect([page, renamed, page].map((one) => renderPage(one))).toEqual([page, renamed, page].map(renderConsent));
  });
});
