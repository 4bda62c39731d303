// Owns carrying out machine fixes on the texts of a spec, everything else kept letter for letter. Never writes a file,
// and never keeps a fix that does not make the spec better.

import type { Diagnostic, Fix } from '../model/diagnostic.ts';
import type { SourceRange } from '../model/origin.ts';
import type { SourceFile } from './source.ts';

/** How often a spec is compiled at most to find out which fixes help: far more than any but a hopeless one takes. */
const MOST_TRIALS = 300;
/** How many fixes in a row may each need the next one before things are better. */
const LONGEST_CHAIN = 3;

type Fixable = Diagnostic & { readonly fixes: readonly [Fix, ...Fix[]] };

/** What one round made. A fix that overlaps another one is left for the next round. */
export interface FixRound {
  readonly files: readonly SourceFile[];
  readonly applied: readonly Diagnostic[];
  readonly skipped: readonly Diagnostic[];
}

/** Carries out the first fix of each diagnostic that has one, as far as they do not meet. Offsets are UTF-16 units. */
export function applyFixes(files: readonly SourceFile[], diagnostics: readonly Diagnostic[]): FixRound {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const edits = new Map<string, Edit[]>();
  const applied: Diagnostic[] = [];
  const skipped: Diagnostic[] = [];
  for (const diagnostic of diagnostics.filter(isFixable)) {
    const own = diagnostic.fixes[0].edits.map(({ range, text }) => ({
      file: range.file,
      from: range.start.offset,
      to: range.end.offset,
      text,
    }));
    const places = own.map((edit) => {
      const source = texts.get(edit.file);
      return source === undefined || edit.to > source.length ? undefined : placeFor(edit, edits.get(edit.file) ?? []);
    });
    const fits = !places.includes(undefined);
    (fits ? applied : skipped).push(diagnostic);
    if (!fits) continue;
    for (const edit of own) {
      const others = edits.get(edit.file) ?? [];
      edits.set(edit.file, others);
      others.splice(placeFor(edit, others) ?? others.length, 0, edit);
    }
  }
  return {
    files: files.map((file) => {
      const own = edits.get(file.path);
      return own === undefined ? file : { ...file, text: edited(file.text, own) };
    }),
    applied,
    skipped,
  };
}

interface Edit {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Where an edit goes among those of its file, which are in order; undefined where it meets one. Edits that touch meet,
 * too: which of two insertions at one place comes first would be chance.
 */
function placeFor(edit: Edit, others: readonly Edit[]): number | undefined {
  let low = 0;
  let high = others.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((others[middle]?.from ?? 0) <= edit.to) low = middle + 1;
    else high = middle;
  }
  const before = others[low - 1];
  return before === undefined || before.to < edit.from ? low : undefined;
}

function edited(text: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { from, to, text: written } of edits) {
    out += text.slice(at, from) + written;
    at = to;
  }
  return out + text.slice(at);
}

/** What came of mending a spec. */
export interface Mended {
  /** All files; those that no fix touched are the ones that were given. */
  readonly files: readonly SourceFile[];
  /** In the order in which they were carried out; their ranges are those of the text at that time. */
  readonly fixed: readonly Diagnostic[];
  /** Those whose fix would only have put other problems in their place. */
  readonly refused: readonly Diagnostic[];
}

/** Compiles files and tells what is wrong with them. */
export type Diagnose = (files: readonly SourceFile[]) => readonly Diagnostic[] | Promise<readonly Diagnostic[]>;

/**
 * Carries out fixes, round by round, until none is left that helps. A fix helps when its own error is gone and no other
 * came in its place; one that is none by itself is tried together with what mends its consequences.
 */
export async function mend(files: readonly SourceFile[], diagnose: Diagnose): Promise<Mended> {
  let trials = 0;
  const compiled = async (texts: readonly SourceFile[]): Promise<Version> => {
    trials += 1;
    return { files: texts, diagnostics: await diagnose(texts) };
  };
  let current = await compiled(files);
  const fixed: Diagnostic[] = [];
  const refused: Diagnostic[] = [];
  /** Fixes that do not help by themselves, by what identifies them. */
  const alone = new Set<string>();
  const hopeless = new Set<string>();

  /** Of the fixes the most, as far as halving finds them, that help beside those that were taken already. */
  const take = async (base: Version, taken: Trial, more: readonly Fixable[]): Promise<Trial> => {
    if (more.length === 0 || trials >= MOST_TRIALS) return taken;
    const fixes = [...taken.fixes, ...more];
    const after = await compiled(applyFixes(base.files, fixes).files);
    if (helps(taken.after, more, after)) return { fixes, after };
    const [only] = more;
    if (more.length === 1 && only !== undefined) {
      alone.add(identify(only));
      return taken;
    }
    const middle = more.length >> 1;
    return take(base, await take(base, taken, more.slice(0, middle)), more.slice(middle));
  };

  /** The fix, then the fixes of what it brought to light. */
  const follow = async (base: Version, first: Fixable): Promise<Trial | undefined> => {
    const known = new Set(base.diagnostics.map(identify));
    const fixes = [first];
    let next: readonly Fixable[] = [first];
    let after = base;
    for (let step = 0; step < LONGEST_CHAIN && next.length > 0 && trials < MOST_TRIALS; step += 1) {
      after = await compiled(applyFixes(after.files, next).files);
      if (helps(base, [first], after)) return { fixes, after };
      next = applyFixes(
        after.files,
        after.diagnostics.filter((one) => !known.has(identify(one))),
      ).applied.filter(isFixable);
      for (const fix of next) known.add(identify(fix));
      fixes.push(...next);
    }
    return undefined;
  };

  while (trials < MOST_TRIALS) {
    const candidates = current.diagnostics.filter((one) => !hopeless.has(identify(one)));
    // Warnings wait until no error can be mended: they may be about what an error is about.
    const errors = candidates.filter((one) => isError(one) && isFixable(one) && !alone.has(identify(one)));
    const untried = errors.length > 0 ? errors : candidates.filter((one) => !alone.has(identify(one)));
    const round = applyFixes(current.files, untried).applied.filter(isFixable);
    const first = candidates.find(isFixable);
    const done =
      round.length > 0
        ? await take(current, { fixes: [], after: current }, round)
        : first && (await follow(current, first));
    if (done !== undefined) {
      fixed.push(...done.fixes);
      current = done.after;
    } else if (first === undefined) {
      break;
    } else {
      hopeless.add(identify(first));
      refused.push(first);
    }
  }
  return { files: current.files, fixed, refused };
}

interface Version {
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Trial {
  readonly fixes: readonly Fixable[];
  readonly after: Version;
}

/**
 * Whether fixes make a spec better: their own errors are gone, and none came in their place. Errors that were hidden
 * behind them and come to light elsewhere are no reason against it: they are told next. Where only warnings were to be
 * mended, there are as many fewer of them, and no error.
 */
function helps(before: Version, fixes: readonly Diagnostic[], after: Version): boolean {
  const errors = fixes.filter(isError);
  if (errors.length === 0) {
    const isNoWorse = after.diagnostics.filter(isError).length <= before.diagnostics.filter(isError).length;
    return isNoWorse && after.diagnostics.length <= before.diagnostics.length - fixes.length;
  }
  const [were, are] = [countOf(before.diagnostics), countOf(after.diagnostics)];
  for (const [one, times] of countOf(errors)) {
    if ((are.get(one) ?? 0) > (were.get(one) ?? 0) - times) return false;
  }
  const lines = new Set(
    fixes.flatMap(({ fixes: [first] = [] }) => (first?.edits ?? []).map(({ range }) => lineOf(range))),
  );
  const codes = new Set(fixes.map(({ code }) => code));
  return !after.diagnostics.some(
    (one) =>
      isError(one) &&
      (are.get(identify(one)) ?? 0) > (were.get(identify(one)) ?? 0) &&
      // What is no YAML any more hides whatever was wrong with it.
      (one.range === undefined || one.code === 'yaml.syntax' || (lines.has(lineOf(one.range)) && isTrade(one, codes))),
  );
}

/** Whether an error stands in the place of one that was mended; what has a fix of its own is mended next. */
function isTrade(error: Diagnostic, mended: ReadonlySet<string>): boolean {
  return mended.has(error.code) || (TRADED.test(error.code) && !isFixable(error));
}

/** What comes of a fix that guessed wrong: the value does not fit the name that was guessed. */
const TRADED =
  /^(?:value\.(?:type|invalid|not-allowed)|(?:name|yaml|secret|date|address|url|redirect-uri|issuer)\.|key\.duplicate)/;

/** How many there are of each: many lines may have the same problem. */
function countOf(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of diagnostics) counts.set(identify(one), (counts.get(identify(one)) ?? 0) + 1);
  return counts;
}

function lineOf({ file, start }: SourceRange): string {
  return `${start.line} ${file}`;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function isFixable(diagnostic: Diagnostic): diagnostic is Fixable {
  return diagnostic.fixes !== undefined && diagnostic.fixes.length > 0;
}

/** The same for a problem that moved to another place of its file. */
function identify({ code, range, detail, fixes }: Diagnostic): string {
  return JSON.stringify([code, range?.file, detail, fixes?.[0]?.title]);
}
