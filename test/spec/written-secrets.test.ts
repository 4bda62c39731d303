import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { findSecrets } from '../../src/spec/secret-text.ts';

const GENERATED = formatGeneratedSecret(new Uint8Array(32).fill(7));

function told(lines: string) {
  const files = [{ path: 'a.yaml', text: `server: { issuer: https://id.example.com }\n---\nsite: A\n${lines}\n` }];
  const { diagnostics } = compile(files);
  return { diagnostics, text: renderDiagnostics(diagnostics, files, { color: false }) + JSON.stringify(diagnostics) };
}

const errorsIn = (lines: string) =>
  told(lines).diagnostics.flatMap(({ severity, code, range }) =>
    severity === 'error' ? [`${code} ${range?.start.line}:${range?.start.column}`] : [],
  );

describe('a generated secret is an error wherever it is written', () => {
  it.each([
    ['as the name of a variable', `applications:\n  App: { secret: { env: ${GENERATED} } }`, '5:25'],
    ['as a path', `applications:\n  App: { secret: { file: below/${GENERATED} } }`, '5:32'],
    ['in metadata', `applications:\n  App: { metadata: { client_name: "of ${GENERATED}" } }`, '5:39'],
    ['in a comment', `# ${GENERATED}`, '4:3'],
    ['under a key of the author’s own', `x-note: ${GENERATED}`, '4:9'],
    ['as a name', `groups: { ${GENERATED}: { } }`, '4:11'],
  ])('%s', (_, lines, place) => {
    expect(errorsIn(lines)).toContain(`secret.literal ${place}`);
    expect(told(lines).text).not.toContain(GENERATED.slice(0, 20));
  });

  it('once, where it is told already', () => {
    expect(errorsIn(`applications:\n  App: { secret: ${GENERATED} }`)).toEqual(['secret.literal 5:18']);
    expect(errorsIn(`applications:\n  App: { secret: { value: ${GENERATED} } }`)).toEqual(['secret.literal 5:20']);
  });

  it('and each of several', () => {
    expect(errorsIn(`x-a: ${GENERATED}\nx-b: ${GENERATED}`)).toEqual(['secret.literal 4:6', 'secret.literal 5:6']);
  });

  it('but what only looks like one is none', () => {
    const other = `${GENERATED.slice(0, -1)}${GENERATED.endsWith('A') ? 'B' : 'A'}`;
    expect(errorsIn(`x-note: ${other}\nx-more: ${GENERATED.slice(0, -1)}`)).toEqual([]);
  });
});

describe('a URL that people are shown has no user', () => {
  it.each(['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'client_uri#de'])('%s', (key) => {
    const lines = (url: string) => `applications:\n  App: { metadata: { "${key}": "${url}" } }`;
    expect(errorsIn(lines('https://user:CANARY@host.example/x'))[0]).toMatch(/^url\.invalid /);
    expect(told(lines('https://user:CANARY@host.example/x')).text).not.toContain('CANARY');
    expect(errorsIn(lines('https://host.example/@user?a=b@c'))).toEqual([]);
  });

  it('nor has a redirect URI of a native client', () => {
    const lines = (uri: string) =>
      `applications:\n  App: { metadata: { application_type: native, redirect_uris: ["${uri}"] } }`;
    expect(errorsIn(lines('com.example.app://user:CANARY@cb'))[0]).toMatch(/^redirect-uri\.invalid /);
    expect(errorsIn(lines('com.example.app://cb/@user'))).toEqual([]);
  });
});

describe('a secret below its key', () => {
  const hidden = (text: string) => findSecrets(text).map(({ from, to }) => text.slice(from, to));

  it('is one also where tabs indent it, which tells nobody how far in it is', () => {
    expect(hidden('App:\n    secret:\n\t  value: CANARY\n    enabled: true\n')).toEqual(['value: CANARY']);
    expect(hidden('App:\n\tsecret:\n      value: CANARY\n\tenabled: true\n')).toEqual(['value: CANARY']);
  });

  it('ends at the next key that is as far out, with tabs or with spaces', () => {
    expect(hidden('App:\n\t\tsecret:\n\t\t\tvalue: CANARY\n\t\tenabled: true\n')).toEqual(['value: CANARY']);
    expect(hidden('App:\n  - secret:\n      value: CANARY\n    enabled: true\n')).toEqual(['value: CANARY']);
  });
});
