import { describe, expect, it } from 'vitest';
import { cookieJar } from '../../src/http/cookies.ts';

const ISSUER = 'https://login.example/uas';
const jar = cookieJar(ISSUER);

function nameOf(setCookie: string | undefined): string {
  return setCookie?.split('=', 1)[0] ?? '';
}

describe('the cookies of this server', () => {
  it('are of this host alone, over TLS alone, for no script, and sent along when another site leads here', () => {
    const [browser, session] = jar.write({ browser: 'a-b_c', session: 'xyz' });
    expect(browser).toMatch(/^__Host-charter-browser-[0-9a-f]{8}=a-b_c; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(session).toMatch(/^__Host-charter-session-[0-9a-f]{8}=xyz; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it('have no prefix and no Secure where the issuer is of http, which browsers would not take', () => {
    const [session] = cookieJar('http://127.0.0.1:8080').write({ session: 'xyz' });
    expect(session).toMatch(/^charter-session-[0-9a-f]{8}=xyz; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('are removed by the same attributes', () => {
    const [session] = jar.write({ session: null });
    expect(session).toMatch(
      /^__Host-charter-session-[0-9a-f]{8}=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('change only where the answer changes them', () => {
    expect(jar.write({})).toEqual([]);
    expect(jar.write({ browser: 'b' })).toHaveLength(1);
  });

  it('of issuers on one host do not overwrite each other', () => {
    const issuers = [ISSUER, 'https://login.example', 'https://login.example:8443/uas', 'https://login.example/uas2'];
    const names = issuers.map((issuer) => nameOf(cookieJar(issuer).write({ session: 's' })[0]));
    expect(new Set(names).size).toBe(issuers.length);
  });

  it('are read back, and nothing else is', () => {
    const [browser, session] = jar.write({ browser: 'b', session: 's' }).map((one) => one.split(';', 1)[0]);
    expect(jar.read(`other=1; ${browser}; charter-session=x; ${session}`)).toEqual({ browser: 'b', session: 's' });
    const other = cookieJar('https://login.example').write({ session: 'theirs' })[0];
    expect(jar.read(other)).toEqual({ browser: undefined, session: undefined });
    expect(jar.read(undefined)).toEqual({});
  });

  it.each(['', ';;;', '=', '\u0000', '%', 'a'.repeat(10_000), '__proto__=x; constructor=y'])(
    'are not there in %j',
    (header) => {
      expect(jar.read(header)).toEqual({ browser: undefined, session: undefined });
    },
  );

  it('that are empty are not there', () => {
    const [session] = jar.write({ session: null });
    expect(jar.read(session?.split(';', 1)[0])).toEqual({ browser: undefined, session: undefined });
  });

  it('can be read where a percent sequence in them is broken', () => {
    const name = nameOf(jar.write({ session: 's' })[0]);
    expect(jar.read(`${name}=%zz`)).toEqual({ browser: undefined, session: '%zz' });
  });
});
