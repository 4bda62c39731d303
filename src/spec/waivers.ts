// Owns server.lint.allow: which diagnostics are waived, and what is wrong with a waiver. Never finds anything else.

import { type Address, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { DIAGNOSTICS, type DiagnosticCode, isWaivable, report } from './catalogue.ts';
import type { Declarations } from './merge.ts';
import { nearest } from './nearest.ts';
import { replace } from './schema-fault.ts';
import { entryOf, itemsOf, type Node, rangeOf, spanOfItem } from './tree.ts';

/** One waiver, as data: it goes with the compiled spec, as some diagnostics are found later. */
export interface Waiver {
  readonly code: string;
  /** `Site/Name`, or the name of a site, method or scope; the whole spec where undefined. */
  readonly at: string | undefined;
}

/**
 * Codes that are found after compiling, where values of secrets and the store are: whether a waiver of one is used is not
 * known here.
 */
const FOUND_LATER: readonly string[] = [
  'secret.weak',
  'approval.spent',
  'approval.unused',
  'moved.taken',
  'moved.unknown',
];

export interface WrittenWaiver extends Waiver {
  readonly node: Node;
}

/** The waivers of a spec that hold; tells of those that cannot. */
export function readWaivers({ server }: Declarations, problems: Diagnostic[]): readonly WrittenWaiver[] {
  const allow = server === undefined ? undefined : entryOf(entryOf(server.entry.value, 'lint')?.value, 'allow');
  return itemsOf(allow?.value).flatMap((node) => {
    const code = textOf(node, 'code');
    const at = textOf(node, 'at');
    const place = entryOf(node, 'code')?.value;
    // What the schema refused is told already.
    if (code === undefined || place === undefined || textOf(node, 'reason') === undefined) return [];
    if (!isCode(code)) {
      const near = nearest(code, Object.keys(DIAGNOSTICS));
      problems.push(
        report('lint.unknown-code', {
          detail: `no diagnostic has the code ${JSON.stringify(code)}`,
          help: near === undefined ? 'docs/diagnostics.md lists all codes.' : `Did you mean "${near}"?`,
          range: rangeOf(place.span),
          fixes: near === undefined ? [] : [replace(place.span, near, `Write ${near}`)],
        }),
      );
      return [];
    }
    if (!isWaivable(code)) {
      problems.push(
        report('lint.not-waivable', {
          detail: `${code} cannot be waived`,
          help: 'Remove the waiver, and mend what is told.',
          range: rangeOf(place.span),
        }),
      );
      return [];
    }
    return [{ code, at, node }];
  });
}

/** The diagnostics that no waiver covers. */
export function withoutWaived(diagnostics: readonly Diagnostic[], waivers: readonly Waiver[]): readonly Diagnostic[] {
  if (waivers.length === 0) return diagnostics;
  return diagnostics.filter((diagnostic) => !waivers.some((waiver) => covers(waiver, diagnostic)));
}

/** Tells of waivers that cover nothing of all that was found in a whole spec. */
export function tellUnused(
  waivers: readonly WrittenWaiver[],
  found: readonly Diagnostic[],
  problems: Diagnostic[],
): void {
  for (const waiver of waivers) {
    if (FOUND_LATER.includes(waiver.code) || found.some((diagnostic) => covers(waiver, diagnostic))) continue;
    problems.push(
      report('lint.unused-waiver', {
        detail: `${waiver.code} is not told ${waiver.at === undefined ? 'anywhere' : `at ${waiver.at}`}`,
        help: 'Remove it, or correct code or at.',
        range: rangeOf(spanOfItem(waiver.node)),
      }),
    );
  }
}

function covers({ code, at }: Waiver, diagnostic: Diagnostic): boolean {
  if (diagnostic.code !== code) return false;
  return at === undefined || (diagnostic.address !== undefined && namesOf(diagnostic.address).includes(at));
}

/** What a waiver may call an entity: itself, or the site that it is in. */
function namesOf(address: Address): readonly (string | undefined)[] {
  return [qualifiedName(address), siteOf(address), address === 'server' ? nameOf(address) : undefined];
}

function isCode(text: string): text is DiagnosticCode {
  return Object.hasOwn(DIAGNOSTICS, text);
}

function textOf(node: Node, key: string): string | undefined {
  const value = entryOf(node, key)?.value;
  return value?.type === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}
