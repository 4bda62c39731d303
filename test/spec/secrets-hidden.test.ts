import { describe, expect, it } from 'vitest';
import type { Checked } from '../../src/model/diagnostic.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { type CompiledSpec, compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { withoutSecrets } from '../../src/spec/redact.ts';
import { findSecrets } from '../../src/spec/secret-text.ts';
import { isSensitive } from '../../src/spec/sensitive-keys.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const SERVER = {
  path: 'server.yaml',
  text: 'server: { issuer: https://id.example.com }\nmethods: { m1: { type: client_credentials } }\n',
};
const C = 'CANARY7';
const SALT = 'c2FsdHNhbHRzYWx0';
const DIGEST = '4ChDV6vbHYB1dJ9jZ1uYk8bM1NoMQaWPUAUsK1mE8gk';
const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`;

/** All that is said of a spec: the frames, and the diagnostics with their fixes. */
function toldOf(files: readonly SourceFile[]): { readonly checked: Checked<CompiledSpec>; readonly text: string } {
  const checked = compile(files);
  const { diagnostics } = checked;
  return { checked, text: renderDiagnostics(diagnostics, files, { color: false }) + JSON.stringify(diagnostics) };
}

function site(lines: string): SourceFile[] {
  return [SERVER, { path: 'a.yaml', text: `site: A\napplications:\n${lines}\n` }];
}

const KEYS = [
  ...['secert', 'seceret', 'secrets', 'secet', 'Secret', 'SECRET', 'client_secret', 'password', 'Password', 'token'],
  ...[
    'api_key',
    'apikey',
    'secret_key',
    'private_key',
    'passphrase',
    'my_secret',
    'db_password_old',
    'clientSecret',
    'jwks',
  ],
];

const SPELLINGS: Readonly<Record<string, string>> = {
  'no space behind the colon': `  App:\n    secret:${C}`,
  'no space behind the colon, in braces': `  App: { secret:${C} }`,
  'no colon': `  App:\n    secret ${C}`,
  'no colon, above another key': `  App:\n    secret ${C}\n    enabled: true`,
  'no colon, in braces': `  App: { secret ${C} }`,
  'an equals sign': `  App:\n    secret = ${C}\n    enabled: true`,
  'an equals sign without spaces': `  App: { secret=${C} }`,
  'a block scalar whose second line is less indented': `  App:\n    secret: |\n        first\n      ${C}\n    enabled: 5`,
  'a block scalar whose second line is as far out as the key': `  App:\n    secret: |\n      first\n    ${C}\n    enabled: 5`,
  'a block scalar whose second line is further out': `  App:\n    secret: >-\n      first\n   ${C}\n`,
  'a quoted value over lines': `  App:\n    secret: "first\n  ${C}"\n    no: x`,
  'JSON with something behind it': `  App: {"secret":{"value":"${C}"}, x`,
  'JSON with something at once behind it': `  "App":{"secret":"a"${C}}`,
  'a list as a key': `  App: { secret: { ? [${C}] : b } }`,
  'a merge key': `  App: { secret: { <<: ${C} } }`,
  'two places': `  App: { secret: { env: A_S, file: ${C} } }`,
  'two places, in lines': `  App:\n    secret:\n      env: A_S\n      file: ${C}`,
  'an own key beside a wrong place': `  App: { secret: { env: [X], x-y: ${C} } }`,
  'a map over lines': `  App:\n    secret: {\n      value: ${C},\n    }\n    no: x`,
  'a bracket that is never closed': `  App:\n    secret: { value: [${C}, b }\n    no: x`,
  'a comma in it': `  App: { secret: first,${C} }`,
  'a bracket in it': `  App: { secret: first}${C} }`,
  'a key behind another one in the line': `  App: x: secret: ${C}`,
  'a value behind its anchor, repeated elsewhere': `  App: { secret: &a ${C}, client_id: *a, audience_mode: *a }`,
  'a value behind its anchor, as a name that is not there': `  App: { secret: &a ${C}, allowed_to: [*a], impersonates: *a }`,
  'a secret that repeats what stands elsewhere': `  App: { audience_mode: &a ${C}, secret: *a }`,
  'escapes in a repeated value': `  App: { secret: &a "\\x43ANARY7", audience_mode: *a }`,
  'a very long one elsewhere': `  App: { secret: ${'x'.repeat(80)}${C}, allowed_to: [${'x'.repeat(80)}${C}] }`,
  'a secret in another document kind': `---\nserver: { issuer: 5, secret: ${C} }`,
};

describe('what is a secret by its key is nowhere in what is told', () => {
  it.each(KEYS)('of %s', (key) => {
    const shapes = [
      `  App: { ${key}: ${C}, polcy: x }`,
      `  App: { "${key}": "${C}" }`,
      `  App:\n    ${key}: ${C} of-mine\n    polcy: x`,
      `  App:\n    ${key}: |\n      ${C}\n     ${C}\n    polcy: x`,
      `  App:\n    ${key}:\n      value: ${C}\n      other: [${C}]`,
      `  App:\n    metadata:\n      - ${key}: ${C}\n        ${C}`,
      `  App: { metadata: { ${key}: { value: ${C}, ${C}: 5 } } }`,
    ];
    for (const shape of shapes) {
      const { checked, text } = toldOf(site(shape));
      expect(checked.ok, shape).toBe(false);
      expect(text, shape).not.toContain(C);
    }
  });

  it.each(Object.entries(SPELLINGS))('%s', (_name, lines) => {
    const { checked, text } = toldOf(site(lines));
    expect(checked.ok).toBe(false);
    expect(text).not.toContain(C);
  });

  it('nor in a sentence about the same text elsewhere', () => {
    const { diagnostics } = compile(site(`  App:\n    secret: ${C}\n    audience_mode: ${C}\n    allowed_to: [${C}]`));
    expect(diagnostics.map(({ code }) => code)).toEqual(['secret.literal', 'value.not-allowed']);
    expect(JSON.stringify(diagnostics)).not.toContain(C);
  });

  it('and every line around it is framed without it, whatever a diagnostic points at', () => {
    for (const lines of Object.values(SPELLINGS)) {
      const text = `site: A\napplications:\n${lines}\n`;
      const shown = text.split('\n').map((_, position) => {
        const start = {
          line: position + 1,
          column: 1,
          offset: text.split('\n').slice(0, position).join('\n').length + 1,
        };
        const diagnostic = { severity: 'error', code: 'c', summary: 's', detail: 'd' } as const;
        const range = { file: 'a.yaml', start, end: start };
        return renderDiagnostics([{ ...diagnostic, range }], [{ path: 'a.yaml', text }], { color: false });
      });
      if (/allowed_to: \[x/.test(text)) continue;
      expect(shown.join(''), lines).not.toContain(C);
    }
  });
});

describe('hashes and users of URLs', () => {
  const shapes: Readonly<Record<string, string>> = {
    unquoted: `  App: { secret: { hash: ${HASH} } }`,
    'split by a formatter': `  App: { secret: { hash: ${HASH.replaceAll(',', ', ')} } }`,
    'in a wrong place': `  App: { client_id: "${HASH}x\u00e9" }`,
    'in a list': `  App: { allowed_to: [${HASH}] }`,
    'quoted beside a mistake': `  App: { secret: { hash: "${HASH}" }, polcy: x }`,
    'over lines': `  App:\n    secret: { hash: "$argon2id$v=19$m=19456,t=2,p=1\n      $${SALT}$${DIGEST}" }\n    polcy: x`,
    'behind a wrong key': `  App: { secret: { hsah: "${HASH}" } }`,
    'under another key': `  App: { verifier: ${HASH} }`,
  };
  it.each(Object.entries(shapes))('no part of a hash is shown: %s', (_name, lines) => {
    const { checked, text } = toldOf(site(lines));
    expect(checked.ok).toBe(false);
    expect(text).not.toContain(SALT);
    expect(text).not.toContain(DIGEST);
  });

  it('a hash is shown by its beginning', () => {
    expect(toldOf(site(shapes['quoted beside a mistake'] ?? '')).text).toContain('{ hash: "$argon2id$…" }, polcy: x');
  });

  it.each([
    `https://me:${C}@id.example.com`,
    `https://me:pa/${C}@id.example.com`,
    `https://${C}@id.example.com/x?y`,
    `ftp://me:${C}@id.example.com`,
  ])('no user of a URL is shown: %s', (issuer) => {
    for (const text of [
      `server: { issuer: "${issuer}" }\n`,
      `server:\n  issuer: ${issuer}\nscopes: { "${issuer}": {} }\n`,
    ]) {
      const { checked, text: told } = toldOf([{ path: 'a.yaml', text }]);
      expect(checked.ok).toBe(false);
      expect(told).not.toContain(C);
    }
  });
});

const NOTHING = { severity: 'error', code: 'key.unknown', summary: 'Unknown key' } as const;
const rangeOfFirstLine = (text: string) => ({
  file: 'a.yaml',
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: text.length + 1, offset: text.length },
});

describe('a generated secret is known by its form, wherever it is written', () => {
  const generated = formatGeneratedSecret(new Uint8Array(32).fill(77));

  it.each([
    ['an attribute', `users: { U: { attributes: { note: ${generated} } } }`],
    ['a comment', `# was ${generated} before`],
    ['a name', `applications: { ${generated}: {} }`],
    ['a key of the author’s own', `x-note: "see ${generated}, and more"`],
    ['behind other letters', `x-note: token${generated}`],
    ['most of one', `x-note: ${generated.slice(0, -5)}`],
  ])('in %s', (_, text) => {
    const told = renderDiagnostics(
      withoutSecrets(
        [{ ...NOTHING, detail: `${text} is wrong`, range: rangeOfFirstLine(text) }],
        [{ path: 'a.yaml', text }],
      ),
      [{ path: 'a.yaml', text }],
      { color: false },
    );
    expect(told).toContain('********');
    expect(told).not.toContain(generated.slice(0, 20));
  });

  it('a name that begins like one stays readable', () => {
    expect(findSecrets('x-note: chs_is-the-prefix-of-a-generated-one')).toEqual([]);
  });
});

describe('what is no secret stays readable', () => {
  const read = (text: string) => findSecrets(text).map(({ from, to }) => text.slice(from, to));

  it.each([
    'applications: { App: { secret: { env: APP_SECRET }, polcy: x } }',
    'applications:\n  App:\n    secret: { file: ../app.secret } # here\n    no: x',
    'applications:\n  App:\n    secret:\n      env: APP_SECRET\n    no: x',
    '{"applications":{"App":{"secret":{"env":"APP_SECRET"},"no":"x"}}}',
    'tokens: { access_ttl: 15m }\nmetadata: { token_endpoint_auth_method: none, grant_types: [password, refresh_token] }',
    'applications:\n  token-service:\n    allowed_to: [Group1]\n  password-reset: { polcy: x }',
    'methods: { password.1: { type: password } }\nmembers: [secret-keepers, token-users]',
    'methods:\n  - password.1\n  - token.2',
  ])('%s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('a key of the schema announces no secret', () => {
    expect(['tokens', 'token_endpoint_auth_method', 'scopes', 'server', 'sub', 'members'].filter(isSensitive)).toEqual(
      [],
    );
  });

  it('keys of places stay, their values do not', () => {
    expect(read('secret: { env: A_S, file: CANARY }')).toEqual(['A_S,', 'CANARY'].map((text) => text.replace(',', '')));
  });

  it('one good fix of another value is still offered', () => {
    const [diagnostic] = compile(site('  App: { secret: { env: APP }, audience_mode: narow }')).diagnostics;
    expect(diagnostic?.fixes?.[0]?.edits[0]?.text).toBe('narrow');
  });
});

it('many secrets in one file, in lines and in one line, are found in time', () => {
  const lines = Array.from({ length: 20_000 }, (_, number) => `secret: { a: [\nx${number}`).join('\n');
  const line = `{${Array.from({ length: 3000 }, (_, number) => `a${number}: { password: x${number} }`).join(', ')}}`;
  const began = process.cpuUsage();
  expect(findSecrets(lines).length).toBeGreaterThan(0);
  expect(findSecrets(line)).toHaveLength(3000);
  const names = `applications: {${Array.from({ length: 10_000 }, (_, number) => `token${number}: {a: b}`).join(', ')}}`;
  expect(findSecrets(names)).toEqual([]);
  expect(findSecrets('a://'.repeat(20_000)).length).toBe(0);
  // What the machine does besides is none of it.
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
});

describe('a list of secrets', () => {
  const shownOf = (lines: string) => {
    const [, file] = site(lines);
    const { text = '' } = file ?? {};
    return findSecrets(text).map(({ from, to }) => text.slice(from, to));
  };

  it.each([
    '  App:\n    secrets:\n      - { env: A_SECRET, expires: 2027-01-31 }\n      - { not_before: 2027-01-01T00:00:00Z, file: a/b.secret }',
    '  App:\n    secrets:\n      - env: A_SECRET\n        expires: "2027-01-31"\n      - file: b.secret # the next',
    '  App: { secrets: [{ env: A_SECRET, expires: 2027-01-31 }, { env: B_SECRET }] }',
    '  App:\n    secrets: [\n      { env: A_SECRET },\n      { env: B_SECRET, not_before: 2027-01-01 },\n    ]',
  ])('of references is shown: %j', (lines) => {
    expect(shownOf(lines)).toEqual([]);
  });

  it.each([
    `  App:\n    secrets:\n      - ${C}\n      - { env: B_SECRET }`,
    `  App: { secrets: [${C}, { env: B_SECRET }] }`,
    `  App: { secrets: ${C} }`,
    `  App:\n    secrets:\n      - { value: ${C}, expires: 2027-01-31 }`,
    `  App:\n    secrets:\n      - { env: B_SECRET, expires: ${C} }`,
    `  App:\n    secrets:\n      - env: B_SECRET\n        ${C}: x`,
    `  App:\n    secrets: [{ env: A_SECRET, not_before: "2027-01-01 ${C}" }]`,
  ])('never shows a value: %j', (lines) => {
    const { checked, text } = toldOf(site(lines));
    expect(checked.ok).toBe(false);
    expect(text).not.toContain(C);
  });
});

describe('a private key among the keys of a client', () => {
  const D = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const X = 'Lil27CsVp4NjEeQvS7ESn83NxXyZpUoEu7JLIMrQ1Cg';
  const jwk = `{ kty: OKP, crv: Ed25519, kid: k1, d: ${D}, x: ${X} }`;

  it.each([
    ['in braces', `  App: { metadata: { jwks: { keys: [${jwk}] } } }`],
    [
      'in lines',
      `  App:\n    metadata:\n      jwks:\n        keys:\n          - kty: OKP\n            crv: Ed25519\n            x: ${X}\n            d: ${D}`,
    ],
    ['as JSON', `  App: { metadata: { jwks: {"keys":[{"kty":"OKP","crv":"Ed25519","d":"${D}","x":"${X}"}]} } }`],
    ['as one text', `  App: { metadata: { jwks: '{"keys":[{"kty":"OKP","crv":"Ed25519","d":"${D}","x":"${X}"}]}' } }`],
    ['as one short text', `  App: { metadata: { jwks: AAAAAAAAAAAA } }`],
    ['that is symmetric and short', `  App: { metadata: { jwks: { keys: [{ kty: oct, k: AAAAAAAAAAAA }] } } }`],
    [
      'with another fault in its line',
      `  App: { metadata: { jwks: { keys: [${jwk}], kyes: 1 }, jwks_uri: 5, polcy: x } }`,
    ],
    ['in a file that is no YAML', `  App: { metadata: { jwks: { keys: [${jwk}] }`],
    [
      'with all members',
      `  App: { metadata: { jwks: { keys: [{ kty: RSA, n: ${X}, e: AQAB, q: ${D}, dp: ${D}, qi: ${D} }] } } }`,
    ],
  ])('is not told: %s', (_name, lines) => {
    const { checked, text } = toldOf(site(lines));
    expect(checked.ok).toBe(false);
    expect(text).not.toContain('AAAAAAAAAAAA');
  });

  it('leaves the words of a public one in what is told', () => {
    const keys = `jwks: { keys: [{ kty: OKP, use: enc, crv: Ed25519, x: ${X} }] }`;
    const { text } = toldOf(site(`  App:\n    metadata:\n      ${keys}\n      token_endpoint_auth_signing_alg: none`));
    expect(text).toContain('kty: OKP, use: enc, crv: Ed25519');
    expect(text).toContain('Allowed: RS256, PS256, ES256, EdDSA, HS256.');
  });
});

it('P:S-029 the password of a user is nowhere in what is told, however it is written', () => {
  for (const password of ['CANARY7', '{ CANARY7 }', '[CANARY7]', '{ hash: CANARY7 }', '\n      CANARY7']) {
    const text = `site: A\nusers:\n  User1:\n    password: ${password}\n    polcy: x\n`;
    const told = toldOf([SERVER, { path: 'a.yaml', text }]);
    expect(told.checked.ok).toBe(false);
    expect(told.text).not.toContain('CANARY7');
  }
});
