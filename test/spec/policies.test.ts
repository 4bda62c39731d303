import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { originFrom, storedOrigin } from '../../src/model/origin.ts';
import { compile } from '../../src/spec/compile.ts';
import { mend } from '../../src/spec/fix.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { writeSpec } from '../../src/spec/write-spec.ts';
import { readCases } from './case.ts';

const SERVER: SourceFile = {
  path: 'zz.yaml',
  text: 'server: { issuer: https://id.example.com }\nmethods: { m: { type: password }, n: { type: password } }\n',
};

function specOf(text: string, ...others: readonly SourceFile[]): SourceFile[] {
  return [{ path: 'a.yaml', text }, ...others, SERVER];
}

function compiled(files: readonly SourceFile[]) {
  const checked = compile(files);
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, files, { color: false }));
  const { state, origins } = checked.value;
  return {
    ...checked.value,
    entity: (address: Address) => state.get(address),
    /** The text that a pointer leads to. */
    written: (address: Address, pointer: string) => {
      const range = origins.get(address)?.(pointer);
      const text = files.find(({ path }) => path === range?.file)?.text ?? '';
      return text.slice(range?.start.offset, range?.end.offset);
    },
  };
}

const diagnose = (files: readonly SourceFile[]) => compile(files).diagnostics;

/** `code: detail | help`. */
function told(text: string): readonly string[] {
  return diagnose(specOf(text)).map(({ code, detail, help }) => `${code}: ${detail} | ${help}`);
}

const GOOD = readCases().find(({ name }) => name === 'policies-good.yaml')?.files ?? [];

describe('policies, access rules and everyone', () => {
  it('are in State by their addresses, in the order that is written', () => {
    const { entity } = compiled(GOOD);
    expect(entity('application:Example/Portal')).toMatchObject({
      allowed_to: [{ to: 'group:Example/everyone' }, { to: 'group:Other/everyone', expires: '2030-01-31' }],
      access_rules: {
        all: [{ method: 'password.1' }, { group: 'group:Example/Staff' }, { ip: ['10.0.0.0/8', '203.0.113.7'] }],
      },
      policy: 'policy:Example/Staff',
    });
    expect(entity('application:Example/Rules')).toMatchObject({
      access_rules: { any: [{ group: 'group:Other/everyone' }, { ip: ['192.0.2.0/24'] }] },
      policy: 'policy:Other/Shared',
    });
    expect(entity('application:Example/Rules')).not.toHaveProperty('allowed_to');
    expect(entity('group:Example/All')).toEqual({ kind: 'group', members: [{ to: 'group:Example/everyone' }] });
    expect(entity('policy:Example/Staff')).toEqual({
      kind: 'policy',
      items: [
        { name: 'mail', value: 'user:email' },
        {
          group: 'group:Example/Staff',
          scopes: ['openid', 'WS', 'Server1'],
          name: 'role',
          value: 'text:employee: full',
        },
        { group: 'group:Example/OnlyInPolicy', name: 'role', value: 'text:' },
        { group: 'group:Example/everyone', name: 'level', value: 'user:level' },
        { group: 'group:Other/everyone', name: 'photo', value: 'user:photo;binary' },
        { name: 'https://example.com/issuer', value: 'method:issuer' },
        { name: 'dn', value: `\${method['dn']}` },
        { name: 'admin', value: `\${user.admin}` },
      ],
      single_value: ['mail', 'level'],
      required: ['mail'],
    });
    expect(entity('policy:Other/Shared')).toMatchObject({ single_value: [], required: [] });
  });

  it('are there in no entity of their own: nothing is declared by everyone', () => {
    const { state } = compiled(GOOD);
    expect([...state.keys()].filter((address) => address.includes('everyone'))).toEqual([]);
  });

  it('come back from an export as they were', () => {
    const { state } = compiled(GOOD);
    const files = writeSpec(state);
    expect([...compiled(files).state]).toEqual([...state]);
    const text = files.map((file) => file.text).join('\n');
    for (const line of ['group: Other/everyone', '- everyone', 'policy: Other/Shared', '[group:everyone]']) {
      expect(text).toContain(line);
    }
  });

  it('are filled in from the defaults of the site, as whole keys', () => {
    const { entity } = compiled(
      specOf(`site: S
defaults: { applications: { policy: P, access_rules: { all: [{ group: everyone }] } } }
applications:
  A: {}
  B: { policy: Q, access_rules: { any: [{ ip: [10.0.0.0/8] }] } }
policies: { P: { items: [{ name: a, value: "text:1" }] }, Q: { items: [{ name: a, value: "text:2" }] } }
`),
    );
    expect(entity('application:S/A')).toMatchObject({
      policy: 'policy:S/P',
      access_rules: { all: [{ group: 'group:S/everyone' }] },
    });
    expect(entity('application:S/B')).toMatchObject({
      policy: 'policy:S/Q',
      access_rules: { any: [{ ip: ['10.0.0.0/8'] }] },
    });
  });

  it('N-46: an empty allowed_to beside access rules stays written, so that the rules do not open what it closes', () => {
    const text = (more: string) => `site: S\napplications: { A: { ${more} } }\n`;
    const rules = 'access_rules: { all: [{ ip: [10.0.0.0/8] }] }';
    const application = (more: string) => compiled(specOf(text(more))).entity('application:S/A');
    expect(application(`allowed_to: [], ${rules}`)).toMatchObject({ allowed_to: [] });
    expect(application('allowed_to: []')).not.toHaveProperty('allowed_to');
    expect(application(rules)).not.toHaveProperty('allowed_to');
    const { state } = compiled(specOf(text(`allowed_to: [], ${rules}`)));
    expect([...compiled(writeSpec(state)).state]).toEqual([...state]);
  });
});

describe('where they are written', () => {
  const TEXT = `site: S
applications:
  A:
    policy: P
    access_rules:
      any: [{ ip: [10.0.0.0/8] }, { group: everyone }]
policies:
  P:
    items: [{ group: everyone, name: a, value: "user:b" }, { name: c, value: "text:d" }]
    single_value: [a, c]
    required: [c]
users: { U: { attributes: { b: 1, d.e: [x] } } }
`;
  const rows: readonly (readonly [Address, string, string])[] = [
    ['application:S/A', '/policy', 'P'],
    ['application:S/A', '/access_rules', 'access_rules'],
    ['application:S/A', '/access_rules/any', '[{ ip: [10.0.0.0/8] }, { group: everyone }]'],
    ['application:S/A', '/access_rules/any/1', '{ group: everyone }'],
    ['policy:S/P', '', 'P'],
    ['policy:S/P', '/items/0', '{ group: everyone, name: a, value: "user:b" }'],
    ['policy:S/P', '/items/1', '{ name: c, value: "text:d" }'],
    ['policy:S/P', '/single_value/1', 'c'],
    ['policy:S/P', '/required/0', 'c'],
    ['user:S/U', '/attributes/b', '1'],
    ['user:S/U', '/attributes/d.e', '[x]'],
  ];

  it.each(rows)('%s %s has a place of its own, in the store too', (address, pointer, text) => {
    const { state, origins, written } = compiled(specOf(TEXT));
    expect(written(address, pointer)).toBe(text);
    const [entity, origin] = [state.get(address), origins.get(address)];
    if (entity === undefined || origin === undefined) throw new Error('nothing there');
    expect(originFrom(storedOrigin(entity, origin))(pointer)).toEqual(origin(pointer));
  });

  it('every value of an item has a place', () => {
    const { written } = compiled(specOf(TEXT));
    expect(written('policy:S/P', '/items/0/group')).toBe('everyone');
    expect(written('policy:S/P', '/items/1/value')).toBe('"text:d"');
  });
});

describe('S:U-64 attributes of users', () => {
  const attributes = (written: string) => {
    const user = compiled(specOf(`site: S\nusers: { U: { attributes: ${written} } }\n`)).entity('user:S/U');
    return user?.kind === 'user' ? user.attributes : undefined;
  };

  it('are texts: numbers, true and false as they are written', () => {
    expect(attributes('{ age: 42, admin: true, ratio: 2.50, hex: 0x1F, big: 1e21, list: [007, False, "x"] }')).toEqual({
      age: '42',
      admin: 'true',
      ratio: '2.50',
      hex: '0x1F',
      big: '1e21',
      list: ['007', 'False', 'x'],
    });
  });

  it('that an alias repeats are what stands at the anchor', () => {
    expect(attributes('{ a: &n 1.0, b: *n, c: [*n] }')).toEqual({ a: '1.0', b: '1.0', c: ['1.0'] });
  });

  it('are nothing else', () => {
    expect(
      told('site: S\nusers: { U: { attributes: { a: , b: { c: d } } } }\n').map((one) => one.split(' |')[0]),
    ).toEqual([
      'value.type: text or a list or a number or true or false is expected, and this is nothing',
      'value.type: text or a list or a number or true or false is expected, and this is a map',
    ]);
  });
});

describe('what is said of a value that has none of the forms', () => {
  const saidOf = (written: string) =>
    told(`site: S\napplications: { A: { policy: P } }\npolicies: { P: { items: [{ name: a, value: ${written} }] } }\n`);
  const FORMS = `The forms are text:WORDS, user:ATTRIBUTE, user:ATTRIBUTE;binary, method:ATTRIBUTE, and bare \${user.ATTRIBUTE} and \${method['ATTRIBUTE']}.`;

  it('a word may be an attribute, or the word itself', () => {
    expect(saidOf('mail')).toEqual([
      'policy-value.invalid: "mail" does not say where the value comes from | Write user:mail for an attribute, or text:mail for the word itself.',
    ]);
    expect(saidOf('42')).toEqual([
      'policy-value.invalid: "42" does not say where the value comes from | Write user:42 for an attribute, or text:42 for the word itself.',
    ]);
  });

  it('an expression is not evaluated', () => {
    expect(saidOf(`"\${user['x'][0]}"`)).toEqual([
      `policy-value.invalid: "\${user['x'][0]}" is an expression, and none is evaluated | ${FORMS}`,
    ]);
  });
});

describe('a machine fix', () => {
  const TEXT = `site: S
applications: { A: { policy: P } }
policies:
  P:
    items: [{ name: mail, value: user:mial }, { name: dn, value: "\${method['isuer']}" }]
    required: [mial]
users: { U: { attributes: { mail: x } } }
`;

  it('writes the near attribute, of a user and of a method, and the near name', async () => {
    const { files } = await mend(specOf(TEXT), diagnose);
    expect(files[0]?.text).toBe(
      TEXT.replace('user:mial', 'user:mail').replace('isuer', 'issuer').replace('[mial]', '[mail]'),
    );
  });

  it('writes the attribute that an expression behind text: means, where it stands alone', async () => {
    const text = TEXT.replaceAll('mial', 'mail').replace("method['isuer']", 'user.mail').replace('"$', '"text:$');
    const { files, fixed } = await mend(specOf(text), diagnose);
    expect(files[0]?.text).toBe(text.replace(`text:\${user.mail}`, 'user:mail'));
    expect(fixed.map(({ detail, help }) => `${detail} | ${help}`)).toEqual([
      `nothing behind text: is evaluated, so the value is the very letters \${user.mail} | Write user:mail.`,
    ]);
    const joined = text.replace('text:', 'text:Mail ');
    expect((await mend(specOf(joined), diagnose)).files[0]?.text).toBe(joined);
  });

  it('never opens anything to everyone', async () => {
    const text = 'site: S\napplications: { A: { allowed_to: [everyon] } }\n';
    expect(told(text)).toEqual([
      'reference.unknown: no group "everyon" in site S | Did you mean "everyone", the group of all users of site S?',
    ]);
    expect((await mend(specOf(text), diagnose)).files[0]?.text).toBe(text);
  });
});

describe('a policy that was moved', () => {
  const TEXT = `site: S
applications: { A: { policy: New } }
policies: { New: { items: [{ name: a, value: "text:b" }] } }
moved: [{ from: Old, to: New }, { from: "policy:T/Older", to: Old }]
`;

  it('is named by its kind, or by its new name alone', () => {
    expect(compiled(specOf(TEXT)).moves.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'policy:S/Old → policy:S/New',
      'policy:T/Older → policy:S/Old',
    ]);
  });

  it('is followed by who names it still, with a fix', async () => {
    const text = TEXT.replace('policy: New', 'policy: Old');
    const [problem] = diagnose(specOf(text));
    expect(problem?.help).toBe('The policy Old was moved to New (a.yaml:4:9): write New.');
    expect((await mend(specOf(text), diagnose)).files[0]?.text).toBe(TEXT);
  });

  it('has to say its kind where another entity has the name', () => {
    expect(told(`${TEXT}groups: { New: { members: [U] } }\nusers: { U: }\n`)[0]).toBe(
      'moved.ambiguous: "New" is the name of a group and a policy | Write to: group:New or to: policy:New.',
    );
  });
});

describe('an overlay', () => {
  const BASE = `site: S
applications: { A: { policy: P, access_rules: { all: [{ ip: [10.0.0.0/8] }] } } }
policies:
  P: { items: [{ name: a, value: "text:b" }], required: [a] }
`;
  const laid = (text: string) => specOf(BASE, { path: 'overlays/o/a.yaml', text, overlay: 0 });

  it('merges a policy by its name, and replaces its lists', () => {
    const { entity } = compiled(
      laid('site: S\npolicies: { P: { items: [{ name: a, value: "text:c" }], single_value: [a] } }\n'),
    );
    expect(entity('policy:S/P')).toEqual({
      kind: 'policy',
      items: [{ name: 'a', value: 'text:c' }],
      required: ['a'],
      single_value: ['a'],
    });
  });

  it('replaces access rules whole: half of one and half of another would be a third', () => {
    const { entity } = compiled(
      laid('site: S\napplications: { A: { access_rules: { any: [{ group: everyone }] } } }\n'),
    );
    expect(entity('application:S/A')).toMatchObject({ access_rules: { any: [{ group: 'group:S/everyone' }] } });
  });

  it('removes a policy and what names it', () => {
    const { state, entity } = compiled(
      laid('site: S\napplications: { A: { policy: null, access_rules: null } }\npolicies: { P: null }\n'),
    );
    expect(entity('application:S/A')).toEqual({ kind: 'application', client_id: 'A' });
    expect(state.has('policy:S/P')).toBe(false);
  });
});
