// Owns the server's entity and what only code can say about its issuer. Never knows sites.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { CertificateSettings, SafetySettings, ServerEntity } from '../model/entity.ts';
import { pick, tokenSettings } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { ServerDocument } from './documents.gen.ts';
import type { Declaration } from './merge.ts';
import { placeOf } from './merge.ts';
import { isLoopbackHost } from './redirect-uri.ts';
import { rangeOf } from './tree.ts';

type WrittenServer = NonNullable<ServerDocument['server']>;

export function bindServer(declaration: Declaration<WrittenServer>, problems: Diagnostic[]): ServerEntity {
  const { value } = declaration;
  checkIssuer(declaration, problems);
  if (value.profiles?.includes('ubisecure') && value.directory === undefined) {
    problems.push(
      report('profile.base-dn-missing', {
        detail: 'the profile ubisecure needs directory.base_dn',
        help: 'Write, for example:\n  directory: { base_dn: "cn=Ubilogin,dc=test" }',
        range: rangeOf(placeOf(declaration, 'profiles')),
        address: 'server',
      }),
    );
  }
  return {
    kind: 'server',
    issuer: value.issuer,
    ...pick(value, ['profiles']),
    ...(value.directory === undefined ? {} : { directory: { base_dn: value.directory.base_dn } }),
    ...(value.tokens === undefined ? {} : { tokens: tokenSettings(value.tokens) }),
    ...(value.sessions === undefined ? {} : { sessions: pick(value.sessions, ['ttl', 'idle']) }),
    ...(value.oauth2 === undefined ? {} : { oauth2: pick(value.oauth2, ['enabled']) }),
    ...(value.outbound === undefined ? {} : { outbound: pick(value.outbound, ['allow']) }),
    ...pick(value, ['trusted_proxies']),
    ...(value.certificates === undefined ? {} : { certificates: certificateSettings(value.certificates) }),
    ...(value.safety === undefined ? {} : { safety: safetySettings(value.safety) }),
  };
}

function certificateSettings({
  authorities,
  ...others
}: NonNullable<WrittenServer['certificates']>): CertificateSettings {
  const named = Object.entries(authorities ?? {}).map(([name, { pem }]) => [name, { pem }] as const);
  return {
    ...pick(others, ['header']),
    ...(authorities === undefined ? {} : { authorities: Object.fromEntries(named) }),
  };
}

function safetySettings({ deletes }: NonNullable<WrittenServer['safety']>): SafetySettings {
  return deletes === undefined ? {} : { deletes: pick(deletes, ['percent', 'at_least']) };
}

/** Tells what is wrong with the issuer. P:O-091, P:A-003, S:N-73: one spelling, https, and http for a loopback host only. */
export function checkIssuer(declaration: Declaration<WrittenServer>, problems: Diagnostic[]): void {
  const { issuer } = declaration.value;
  const range = rangeOf(placeOf(declaration, 'issuer'));
  const tell = (code: 'issuer.invalid' | 'issuer.insecure', detail: string, help: string, text?: string) => {
    const fixes = text === undefined ? [] : [{ title: `Write ${text}`, edits: [{ range, text }] }];
    problems.push(report(code, { detail, help, range, address: 'server', fixes }));
  };
  if (!/^https?:\/\/[^/]/i.test(issuer) || !URL.canParse(issuer)) {
    tell('issuer.invalid', 'an absolute URL is expected', 'Write, for example, https://id.example.com.');
    return;
  }
  const url = new URL(issuer);
  const extra = [
    url.username !== '' || url.password !== '' ? 'a user' : undefined,
    issuer.includes('?') ? 'a query' : undefined,
    issuer.includes('#') ? 'a fragment' : undefined,
  ].find((part) => part !== undefined);
  // A URL without a path is written without the slash that its normal form has.
  const normal = `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
  if (extra !== undefined) {
    tell(
      'issuer.invalid',
      `an issuer has no user, query or fragment, and this has ${extra}`,
      `Write ${normal}.`,
      normal,
    );
  } else if (issuer !== normal) {
    const slash = issuer.endsWith('/') ? 'an issuer does not end in /' : 'this is not the normal form of the URL';
    tell('issuer.invalid', slash, `Write ${normal}.`, normal);
  } else if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname)) {
    tell(
      'issuer.insecure',
      `tokens and secrets would cross the network to ${url.hostname} in clear text`,
      `Write ${normal.replace(/^http:/, 'https:')}; http is for localhost, 127.0.0.0/8 and [::1] only.`,
      normal.replace(/^http:/, 'https:'),
    );
  }
}
