// Owns findings as SARIF 2.1.0 (OASIS), for code scanning and editors. Never quotes a line of the source, and names
// places by line and column only, so that no reader needs to agree on what an offset counts.

import type { Fix } from '../../model/diagnostic.ts';
import { digestBody } from '../../model/digest.ts';
import type { SourceRange } from '../../model/origin.ts';
import { DIAGNOSTICS } from '../catalogue.ts';
import { type Finding, type Findings, gravestFirst, messageOf, type Rule } from './findings.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
/** More results than this GitHub refuses as a whole: the gravest come first then. */
const MOST_RESULTS = 25_000;

type Located = Findings['located'];

/** Plain data, ready for JSON.stringify. `version` is Charter's own, `most` how many results there may be. */
export function findingsToSarif(
  { diagnostics, located, failure, rules: more, notes = [] }: Findings<Finding>,
  version: string,
  most = MOST_RESULTS,
): object {
  const shown = diagnostics.length > most ? gravestFirst(diagnostics).slice(0, most) : diagnostics;
  const left = diagnostics.length - shown.length;
  const used = new Set(shown.map(({ code }) => code));
  const known: Readonly<Record<string, Rule>> = { ...DIAGNOSTICS, ...more };
  const rules = Object.entries(known).filter(([code]) => used.has(code));
  const indexes = new Map(rules.map(([code], index) => [code, index]));
  const notifications = [
    ...(failure === undefined ? [] : [{ level: 'error', message: told(failure.message) }]),
    ...notes.map((note) => ({ level: 'warning', message: told(note) })),
    ...(left === 0 ? [] : [{ level: 'warning', message: told(`${left} more ${wordsOf(diagnostics)} are left out.`) }]),
  ];
  const seen = new Map<string, number>();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Charter', version, rules: rules.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: failure === undefined,
            ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
          },
        ],
        // Columns of Charter count characters, not UTF-16 code units (section 3.14.27).
        columnKind: 'unicodeCodePoints',
        results: shown.map((finding) => ({
          ruleId: finding.code,
          ...(indexes.has(finding.code) ? { ruleIndex: indexes.get(finding.code) } : {}),
          level: finding.severity,
          message: told(`${finding.summary}: ${messageOf(finding)}`),
          ...placesOf(finding, located),
          partialFingerprints: { 'charterDiagnostic/v1': fingerprint(finding, located, seen) },
        })),
      },
    ],
  };
}

/**
 * Braces in a message would be places for arguments, so they are doubled (section 3.11.5); `[text](target)` would be a
 * link (3.11.6), which a name in a spec may not make.
 */
function told(message: string): { readonly text: string } {
  return { text: message.replace(/[{}]/g, '$&$&').replaceAll('](', '] (') };
}

/** Notes are no problems. */
function wordsOf(findings: readonly Finding[]): string {
  return findings.some(({ severity }) => severity === 'note') ? 'findings' : 'problems';
}

function ruleOf([code, { severity, summary, explanation }]: readonly [string, Rule]): object {
  return {
    id: code,
    shortDescription: told(summary),
    fullDescription: told(explanation),
    help: told(explanation),
    defaultConfiguration: { level: severity },
  };
}

function placesOf({ range, address, related, fixes }: Finding, located: Located): object {
  const logical = address === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: address }] };
  const location = { ...(range === undefined ? {} : physical(range, located)), ...logical };
  return {
    ...(range === undefined && address === undefined ? {} : { locations: [location] }),
    ...(related === undefined
      ? {}
      : {
          relatedLocations: related.map((place, id) => ({
            id,
            ...physical(place.range, located),
            message: told(place.message),
          })),
        }),
    ...(fixes === undefined ? {} : { fixes: fixes.map((fix) => fixOf(fix, located)) }),
  };
}

function fixOf({ title, edits }: Fix, located: Located): object {
  const files = [...new Set(edits.map(({ range }) => range.file))];
  return {
    description: told(title),
    artifactChanges: files.map((file) => ({
      artifactLocation: { uri: uriOf(located(file)) },
      replacements: edits
        .filter(({ range }) => range.file === file)
        .map(({ range, text }) => ({
          deletedRegion: regionOf(range),
          ...(text === '' ? {} : { insertedContent: { text } }),
        })),
    })),
  };
}

function physical(range: SourceRange, located: Located): object {
  return { physicalLocation: { artifactLocation: { uri: uriOf(located(range.file)) }, region: regionOf(range) } };
}

/** Lines and columns from 1; `endColumn` is the one behind the last character (section 3.30.8). */
function regionOf({ start, end }: SourceRange): object {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** A relative reference, or a file URL of an absolute path (RFC 3986, RFC 8089). */
function uriOf(path: string): string {
  const encoded = path
    .replace(/\p{Cs}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}

/** The same for a finding that moved to another line; those that are alike are told apart by their order. */
function fingerprint(
  { code, address, range, detail, identity }: Finding,
  located: Located,
  seen: Map<string, number>,
): string {
  const what = JSON.stringify(
    identity === undefined ? [code, address, range && located(range.file), detail] : [code, identity],
  );
  const before = seen.get(what) ?? 0;
  seen.set(what, before + 1);
  return digestBody(`${what}\n${before}`).slice('sha256:'.length, 'sha256:'.length + 32);
}
