import { describe, expect, it } from 'vitest';
import { parseApproval, RISK_KINDS } from '../../src/model/approval.ts';
import { digestState } from '../../src/model/digest.ts';
import { unusedApproval } from '../../src/spec/approvals.ts';
import { compile } from '../../src/spec/compile.ts';
import { mend } from '../../src/spec/fix.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { serverSchema } from '../../src/spec/schemas.gen.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const DIGEST = '0123456789abcdef';
const HEAD = 'server: { issuer: https://id.example.com }\n';

function specOf(text: string, ...others: readonly SourceFile[]): SourceFile[] {
  return [{ path: 'a.yaml', text: HEAD + text }, ...others];
}

function compiled(files: readonly SourceFile[]) {
  const checked = compile(files);
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, files, { color: false }));
  return checked.value;
}

describe('approvals of a spec', () => {
  it('are those of all documents, overlays included, in the order of their places, each with its place', () => {
    const files = specOf(
      `approvals:\n  - deletes:Example@${DIGEST}\n  - live-tokens:Example/Client1@${DIGEST}\n`,
      { path: 'z.yaml', text: `approvals: [restricted:Example/Server1@${DIGEST}]\n` },
      { path: 'o.yaml', text: `approvals: ["keys:server@${DIGEST}"]\n`, overlay: 0 },
    );
    const { approvals } = compiled(files);
    expect(
      approvals.map(({ range, ...one }) => [one, `${range?.file}:${range?.start.line}:${range?.start.column}`]),
    ).toEqual([
      [{ risk: 'deletes', subject: 'Example', digest: DIGEST }, 'a.yaml:3:5'],
      [{ risk: 'live-tokens', subject: 'Example/Client1', digest: DIGEST }, 'a.yaml:4:5'],
      [{ risk: 'keys', subject: 'server', digest: DIGEST }, 'o.yaml:1:13'],
      [{ risk: 'restricted', subject: 'Example/Server1', digest: DIGEST }, 'z.yaml:1:13'],
    ]);
    expect(structuredClone(approvals)).toEqual(approvals);
  });

  it('are in no State and no digest', () => {
    const { state } = compiled(specOf(`approvals: [deletes:Example@${DIGEST}]\n`));
    expect(digestState(state)).toBe(digestState(compiled(specOf('')).state));
  });

  it('are none of an overlay that removes them', () => {
    const over = { path: 'o.yaml', text: 'approvals:\n', overlay: 0 };
    expect(compiled(specOf(`approvals: [deletes:Example@${DIGEST}]\n`, over)).approvals).toEqual([]);
  });

  it.each(RISK_KINDS.filter((kind) => kind !== 'protected'))('may be of %s, and the schema names it', (kind) => {
    const text = `${kind}:Example@${DIGEST}`;
    expect(compiled(specOf(`approvals: [${text}]\n`)).approvals).toMatchObject([parseApproval(text)]);
    expect(serverSchema.properties.approvals.items.description).toContain(kind);
  });
});

describe('a text that is no approval', () => {
  const told = (text: string) => {
    const { diagnostics } = compile(specOf(`approvals: [${text}]\n`));
    return diagnostics.map(({ code, detail, help }) => [code, detail, help]);
  };
  const FORM = `Write the line that charter plan prints for the risk, such as deletes:Example@${DIGEST}.`;
  const RISKS = 'The risks are deletes, emptied, issuer, keys, live-tokens, older-commit, restricted.';

  it.each([
    ['anything', '"anything" is no approval', FORM],
    [`removals:Example@${DIGEST}`, 'no risk is called "removals"', RISKS],
    [`deltes:Example@${DIGEST}`, 'no risk is called "deltes"', `Did you mean "deletes"? ${RISKS}`],
    ['deletes:Example', 'behind deletes: its subject, @ and 16 hex digits in lower case are expected', FORM],
    [`deletes:@${DIGEST}`, 'behind deletes: its subject, @ and 16 hex digits in lower case are expected', FORM],
    ['deletes:Example@0123', 'behind deletes: its subject, @ and 16 hex digits in lower case are expected', FORM],
    [
      `protected:Example/Client1@${DIGEST}`,
      'the deletion of what is protected cannot be approved: it takes two applies',
      'Remove the line. Apply the application without protected: true first, then do this.',
    ],
  ])('%s', (text, detail, help) => {
    expect(told(text)).toEqual([['approval.invalid', detail, help]]);
  });

  it('is mended where only its kind is misspelt', async () => {
    const files = specOf(`approvals: ["deltes:Example@${DIGEST}"]\n`);
    const after = await mend(files, (texts) => compile(texts).diagnostics);
    expect(after.files[0]?.text).toBe(`${HEAD}approvals: [deletes:Example@${DIGEST}]\n`);
  });

  it('hides no word of the others: live-tokens is no key of a secret', () => {
    const files = specOf(`approvals: [live-tokens:Example/Client1@${DIGEST}, deletes:Example/Client1]\n`);
    const frame = renderDiagnostics(compile(files).diagnostics, files, { color: false });
    expect(frame).toContain(`live-tokens:Example/Client1@${DIGEST}, deletes:Example/Client1`);
    expect(frame).not.toContain('***');
    const key = specOf('approvals: [1]\nlive-tokens: CANARY7 # a key that is none\n');
    expect(renderDiagnostics(compile(key).diagnostics, key, { color: false })).not.toContain('CANARY7');
  });
});

describe('server.safety, restricted and protected', () => {
  it('are in State as they are written, with nothing filled in', () => {
    const server = (safety: string) =>
      compiled([{ path: 'a.yaml', text: `server: { issuer: https://a.example${safety} }` }]);
    expect(server('').state.get('server')).not.toHaveProperty('safety');
    expect(server(', safety: { deletes: { percent: 0, x-why: y } }').state.get('server')).toMatchObject({
      safety: { deletes: { percent: 0 } },
    });
    const { safety } = server(', safety: { deletes: { at_least: 5 }, x-a: 1 }').state.get('server') as {
      safety: unknown;
    };
    expect(safety).toEqual({ deletes: { at_least: 5 } });
  });

  it('of an application count before those of its site', () => {
    const site = 'site: S\ndefaults: { applications: { restricted: true, protected: true } }\n';
    const text = `---\n${site}applications: { A: {}, B: { restricted: false, protected: false } }\n`;
    const { state } = compiled(specOf(text));
    expect(state.get('application:S/A')).toMatchObject({ restricted: true, protected: true });
    expect(state.get('application:S/B')).toMatchObject({ restricted: false, protected: false });
  });

  it.each([
    ['percent: 101', 'the number 101 is more than 100'],
    ['percent: -1', 'the number -1 is less than 0'],
    ['percent: 10%', 'a number is expected, and this is text'],
    ['at_least: 0', 'the number 0 is less than 1'],
    ['at_least: 0.5', 'a whole number is expected, and this is the number 0.5'],
  ])('a threshold of %s is refused', (written, detail) => {
    const text = `server: { issuer: https://a.example, safety: { deletes: { ${written} } } }`;
    expect(compile([{ path: 'a.yaml', text }]).diagnostics.map((one) => one.detail)).toEqual([detail]);
  });
});

it('an approval that approves nothing is a warning, at its place where it has one', () => {
  const [approval] = compiled(specOf(`approvals: [deletes:Example@${DIGEST}]\n`)).approvals;
  expect(approval === undefined ? undefined : unusedApproval(approval)).toMatchObject({
    severity: 'warning',
    code: 'approval.unused',
    detail: `no risk of this plan is deletes:Example@${DIGEST}`,
    range: { file: 'a.yaml', start: { line: 2, column: 13 } },
  });
  expect(unusedApproval({ risk: 'deletes', subject: 'Example', digest: DIGEST })).not.toHaveProperty('range');
});
